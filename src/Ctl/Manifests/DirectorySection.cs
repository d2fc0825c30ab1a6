using HaGrpc.Contracts;
using HaGrpc.V1;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>An item of a group's <c>directories</c>.</summary>
internal static class DirectorySection
{
    internal static GroupDirectory Read(MapReader map)
    {
        var directory = new GroupDirectory
        {
            Path = map.Text("path") ?? "",
            MaxLag = (map.Duration("max_lag") ?? Model.GroupDirectory.DefaultMaxLag).ToProto(),
        };
        directory.Exclude.AddRange(map.TextList("exclude"));
        map.RefuseOthers();
        return directory;
    }
}
