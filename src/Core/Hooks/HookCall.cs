using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Hooks;

/// <summary>One hook that is to run on one occasion.</summary>
/// <param name="Hook">The hook.</param>
/// <param name="Event">What it is called for.</param>
/// <param name="Role">What this host is in the group by then: owner, standby or fault.</param>
/// <param name="NeedsLease">True when it acts as owner: it is killed when the lease ends.</param>
public sealed record HookCall(Hook Hook, HookEvent Event, string Role, bool NeedsLease)
{
    /// <summary>The event's word in manifests.</summary>
    public string EventWord => Event switch
    {
        HookEvent.Promote => "promote",
        HookEvent.Demote => "demote",
        HookEvent.Fault => "fault",
        _ => "stop",
    };

    /// <summary>The phase's word in manifests.</summary>
    public string PhaseWord => Hook.Phase == HookPhase.Before ? "before" : "after";

    /// <summary>keepalived's word for the state that is reached.</summary>
    public string State => Event switch
    {
        HookEvent.Promote => "MASTER",
        HookEvent.Demote => "BACKUP",
        HookEvent.Fault => "FAULT",
        _ => "STOP",
    };

    /// <summary>The words to execute, the path first.</summary>
    /// <param name="group">The group.</param>
    /// <param name="priority">This host's priority in it.</param>
    public ImmutableArray<string> Words(string group, int priority) => Hook.Style == HookStyle.Keepalived
        ? [.. Hook.Command, "INSTANCE", group, State, priority.ToString(CultureInfo.InvariantCulture)]
        : Hook.Command;
}
