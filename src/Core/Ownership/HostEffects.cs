using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Something the agent must do now, in the order given. The lease is checked again right before each act (L7).</summary>
public abstract record HostEffect;

/// <summary>Send this heartbeat on the open stream.</summary>
/// <param name="Heartbeat">The heartbeat.</param>
public sealed record SendHeartbeat(Heartbeat Heartbeat) : HostEffect;

/// <summary>Drop the stream and dial again: answers are overdue, the link may be half open.</summary>
public sealed record Redial : HostEffect;

/// <summary>
/// Write epoch, view and lease end to the group's deadline file (rule W1); answer <see cref="DeadlinePassed"/> when the end
/// that it named for this epoch had passed by the time of the write.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Until">The lease's end.</param>
/// <param name="View">The view.</param>
public sealed record WriteDeadline(string Group, long Epoch, BootInstant Until, View View) : HostEffect;

/// <summary>Write this to the state file, fsync, then answer <see cref="GroupPersisted"/>. Never blocks the caller.</summary>
/// <param name="Group">What must be on disk.</param>
public sealed record PersistGroup(DurableGroup Group) : HostEffect;

/// <summary>Begin to act as owner: guard, gate and addresses, announcement, routes, programs in order (rule C7).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Until">The lease's end.</param>
/// <param name="Reason">Why this host was promoted.</param>
public sealed record Claim(string Group, long Epoch, BootInstant Until, string Reason) : HostEffect;

/// <summary>Go on as owner after a restart of the agent: adopt what runs, restore what is missing (rule S1).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Until">The lease's end.</param>
public sealed record ResumeOwnership(string Group, long Epoch, BootInstant Until) : HostEffect;

/// <summary>Extend gate timeout and address lifetimes to the lease's end (rules W3, W5).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Until">The lease's end.</param>
public sealed record ExtendLease(string Group, long Epoch, BootInstant Until) : HostEffect;

/// <summary>
/// The same owner goes on under a later epoch: everything stays as it is, and from here on is done in its name (rule C8).
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="From">The epoch until now.</param>
/// <param name="Epoch">The epoch from now on.</param>
public sealed record RaiseEpoch(string Group, long From, long Epoch) : HostEffect;

/// <summary>Ask a member for promises, over the agents' own link, without waiting (rule F1).</summary>
/// <param name="Host">The member.</param>
/// <param name="Pings">What to ask it, by group.</param>
public sealed record AskPeer(string Host, ImmutableArray<PeerPing> Pings) : HostEffect;

/// <summary>Answer a <see cref="PingReceived"/> (rule F2).</summary>
/// <param name="Call">Of the ping.</param>
/// <param name="Promise">The answer.</param>
public sealed record AnswerPing(long Call, PeerPromise Promise) : HostEffect;

/// <summary>Stop the programs in reverse order, politely; answer <see cref="ProgramsStopped"/> (rule C9).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Reason">Why.</param>
public sealed record StopPrograms(string Group, long Epoch, string Reason) : HostEffect;

/// <summary>
/// Deadline to 0, then gate shut, addresses and routes away, every process tree killed; answer
/// <see cref="EpochActsEnded"/> when all of it is true (rule W7). Also when this agent never acted for the epoch itself.
/// </summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Reason">Why, for the operator.</param>
public sealed record EndEpoch(string Group, long Epoch, string Reason) : HostEffect;

/// <summary>Tell the control plane at once that the epoch is over; every heartbeat repeats it (rule W7).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
public sealed record SendReleased(string Group, long Epoch) : HostEffect;

/// <summary>Shut the gate of this group before anything else (rule W6).</summary>
/// <param name="Group">The group.</param>
public sealed record ShutGate(string Group) : HostEffect;

/// <summary>Record an event in the history.</summary>
/// <param name="Kind">Past tense, for example <c>LeaseLapsed</c>.</param>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="Message">A sentence for the operator.</param>
public sealed record ReportEvent(string Kind, string Group, long Epoch, string Message) : HostEffect;

/// <summary>Everything that this host owned has ended; the agent may exit.</summary>
public sealed record ExitAgent : HostEffect;

