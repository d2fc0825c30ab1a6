using Model = HaGrpc.Core.Model;

namespace HaGrpc.Contracts;

/// <summary>A hook on the wire and in the model.</summary>
public static class HookMapping
{
    /// <summary>The message of a hook, every field set.</summary>
    public static V1.Hook ToProto(this Model.Hook hook)
    {
        var proto = new V1.Hook
        {
            Name = hook.Name,
            Phase = hook.Phase.ToProto(),
            Timeout = hook.Timeout.ToProto(),
            User = hook.User,
            Style = hook.Style.ToProto(),
        };
        proto.Events.AddRange(hook.Events.Select(e => e.ToProto()));
        proto.Command.AddRange(hook.Command);
        return proto;
    }

    /// <summary>The hook of a message; what is absent takes its default.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An event, phase or style that this version does not know.</exception>
    public static Model.Hook ToModel(this V1.Hook hook) => new(
        hook.Name,
        [.. hook.Events.Select(e => e.ToModel())],
        hook.Phase.ToModel(),
        [.. hook.Command],
        hook.Timeout.ToModel(Model.Hook.DefaultTimeout),
        hook.User,
        hook.Style.ToModel());

    private static V1.HookEvent ToProto(this Model.HookEvent of) => of switch
    {
        Model.HookEvent.Promote => V1.HookEvent.Promote,
        Model.HookEvent.Demote => V1.HookEvent.Demote,
        Model.HookEvent.Fault => V1.HookEvent.Fault,
        Model.HookEvent.Stop => V1.HookEvent.Stop,
        _ => throw new ArgumentOutOfRangeException(nameof(of), of, "Not an event of a hook."),
    };

    private static Model.HookEvent ToModel(this V1.HookEvent of) => of switch
    {
        V1.HookEvent.Promote => Model.HookEvent.Promote,
        V1.HookEvent.Demote => Model.HookEvent.Demote,
        V1.HookEvent.Fault => Model.HookEvent.Fault,
        V1.HookEvent.Stop => Model.HookEvent.Stop,
        _ => throw new ArgumentOutOfRangeException(nameof(of), of, "An event of a newer version."),
    };

    private static V1.HookPhase ToProto(this Model.HookPhase phase) => phase switch
    {
        Model.HookPhase.Before => V1.HookPhase.Before,
        Model.HookPhase.After => V1.HookPhase.After,
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "Not a phase of a hook."),
    };

    private static Model.HookPhase ToModel(this V1.HookPhase phase) => phase switch
    {
        V1.HookPhase.Before => Model.HookPhase.Before,
        V1.HookPhase.Unspecified or V1.HookPhase.After => Model.HookPhase.After,
        _ => throw new ArgumentOutOfRangeException(nameof(phase), phase, "A phase of a newer version."),
    };

    private static V1.HookStyle ToProto(this Model.HookStyle style) => style switch
    {
        Model.HookStyle.Plain => V1.HookStyle.Plain,
        Model.HookStyle.Keepalived => V1.HookStyle.Keepalived,
        Model.HookStyle.KeepalivedState => V1.HookStyle.KeepalivedState,
        _ => throw new ArgumentOutOfRangeException(nameof(style), style, "Not a style of a hook."),
    };

    private static Model.HookStyle ToModel(this V1.HookStyle style) => style switch
    {
        V1.HookStyle.Unspecified or V1.HookStyle.Plain => Model.HookStyle.Plain,
        V1.HookStyle.Keepalived => Model.HookStyle.Keepalived,
        V1.HookStyle.KeepalivedState => Model.HookStyle.KeepalivedState,
        _ => throw new ArgumentOutOfRangeException(nameof(style), style, "A style of a newer version."),
    };
}
