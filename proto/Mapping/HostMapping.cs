using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A host on the wire and in the model.</summary>
public static class HostMapping
{
    /// <summary>The message of a host.</summary>
    public static V1.Host ToProto(this Model.Host host) => new() { Name = host.Name, Description = host.Description };

    /// <summary>The host of a message; nothing is validated here.</summary>
    public static Model.Host ToModel(this V1.Host host) => new(host.Name, host.Description);
}
