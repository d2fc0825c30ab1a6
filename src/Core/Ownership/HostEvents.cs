using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Something that happened, as <see cref="HostOwnership"/> sees it. Each is handled with the instant of handling.</summary>
public abstract record HostEvent;

/// <summary>The agent has started and read what outlived its predecessor (rules S1, S2).</summary>
/// <param name="Disk">What the state file says; empty on a new host.</param>
/// <param name="Deadlines">What the deadline files say (they do not survive a boot).</param>
/// <param name="SameBoot">True when the state file was written under the running boot id.</param>
public sealed record AgentStarted(
    ImmutableArray<DurableGroup> Disk,
    ImmutableArray<RecordedDeadline> Deadlines,
    bool SameBoot) : HostEvent;

/// <summary>Time has passed; sent at <see cref="HostOwnership.NextWake"/> or at any other instant.</summary>
public sealed record TimePassed : HostEvent;

/// <summary>The control plane has accepted the stream.</summary>
/// <param name="StreamId">What the control plane calls it; answers of other streams are dropped (rule L2).</param>
public sealed record StreamOpened(long StreamId) : HostEvent;

/// <summary>The stream is gone.</summary>
/// <param name="StreamId">The stream that ended.</param>
public sealed record StreamClosed(long StreamId) : HostEvent;

/// <summary>The groups that this host is a member of, all of them; replaces the previous ones.</summary>
/// <param name="Groups">The groups.</param>
public sealed record GroupsConfigured(ImmutableArray<Group> Groups) : HostEvent;

/// <summary>The control plane has answered a heartbeat.</summary>
/// <param name="StreamId">The stream that it came by.</param>
/// <param name="Answer">The answer.</param>
public sealed record AnswerReceived(long StreamId, HeartbeatAnswer Answer) : HostEvent;

/// <summary>The control plane has committed this host as owner (rule C7). Grants nothing by itself.</summary>
/// <param name="StreamId">The stream that it came by.</param>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The committed epoch.</param>
/// <param name="Reason">Why, for the operator.</param>
/// <param name="FormerIsOver">True when the epoch before is known to be over: a promise to its owner needs not be waited for.</param>
public sealed record PromoteReceived(long StreamId, string Group, long Epoch, string Reason, bool FormerIsOver = false) : HostEvent;

/// <summary>The control plane asks that the owner of an epoch be promised nothing any more (rule C4).</summary>
/// <param name="StreamId">The stream that it came by.</param>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch to seal.</param>
public sealed record SealAsked(long StreamId, string Group, long Epoch) : HostEvent;

/// <summary>An owner asks for a promise; answered by <see cref="AnswerPing"/> (rule F2).</summary>
/// <param name="Call">Comes back in the answer.</param>
/// <param name="From">The host that asks.</param>
/// <param name="Ping">What it asks.</param>
public sealed record PingReceived(long Call, string From, PeerPing Ping) : HostEvent;

/// <summary>A member has answered one of <see cref="AskPeer"/> (rule F3).</summary>
/// <param name="From">The host that answers.</param>
/// <param name="Promise">Its answer.</param>
public sealed record PromiseReceived(string From, PeerPromise Promise) : HostEvent;

/// <summary>The state file holds what <see cref="PersistGroup"/> asked for, fsynced.</summary>
/// <param name="Group">What is on disk now.</param>
public sealed record GroupPersisted(DurableGroup Group) : HostEvent;

/// <summary>The programs of the group have stopped in reverse order, as <see cref="StopPrograms"/> asked.</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
public sealed record ProgramsStopped(string Group, long Epoch) : HostEvent;

/// <summary>Gate shut, addresses away, every process tree dead, as <see cref="EndEpoch"/> asked (rule W7).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
public sealed record EpochActsEnded(string Group, long Epoch) : HostEvent;

/// <summary>
/// A later end was written to the deadline file after the end that stood there had passed: shims and guard may have acted
/// on it already, so the extension came too late (rule W1).
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch that the file was written for.</param>
public sealed record DeadlinePassed(string Group, long Epoch) : HostEvent;

