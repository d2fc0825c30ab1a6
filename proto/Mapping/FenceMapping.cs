using System.Collections.Immutable;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>Fence devices on the wire and in the model.</summary>
public static class FenceMapping
{
    /// <summary>The message of a fence device, every field set.</summary>
    public static V1.FenceDevice ToProto(this Model.FenceDevice device)
    {
        var proto = new V1.FenceDevice { Agent = device.Agent, Action = device.Action.ToProto(), Timeout = device.Timeout.ToProto() };
        foreach (var (name, value) in device.Options)
            proto.Options.Add(name, value);
        return proto;
    }

    /// <summary>The fence device of a message; what is absent takes its default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An action that this version does not know.</exception>
    public static Model.FenceDevice ToModel(this V1.FenceDevice device) => new(
        device.Agent,
        device.Action.ToModel(),
        device.Timeout.ToModel(Model.FenceDevice.DefaultTimeout),
        device.Options.ToImmutableSortedDictionary(StringComparer.Ordinal));

    internal static V1.Fencing ToProto(this Model.Fencing fencing) => fencing switch
    {
        Model.Fencing.Off => V1.Fencing.Off,
        Model.Fencing.Required => V1.Fencing.Required,
        _ => throw new ArgumentOutOfRangeException(nameof(fencing), fencing, "Not a kind of fencing."),
    };

    internal static Model.Fencing ToModel(this V1.Fencing fencing) => fencing switch
    {
        V1.Fencing.Unspecified or V1.Fencing.Off => Model.Fencing.Off,
        V1.Fencing.Required => Model.Fencing.Required,
        _ => throw new ArgumentOutOfRangeException(nameof(fencing), fencing, "Fencing of a newer version."),
    };

    private static V1.FenceAction ToProto(this Model.FenceAction action) => action switch
    {
        Model.FenceAction.Off => V1.FenceAction.Off,
        Model.FenceAction.Reboot => V1.FenceAction.Reboot,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "Not an action of a fence device."),
    };

    private static Model.FenceAction ToModel(this V1.FenceAction action) => action switch
    {
        V1.FenceAction.Unspecified or V1.FenceAction.Off => Model.FenceAction.Off,
        V1.FenceAction.Reboot => Model.FenceAction.Reboot,
        _ => throw new ArgumentOutOfRangeException(nameof(action), action, "An action of a newer version."),
    };
}
