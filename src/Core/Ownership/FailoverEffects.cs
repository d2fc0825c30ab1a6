using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Something the control plane must do now, in the order given.</summary>
public abstract record FailoverEffect;

/// <summary>Answer a heartbeat.</summary>
/// <param name="Host">The host.</param>
/// <param name="StreamId">The stream to answer on; a stream that is gone makes it void.</param>
/// <param name="Answer">The answer.</param>
public sealed record SendAnswer(string Host, long StreamId, HeartbeatAnswer Answer) : FailoverEffect;

/// <summary>Tell a host that it was promoted (rule C7).</summary>
/// <param name="Host">The host.</param>
/// <param name="StreamId">The stream.</param>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The committed epoch.</param>
/// <param name="Reason">Why, for the operator.</param>
/// <param name="FormerIsOver">True when the epoch before is known to be over.</param>
public sealed record SendPromote(string Host, long StreamId, string Group, long Epoch, string Reason, bool FormerIsOver)
    : FailoverEffect;

/// <summary>Ask a member to promise the owner of an epoch nothing any more (rule C4).</summary>
/// <param name="Host">The member.</param>
/// <param name="StreamId">The stream.</param>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch to seal.</param>
public sealed record SendSealAsked(string Host, long StreamId, string Group, long Epoch) : FailoverEffect;

/// <summary>
/// Commit a new owner: compare-and-swap on epoch and term, with reason and event, in one transaction; then read back and
/// answer <see cref="PromotionSettled"/>, however long that takes (rule C6).
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="ExpectedEpoch">The epoch that the database has.</param>
/// <param name="Epoch">The epoch to replace it by: the next one, or a much higher one (rule S4).</param>
/// <param name="Owner">The new owner.</param>
/// <param name="Reason">Why, for the operator.</param>
/// <param name="Actor">Who asked; empty for the system itself.</param>
/// <param name="Steps">How the decision came about, offsets counted from the old owner's last heartbeat.</param>
public sealed record CommitPromotion(
    string Group,
    long ExpectedEpoch,
    long Epoch,
    string Owner,
    string Reason,
    string Actor,
    ImmutableArray<Step> Steps) : FailoverEffect
{
    /// <summary>The other members, best first, and what each of them lacked; empty where it only ranked lower (rule C5).</summary>
    public ImmutableArray<BackupReport> PassedOver { get; init; } = [];
}

/// <summary>
/// Delete a group's registration, if epoch and term are as expected, and remember its epochs and views for a later group of that name (rule C11).
/// Repeated until the outcome is known; then <see cref="GroupsLoaded"/> comes without it.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="ExpectedEpoch">The epoch that the database has.</param>
/// <param name="Epoch">The epoch to remember: the same, or a much higher one (rule S4).</param>
/// <param name="IsOver">True when the epoch is over for good; false when a later group must fear that its owner goes on.</param>
/// <param name="Owner">The last owner; empty for none.</param>
public sealed record CommitRetirement(string Group, long ExpectedEpoch, long Epoch, bool IsOver, string Owner) : FailoverEffect;

/// <summary>Write a view, then answer <see cref="ViewStored"/>; repeated until it is there (rule V1).</summary>
/// <param name="Group">The group.</param>
/// <param name="View">The view.</param>
public sealed record StoreView(string Group, View View) : FailoverEffect;

/// <summary>Record that the owner acts under a view, then answer <see cref="ViewConfirmed"/> (rule V1).</summary>
/// <param name="Group">The group.</param>
/// <param name="Version">The version.</param>
public sealed record ConfirmView(string Group, long Version) : FailoverEffect;

/// <summary>Write a line of history.</summary>
/// <param name="Kind">Past tense, for example <c>HostSuspected</c>.</param>
/// <param name="Group">The group, or empty.</param>
/// <param name="Host">The host, or empty.</param>
/// <param name="Epoch">The epoch, or 0.</param>
/// <param name="Message">A sentence for the operator.</param>
/// <param name="Actor">Who asked; empty for the system itself.</param>
public sealed record RecordHistory(string Kind, string Group, string Host, long Epoch, string Message, string Actor = "")
    : FailoverEffect;

/// <summary>Let the host's fence device switch it off, then answer <see cref="HostFenced"/> or <see cref="FenceFailed"/> (rule C10).</summary>
/// <param name="Host">The host.</param>
/// <param name="Group">The group that cannot be taken from it otherwise.</param>
/// <param name="Reason">Why, for the operator.</param>
public sealed record FenceWanted(string Host, string Group, string Reason) : FailoverEffect;

/// <summary>A planned change of owner is over.</summary>
/// <param name="RequestId">Of the request.</param>
/// <param name="Error">Why it failed; empty when it went well.</param>
/// <param name="From">The former owner.</param>
/// <param name="To">The owner now.</param>
/// <param name="Epoch">The epoch now.</param>
public sealed record SwitchoverEnded(long RequestId, string Error, string From, string To, long Epoch) : FailoverEffect;
