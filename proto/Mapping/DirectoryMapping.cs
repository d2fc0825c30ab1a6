using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A directory of a group on the wire and in the model.</summary>
public static class DirectoryMapping
{
    /// <summary>The message of a directory.</summary>
    public static V1.GroupDirectory ToProto(this Model.GroupDirectory directory)
    {
        var proto = new V1.GroupDirectory { Path = directory.Path, MaxLag = directory.MaxLag.ToProto() };
        proto.Exclude.AddRange(directory.Exclude);
        return proto;
    }

    /// <summary>The directory of a message; what is absent takes its default. Nothing is validated here.</summary>
    public static Model.GroupDirectory ToModel(this V1.GroupDirectory directory) => new(directory.Path)
    {
        Exclude = [.. directory.Exclude],
        MaxLag = directory.MaxLag.ToModel(Model.GroupDirectory.DefaultMaxLag),
    };
}