/// <summary>What an agent says to renew its leases (rules L1, L2).</summary>
/// <param name="Instance">Random, new with every start of the agent.</param>
/// <param name="Seq">Rises by one.</param>
/// <param name="AnswerSeq">The newest answer seen; 0 for none (rule C5).</param>
/// <param name="Holdings">Groups that this host owns now.</param>
/// <param name="Accepted">Epochs accepted by Promote that have no lease yet.</param>
/// <param name="Ended">Epochs that are over on this host.</param>
/// <param name="PromotionGraceLeft">For how long this agent still accepts no promotion (rule S1).</param>
public sealed record Heartbeat(
    Guid Instance,
    long Seq,
    long AnswerSeq,
    ImmutableArray<Holding> Holdings,
    ImmutableArray<EpochOf> Accepted,
    ImmutableArray<EpochOf> Ended,
    TimeSpan PromotionGraceLeft)
{
    /// <summary>Groups that this host cannot run (rule C5).</summary>
    public ImmutableArray<UnfitGroup> Unfit { get; init; } = [];

    /// <summary>What checks on this host add to its priority, by group (rule C5); a group that is not listed has 0.</summary>
    public ImmutableArray<GroupWeight> Weights { get; init; } = [];

    /// <summary>What the newest answer said of the database (rule S4); 0 before the first one.</summary>
    public long DatabaseCounter { get; init; }

    /// <summary>Live promises given to owners (rule F4).</summary>
    public ImmutableArray<GivenPromise> Promises { get; init; } = [];

    /// <summary>Epochs whose owners this host promises nothing any more, on disk (rule C4).</summary>
    public ImmutableArray<Seal> Seals { get; init; } = [];

    /// <summary>Epochs whose lease is over while this host still stops what belongs to it (rules W7, S4).</summary>
    public ImmutableArray<EpochOf> Ending { get; init; } = [];

    /// <summary>Groups of which this host has nothing on disk (rule S2).</summary>
    public ImmutableArray<string> Untold { get; init; } = [];
}

/// <summary>A live promise (rule F4).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch whose owner has it.</param>
/// <param name="Left">What is left of it.</param>
public readonly record struct GivenPromise(string Group, long Epoch, TimeSpan Left);

/// <summary>A seal (rule C4).</summary>
/// <param name="Group">The group.</param>
/// <param name="UpTo">The epoch, and all before it.</param>
/// <param name="PromiseLeft">For how long a promise given before may still be relied on; negative when the last one has run out.</param>
public readonly record struct Seal(string Group, long UpTo, TimeSpan PromiseLeft);

/// <summary>A group that a host cannot run, as it says itself.</summary>
/// <param name="Group">The group.</param>
/// <param name="Reason">Why, for the operator.</param>
public readonly record struct UnfitGroup(string Group, string Reason);

/// <summary>What the checks of a host add to its priority for a group, as it says itself.</summary>
/// <param name="Group">The group.</param>
/// <param name="Weight">From -<see cref="Most"/> to <see cref="Most"/>; negative takes away.</param>
public readonly record struct GroupWeight(string Group, int Weight)
{
    /// <summary>The largest weight either way: it leads from one end of the priorities (1 to 254) to the other.</summary>
    public const int Most = 253;

    /// <summary>The nearest weight that is allowed.</summary>
    /// <param name="weight">Any sum of weights.</param>
    public static int Bounded(int weight) => Math.Clamp(weight, -Most, Most);
}

/// <summary>A group that a host owns, as it says itself (rule L1).</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
/// <param name="ViewVersion">The view that it acts under; saying it confirms it (rule V1).</param>
/// <param name="LeaseLeft">What is left of its lease; <see cref="TimeSpan.MaxValue"/> for no end.</param>
public readonly record struct Holding(string Group, long Epoch, long ViewVersion, TimeSpan LeaseLeft);

/// <summary>An epoch of a group: the fencing token.</summary>
/// <param name="Group">The group.</param>
/// <param name="Epoch">The epoch.</param>
public readonly record struct EpochOf(string Group, long Epoch);
