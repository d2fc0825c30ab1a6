using System.Collections.Immutable;

namespace HaGrpc.Core.Ownership;

/// <summary>What is happening to a group.</summary>
public enum GroupPhase
{
    /// <summary>Nobody owns it.</summary>
    Unowned,

    /// <summary>The owner's lease is being renewed.</summary>
    Owned,

    /// <summary>The owner is silent; its lease and the margin must run out first.</summary>
    Waiting,

    /// <summary>A new owner is being committed.</summary>
    Deciding,

    /// <summary>A new owner is committed and has no lease yet.</summary>
    Promoting,

    /// <summary>The owner is asked to release for a planned change.</summary>
    Releasing,

    /// <summary>It is to be deleted, and ends first (rule C11).</summary>
    Retiring,
}

/// <summary>What the leader knows of a group.</summary>
/// <param name="Owner">The owner, or null.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Phase">What is happening.</param>
/// <param name="LeaseLeft">Until the recorded expiry; negative when past; null for a lease without end.</param>
/// <param name="Obstacle">Why nothing can be done now; empty when nothing needs to be done.</param>
/// <param name="Backups">The members that do not own it, best first.</param>
public sealed record GroupReport(
    string? Owner,
    long Epoch,
    GroupPhase Phase,
    TimeSpan? LeaseLeft,
    string Obstacle,
    ImmutableArray<BackupReport> Backups)
{
    /// <summary>What else an operator should know of where it is and will be, such as priorities that checks have changed; empty for nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>Every member's priority with what its checks add (rule C5): 1 to 255.</summary>
    public ImmutableArray<(string Host, int Priority)> Priorities { get; init; } = [];
}

/// <summary>A member that does not own the group.</summary>
/// <param name="Host">Its host.</param>
/// <param name="Obstacle">Why it could not be promoted now; empty when it could (rule C5).</param>
public readonly record struct BackupReport(string Host, string Obstacle)
{
    /// <summary>Its priority, when checks have changed it (rule C5); else empty.</summary>
    public string Priority { get; init; } = "";
}
