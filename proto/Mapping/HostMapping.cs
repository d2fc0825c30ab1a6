using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A host on the wire and in the model.</summary>
public static class HostMapping
{
    /// <summary>The message of a host.</summary>
    public static V1.Host ToProto(this Model.Host host) =>
        new() { Name = host.Name, Description = host.Description, Fence = host.Fence?.ToProto() };

    /// <summary>The host of a message; nothing is validated here.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Its fence device has an action that this version does not know.</exception>
    public static Model.Host ToModel(this V1.Host host) => new(host.Name, host.Description) { Fence = host.Fence?.ToModel() };
}
