using System.Collections.Immutable;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>Who owns a group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Owner">The host; null while nobody ever owned it.</param>
/// <param name="Epoch">Raised by every change of owner; never comes back. 0 while nobody ever owned it.</param>
/// <param name="Attempt">What the next promotion must name; raised when an unknown outcome is settled (rule C6).</param>
/// <param name="Term">The leadership under which it was written; 0 for a new group.</param>
/// <param name="ChangedAt">When this epoch was committed, by the leader's wall clock: for display only.</param>
/// <param name="Reason">Why it moved.</param>
/// <param name="MovedBy">Who asked; empty for the system itself.</param>
/// <param name="Views">The last confirmed view, if any, and every later one (rules C1, C4); versions ascend. Never empty.</param>
internal sealed record OwnershipRecord(
    string Group,
    string? Owner,
    long Epoch,
    long Attempt,
    long Term,
    DateTimeOffset ChangedAt,
    string Reason,
    string MovedBy,
    ImmutableArray<ViewRecord> Views)
{
    /// <summary>Version of the last confirmed view; 0 for none.</summary>
    public long ConfirmedView => Views.LastOrDefault(static v => v.ConfirmedAt is not null)?.View.Version ?? 0;

    /// <summary>What the core needs of it.</summary>
    public StoredOwnership ToCore() => new(Group, Owner, Epoch) { IsOver = EndedAt is not null };

    /// <summary>When the epoch was found over with the deletion of its group (rule C11); null while it may be in force.</summary>
    public DateTimeOffset? EndedAt { get; init; }
}

/// <summary>A view as stored.</summary>
/// <param name="View">Who, besides the owner, may be promoted, and how long leases last.</param>
/// <param name="Epoch">The epoch in which it was written.</param>
/// <param name="WrittenAt">When it was written; for display only.</param>
/// <param name="ConfirmedAt">When the owner's confirmation was stored; null: not confirmed.</param>
internal sealed record ViewRecord(View View, long Epoch, DateTimeOffset WrittenAt, DateTimeOffset? ConfirmedAt);

/// <summary>A change of owner to commit (rule C6).</summary>
/// <param name="Group">The group.</param>
/// <param name="ExpectedEpoch">The epoch that the decision is based on.</param>
/// <param name="Epoch">The new epoch, which is higher: by one, or by much after a restore (rule S4).</param>
/// <param name="ExpectedAttempt">As read with the epoch; a promotion that names an older one never lands.</param>
/// <param name="NewOwner">The host.</param>
/// <param name="Term">The leadership under which it was decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="Actor">Who asked; empty for the system itself.</param>
/// <param name="View">A view to write with it, newer than every earlier one; null: the newest one goes on (rule V1).</param>
/// <param name="Event">The history's line. Group, epoch and actor are filled in, and the host when it is empty.</param>
internal sealed record Promotion(
    string Group,
    long ExpectedEpoch,
    long Epoch,
    long ExpectedAttempt,
    string NewOwner,
    long Term,
    string Reason,
    string Actor,
    View? View,
    EventRecord Event);

/// <summary>The host that has a group which was not ours so far.</summary>
/// <param name="Group">The group.</param>
/// <param name="Host">The host.</param>
/// <param name="Term">The leadership under which it was decided.</param>
/// <param name="Reason">Why.</param>
/// <param name="LockedBy">In whose name the group is locked: who it is on the next call as well.</param>
internal sealed record FirstOwner(string Group, string Host, long Term, string Reason, string LockedBy);

/// <summary>How an ownership write ended.</summary>
/// <param name="Outcome">Committed, lost or unknown.</param>
/// <param name="Detail">One line for the operator: why it was lost or is unknown.</param>
internal sealed record OwnershipWrite(OwnershipOutcome Outcome, string Detail);

/// <summary>How an ownership write ended.</summary>
internal enum OwnershipOutcome
{
    /// <summary>It is in the database.</summary>
    Committed,

    /// <summary>It is not and never will be: epoch, term or view version were not as expected.</summary>
    Lost,

    /// <summary>The database failed: it may or may not be there. <see cref="OwnershipTables.SettleAsync"/> tells.</summary>
    Unknown,
}
