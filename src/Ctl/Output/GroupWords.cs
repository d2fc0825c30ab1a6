using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>A manifest's words.</summary>
internal static class GroupWords
{
    internal static string Of(HookEvent of) => of switch
    {
        HookEvent.Promote => "promote",
        HookEvent.Demote => "demote",
        HookEvent.Fault => "fault",
        HookEvent.Stop => "stop",
        _ => "unknown",
    };

    internal static string Of(HookPhase phase) => phase == HookPhase.Before ? "before" : "after";

    internal static string Of(HookStyle style) => style switch
    {
        HookStyle.Unspecified or HookStyle.Plain => "plain",
        HookStyle.Keepalived => "keepalived",
        HookStyle.KeepalivedState => "keepalived_state",
        _ => "unknown",
    };
}
