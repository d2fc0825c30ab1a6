using System.Collections.Immutable;

namespace HaGrpc.Core.Model;

/// <summary>What a hook is called for.</summary>
public enum HookEvent
{
    /// <summary>This host becomes the owner.</summary>
    Promote,

    /// <summary>This host is the owner no more.</summary>
    Demote,

    /// <summary>The ownership ended without having been given up, or this host cannot run the group.</summary>
    Fault,

    /// <summary>The agent was told to stop and has given up what this host owned.</summary>
    Stop,
}

/// <summary>When a hook runs, measured by its event.</summary>
public enum HookPhase
{
    /// <summary>Of a promotion: before the first program starts. Of a planned demotion: when it begins.</summary>
    Before,

    /// <summary>When it is done.</summary>
    After,
}

/// <summary>How a hook is called.</summary>
public enum HookStyle
{
    /// <summary>The command as it stands.</summary>
    Plain,

    /// <summary>With keepalived's four arguments of <c>notify</c> behind it: <c>INSTANCE</c>, group, state, priority.</summary>
    Keepalived,

    /// <summary>The command as it stands, on keepalived's occasions: its <c>notify_master</c>, <c>notify_backup</c> and so on.</summary>
    KeepalivedState,
}

/// <summary>A command that an agent runs when its host gets or loses a group.</summary>
/// <param name="Name">Unique in its group.</param>
/// <param name="Events">What it is called for, at least one.</param>
/// <param name="Phase">Before or after; before only for promotions and demotions.</param>
/// <param name="Command">An absolute path and its arguments; no shell reads them.</param>
/// <param name="Timeout">How long it may take before its whole process tree is killed; 100 ms to 1 h, before a promotion at most 1 min.</param>
/// <param name="User">Name or number; empty for the agent's own.</param>
/// <param name="Style">How it is called.</param>
public sealed record Hook(
    string Name,
    ImmutableArray<HookEvent> Events,
    HookPhase Phase,
    ImmutableArray<string> Command,
    TimeSpan Timeout,
    string User,
    HookStyle Style)
{
    /// <summary>How long a hook may take when nothing is said.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);
}