/// <summary>CLOCK_BOOTTIME moved against CLOCK_MONOTONIC: the machine slept (rule W6).</summary>
public sealed record MachineSlept : HostEvent;

/// <summary>Whether this host can run the programs of a group has changed (rule C5).</summary>
/// <param name="Group">The group.</param>
/// <param name="Reason">Why it cannot; empty when it can.</param>
public sealed record FitnessChanged(string Group, string Reason) : HostEvent;

/// <summary>What the host checks of a group add to the priority of this host has changed (rule C5).</summary>
/// <param name="Group">The group.</param>
/// <param name="Weight">The sum of the weights; what is beyond <see cref="GroupWeight.Most"/> either way counts as that, 0 is none.</param>
public sealed record WeightChanged(string Group, int Weight) : HostEvent;

/// <summary>The agent was asked to stop for good and hand over what it owns.</summary>
public sealed record StopRequested : HostEvent;

/// <summary>What a host keeps about one group on disk, fsynced.</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Accepted">Highest epoch that this host has accepted; 0 for none.</param>
/// <param name="Ended">Epochs up to this are over on this host for good (rule W7).</param>
/// <param name="View">The view it acts under (rule V1).</param>
/// <param name="Sealed">The owners of epochs up to this are promised nothing any more (rule C4).</param>
/// <param name="Promised">The longest promise that this host may have given and forgotten by a restart (rules S1, C4).</param>
public sealed record DurableGroup(string Group, long Accepted, long Ended, View View, long Sealed = 0, TimeSpan Promised = default);

/// <summary>What a deadline file says (rule W1).</summary>
/// <param name="Group">The group's name.</param>
/// <param name="Epoch">The epoch that it was written for.</param>
/// <param name="Until">The lease's end.</param>
public readonly record struct RecordedDeadline(string Group, long Epoch, BootInstant Until);

/// <summary>An answer to one heartbeat (rule L3).</summary>
/// <param name="Instance">The agent instance that it is for (rule L2).</param>
/// <param name="Seq">The heartbeat that it answers.</param>
/// <param name="Renewals">Leases that are renewed.</param>
/// <param name="Revocations">Epochs that the database says are not this host's.</param>
/// <param name="ReleaseRequests">Epochs that this host is asked to end (rule C9).</param>
public sealed record HeartbeatAnswer(
    Guid Instance,
    long Seq,
    ImmutableArray<Renewal> Renewals,
    ImmutableArray<Revocation> Revocations,
    ImmutableArray<ReleaseRequest> ReleaseRequests)
{
    /// <summary>What the control plane knows of groups that this host has nothing of on disk (rule S2).</summary>
    public ImmutableArray<EpochTold> Told { get; init; } = [];

    /// <summary>The counter of the leadership's row as the control plane knows it (rule S4), or the heartbeat's own number while a group
    /// is not settled after a restore.</summary>
    public long DatabaseCounter { get; init; }
}

/// <summary>What the control plane knows of a group.</summary>
/// <param name="Group">The group.</param>
/// <param name="Ended">Epochs up to this are over on this host.</param>
/// <param name="Sealed">Epochs up to this are sealed.</param>
/// <param name="Promised">The longest promise that the owner may have of this host.</param>
public readonly record struct EpochTold(string Group, long Ended, long Sealed, TimeSpan Promised);

/// <summary>A lease for (group, epoch) that counts from the heartbeat's <c>sentAt</c>, as long as the view says.</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="View">The view that the lease is given under.</param>
public sealed record Renewal(string Group, long Epoch, View View);

/// <summary>The database says that the epoch is not this host's.</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Reason">Why, for the operator.</param>
public sealed record Revocation(string Group, long Epoch, string Reason);

/// <summary>A planned change of owner; void one lease length after the answered heartbeat's <c>sentAt</c>.</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch to end.</param>
/// <param name="Reason">Why, for the operator.</param>
public sealed record ReleaseRequest(string Group, long Epoch, string Reason);
