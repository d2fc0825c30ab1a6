using System.Collections.Frozen;
using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Events;

/// <summary>
/// Every kind of events that agents and the control plane write, with what it means: what is written has its line here (<c>tests/Tidy</c> holds that). What another version
/// writes is kept and shown as well.
/// </summary>
public static class EventKinds
{
    /// <summary>All of them, by chapters of <c>docs/reference/events.md</c>.</summary>
    public static ImmutableArray<EventChapter> Chapters { get; } =
    [
        new("Owners",
        [
            new("OwnerPromoted", "a host shall own a group from now on: the change of owner, and why") { Story = Story.OfGroup },
            new("OwnershipTaken", "the new owner has opened the gate and started the programs, with the time of each step") { Story = Story.OfGroup },
            new("OwnershipResumed", "the owner goes on after a restart of its agent") { Story = Story.OfGroup },
            new("OwnershipReleased", "the former owner has ended everything of its epoch") { Story = Story.OfGroup },
            new("EpochEnded", "an epoch ended because its host booted") { Story = Story.OfGroup },
            new("EpochRaised", "the owner goes on under a new epoch without an interruption") { Story = Story.OfGroup },
            new("SwitchoverStarted", "a group begins to move, as somebody asked for or its rules want") { Story = Story.OfGroup },
            new("SwitchoverFailed", "such a move did not come about, and why") { Story = Story.OfGroup },
            new("MoveHeld", "a lock keeps a group from moving") { Story = Story.OfGroup },
            new("GroupHandedOver", "a group was handed over as it runs on a host"),
        ]),
        new("Leases",
        [
            new("LeaseLapsed", "no renewal came in time: the owner has shut its gate") { Story = Story.OfGroup },
            new("LeaseRenewed", "the control plane answers the owner again") { Story = Story.OfGroup },
            new("LeaseVouched", "members vouch for the owner while the control plane does not answer, as the owner tells it") { Story = Story.OfGroup },
            new("OwnerVouched", "members vouch for the owner while the control plane does not answer, as the control plane hears of it") { Story = Story.OfGroup },
            new("LateWriteUndone", "an extension of a lease was written too late, and taken back"),
            new("GuardMissing", "the guard of a lease cannot be started: virtual addresses are not opened or renewed") { Story = Story.OfOwner },
            new("GuardRestarted", "the guard of a lease had ended and was started again"),
            new("FailsafeLost", "the agents of other hosts cannot be answered here"),
            new("FailsafeRestored", "the agents of other hosts are answered again"),
        ]),
        new("Hosts and their agents",
        [
            new("HostSuspected", "a host is late with its heartbeats") { Story = Story.OfOwner },
            new("HostLost", "a host was not heard for so long that its groups may move") { Story = Story.OfOwner },
            new("HostLive", "a host is heard, for the first time or again") { Story = Story.OfOwner },
            new("HostReturned", "a host says why it was not heard") { Story = Story.OfReturn },
            new("AgentStarted", "an agent was started, and how the one before it ended") { Story = Story.OfReturn },
            new("AgentRefused", "an agent may not attach, and what to do about it") { Story = Story.OfOwner },
            new("AgentDismissed", "the agent of a deleted host is told to end what it runs"),
            new("ClockOff", "the clock of a host that owns groups is wrong") { Story = Story.OfOwner },
            new("HostDrained", "a host shall own nothing"),
            new("HostUndrained", "a host may own groups again"),
            new("HostCheckFailed", "a check of a host fails"),
            new("HostCheckRecovered", "a check of a host passes again"),
            new("WatchdogMissing", "the watchdog device cannot be used"),
        ]),
        new("Fencing",
        [
            new("FenceStarted", "a host is being switched off") { Story = Story.OfOwner },
            new("HostFenced", "a host is off") { Story = Story.OfOwner },
            new("FenceFailed", "a host could not be switched off") { Story = Story.OfOwner },
            new("FenceOutdated", "a host was switched off, and has booted since in a way that was not known then") { Story = Story.OfOwner },
            new("FenceDoubted", "a host that was said to be off gives a sign of life") { Story = Story.OfOwner },
        ]),
        new("Addresses and the network",
        [
            new("GateRestored", "somebody else changed the gate's tables, and they were put right") { Story = Story.OfGroup | Story.OfOwner },
            new("VipRestored", "somebody else removed or changed a virtual address, and it was put right") { Story = Story.OfGroup },
            new("ForeignAddress", "somebody else added a virtual address that is not open here") { Story = Story.OfGroup },
            new("DuplicateAddress", "another machine claims a virtual address that is open here") { Story = Story.OfGroup },
            new("LinkDown", "an interface of an open virtual address is down or has lost its carrier") { Story = Story.OfGroup },
            new("LinkUp", "such an interface is up again") { Story = Story.OfGroup },
            new("VipClaimed", "a script has claimed a virtual address"),
            new("VipClaimFailed", "a script could not claim a virtual address"),
            new("VipCheckFailed", "a script found a virtual address not claimed"),
            new("VipReleaseFailed", "a script could not release a virtual address"),
            new("ConnectionsDropped", "TCP connections of virtual addresses were dropped when they left"),
            new("ConnectionsNotDropped", "TCP connections of virtual addresses could not be dropped"),
        ]),
        new("Programs",
        [
            new("ProgramStartRequested", "somebody wants a program to run"),
            new("ProgramStopRequested", "somebody wants a program stopped"),
            new("ProgramRestartRequested", "somebody wants a program restarted"),
            new("ProgramAdopted", "a process was taken over as it ran"),
            new("ProgramUnwell", "a check of liveness failed, so that the program is restarted"),
            new("LimitBreached", "a program has ended for one of its limits"),
            new("LimitReached", "a limit holds a program back that runs on: once for each start and limit"),
            new("LimitsNotEnforced", "this host cannot enforce a program's limits"),
            new("LogFailed", "a program's log cannot be written or rotated"),
            new("LogLost", "output of a program is being lost"),
            new("LogRestored", "output of a program is written again"),
        ]),
        new("Hooks",
        [
            new("HookSucceeded", "a hook has ended well"),
            new("HookFailed", "a hook has failed") { Story = Story.OfGroup },
            new("HookTimedOut", "a hook took too long and was killed") { Story = Story.OfGroup },
            new("HookCutOff", "a hook was killed or left out because of what has happened meanwhile") { Story = Story.OfGroup },
        ]),
        new("What is registered",
        [
            new("HostRegistered", "a host was registered"),
            new("HostChanged", "a registered host was changed"),
            new("HostRetired", "a host is being deleted: it goes when its groups have ended"),
            new("HostDeleted", "a host is deleted"),
            new("GroupRegistered", "a group was registered"),
            new("GroupChanged", "a registered group was changed"),
            new("GroupRetired", "a group is being deleted: it ends first"),
            new("GroupDeleted", "a group is deleted"),
            new("ProgramRegistered", "a program was registered"),
            new("ProgramChanged", "a registered program was changed"),
            new("ProgramRemoved", "a process was removed, since its program has fewer of them now"),
            new("ProgramDeleted", "a program was deleted"),
            new("GroupLocked", "something shall not move by itself") { Story = Story.OfGroup },
            new("GroupUnlocked", "it may move by itself again") { Story = Story.OfGroup },
            new("LockExpired", "the time of a lock is over") { Story = Story.OfGroup },
        ]),
        new("Certificates, operators and the guard",
        [
            new("JoinTokenCreated", "a token was made for a host to join with"),
            new("JoinTokenRevoked", "such a token is void"),
            new("HostJoined", "a host has joined and has a certificate"),
            new("CertificateRenewed", "a host has a new certificate"),
            new("HostRevoked", "nobody may speak for a host any more") { Story = Story.OfOwner },
            new("HostAllowed", "a revoked host may come back with a new certificate") { Story = Story.OfOwner },
            new("OperatorAdded", "an operator was let in"),
            new("OperatorDisabled", "an operator may not come for now"),
            new("OperatorEnabled", "an operator may come again"),
            new("OperatorRemoved", "an operator was sent away"),
            new("GuardPolicyChanged", "a rule of the policy was set or removed"),
            new("ApprovalRequested", "somebody needs a second operator's approval"),
            new("ApprovalGiven", "a second operator has approved"),
            new("ApprovalDenied", "a second operator has denied"),
            new("ApprovalUsed", "what was approved has been done"),
        ]),
        new("The history and the database",
        [
            new("DatabaseChanged", "the database is another one than before: a standby was promoted or a backup restored"),
            new("OlderDatabaseFound", "the database is an older backup: who owns what is being found out") { Story = Story.OfGroup },
            new("EventsDropped", "an agent could not keep all its events while nobody took them"),
            new("EventsLost", "the control plane could not store events while the database was away"),
        ]),
    ];

    /// <summary>All of them, by chapters.</summary>
    public static ImmutableArray<EventKind> All { get; } = [.. Chapters.SelectMany(chapter => chapter.Kinds)];

    private static readonly FrozenSet<string> Names = All.Select(kind => kind.Name).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The names of those that explain a change of owner.</summary>
    /// <param name="story">Of whom.</param>
    public static ImmutableArray<string> Of(Story story) => [.. All.Where(kind => kind.Story.HasFlag(story)).Select(kind => kind.Name)];

    /// <summary>What is wrong with a name; null when it is a kind's.</summary>
    public static string? Problem(string name) => Names.Contains(name) ? null
        : NearestName.Of(name, Names) is { } near ? $"there is no such kind of events; did you mean {near}?"
        : "there is no such kind of events: docs/reference/events.md has them all";
}

/// <summary>Kinds of events that are about the same.</summary>
/// <param name="Title">What about.</param>
/// <param name="Kinds">The kinds.</param>
public sealed record EventChapter(string Title, ImmutableArray<EventKind> Kinds);
