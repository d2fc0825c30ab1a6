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
}

/// <summary>What the leader knows of a group.</summary>
/// <param name="Owner">The owner, or null.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Phase">What is happening.</param>
/// <param name="LeaseLeft">Until the recorded expiry; negative when past; null for a lease without end.</param>
/// <param name="Obstacle">Why nothing can be done now; empty when nothing needs to be done.</param>
public sealed record GroupReport(string? Owner, long Epoch, GroupPhase Phase, TimeSpan? LeaseLeft, string Obstacle);
