using HaGrpc.V1;

namespace HaGrpc.Ctl.Manifests;

/// <summary>An item of <c>hosts</c>.</summary>
internal static class HostSection
{
    internal static Host Read(MapReader map)
    {
        var host = new Host
        {
            Name = map.Text("name") ?? "",
            Description = map.Text("description") ?? "",
            Fence = FenceSection.Read(map),
        };
        map.RefuseOthers();
        return host;
    }
}
