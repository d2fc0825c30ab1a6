namespace HaGrpc.Core.Ownership;

/// <summary>
/// Rules of docs/ownership-protocol.md that the simulator can remove, to prove that it would notice: tests only. Public
/// because test methods name them; nothing outside this assembly and the simulator can pass one. Each says what is done
/// when the rule is removed. Rules about the host's kernel and the database are removed in the simulator's own.
/// </summary>
[Flags]
public enum Rule : long
{
    /// <summary>Nothing is removed: the product.</summary>
    None = 0,

    /// <summary>Count the lease from the answer's arrival instead of the heartbeat's <c>sentAt</c>.</summary>
    L1SentAt = 1L << 0,

    /// <summary>Take answers to another instance of the agent, and of another stream.</summary>
    L2Instance = 1L << 1,

    /// <summary>Renew what a host says it owns, whatever the database says.</summary>
    L3Database = 1L << 2,

    /// <summary>Keep a longer lease although a newer view with a shorter one is confirmed.</summary>
    L4NewerView = 1L << 3,

    /// <summary>Let the recorded expiry follow what the owner reports, not what it is granted.</summary>
    L5RecordedExpiry = 1L << 4,

    /// <summary>Act on a lease that was looked at some time before.</summary>
    L7BeforeEachAct = 1L << 5,

    /// <summary>Write an earlier end to the deadline file some time after the view was confirmed.</summary>
    W1BeforeConfirming = 1L << 6,

    /// <summary>Leave the programs to the agent: no shim kills them.</summary>
    W2Shims = 1L << 7,

    /// <summary>Leave the programs to their shims: the agent kills nothing.</summary>
    W2AgentKills = 1L << 8,

    /// <summary>Open the gate without a timeout in the kernel.</summary>
    W3Timeout = 1L << 9,

    /// <summary>Do not undo a late write.</summary>
    W4LateWrite = 1L << 10,

    /// <summary>Let a gate write land that was composed before the guard shut the gate.</summary>
    W4Generation = 1L << 11,

    /// <summary>Say that an epoch is over while its acts are being undone.</summary>
    W7ActsFirst = 1L << 12,

    /// <summary>Give leases under a view that is not in the database yet.</summary>
    V1StoredView = 1L << 13,

    /// <summary>Let a new leader decide at once.</summary>
    C1LeaderWaits = 1L << 14,

    /// <summary>Move locked groups.</summary>
    C2Lock = 1L << 15,

    /// <summary>Do not wait for the margin and the drift allowance.</summary>
    C3Margin = 1L << 16,

    /// <summary>Promote a host that is heard, whether or not it can hear.</summary>
    C5BothWays = 1L << 17,

    /// <summary>Renew the old owner while the decision is on its way to the database.</summary>
    C6StopRenewals = 1L << 18,

    /// <summary>Read back an unknown outcome without forbidding the attempt to land later.</summary>
    C6ClosedAttempt = 1L << 19,

    /// <summary>Ask for a lease before the acceptance is on disk.</summary>
    C7Durable = 1L << 20,

    /// <summary>Go on after a boot as after a restart of the agent, without asking.</summary>
    S2Boot = 1L << 21,

    /// <summary>Go on leading until somebody says that the leadership is lost.</summary>
    S3OwnEnd = 1L << 22,

    /// <summary>Take the leadership without waiting until its holder must be over.</summary>
    S3Patience = 1L << 23,

    /// <summary>Write to the database without naming the term.</summary>
    S3Term = 1L << 24,

    /// <summary>Be content with the promise of one member.</summary>
    F1EveryMember = 1L << 25,

    /// <summary>Promise although the epoch is sealed.</summary>
    F2Sealed = 1L << 26,

    /// <summary>Add up promises that were given for different pings.</summary>
    F3SamePing = 1L << 27,

    /// <summary>Count a vouched lease from the arrival of the last promise instead of the ping's <c>sentAt</c>.</summary>
    F3SentAt = 1L << 28,

    /// <summary>Promote without seals.</summary>
    C4Seals = 1L << 29,

    /// <summary>Do not wait for the promise that a member named with its seal.</summary>
    C4Remainder = 1L << 30,

    /// <summary>Let a restarted member name only the promises that it remembers.</summary>
    C4BootRemainder = 1L << 31,

    /// <summary>Answer with a seal that is not on disk yet.</summary>
    C4Durable = 1L << 32,

    /// <summary>Keep the epoch of an owner that is alive although a member has sealed it.</summary>
    C8NewEpoch = 1L << 33,

    /// <summary>Promise at once although nothing is on disk.</summary>
    S2Told = 1L << 34,

    /// <summary>Take a view without other members for one whose members have all promised.</summary>
    F3EmptyView = 1L << 35,

    /// <summary>Record the lease of an owner without other members as if it had the ordinary length.</summary>
    L6Solo = 1L << 36,

    /// <summary>Decide by what the database says although agents know more.</summary>
    S4Restored = 1L << 37,

    /// <summary>Give the epoch that follows the database's, not one above all that may have been given.</summary>
    S4NextEpoch = 1L << 38,

    /// <summary>Take a member that has not been heard since for one that does not act.</summary>
    S4Suspects = 1L << 39,

    /// <summary>Keep the views of the database although the owner acts under others.</summary>
    S4LostViews = 1L << 40,

    /// <summary>Take a member whose lease is over for one that does not act, while it is still stopping its programs.</summary>
    S4Ending = 1L << 42,

    /// <summary>Leave the leadership's counter below the epochs that were given after a restore.</summary>
    S4Counter = 1L << 43,

    /// <summary>Let an epoch begin that an earlier leader committed, although members have not been heard that may know a later one.</summary>
    C7Witnesses = 1L << 44,

    /// <summary>Do not write down that an older backup was restored before it is settled.</summary>
    S4Mark = 1L << 45,

    /// <summary>Take a host for off when its fence device is asked, not when that has confirmed it.</summary>
    C10Confirmed = 1L << 46,

    /// <summary>Take a host for off that has booted while its fence device was at work.</summary>
    C10Boot = 1L << 47,

    /// <summary>Forget a group that is to be deleted without waiting for its end.</summary>
    C11Ended = 1L << 48,

    /// <summary>Give a group that is to be deleted to another member.</summary>
    C11Promotion = 1L << 49,

    /// <summary>Forget a group when the recorded lease is over, whoever vouches for its owner.</summary>
    C11Seals = 1L << 50,

    /// <summary>Let a group of the name of a deleted one begin with the first epoch.</summary>
    C11Epoch = 1L << 51,

    /// <summary>Take the epoch of a deleted group for one of the group of the same name that was registered since.</summary>
    C11Over = 1L << 52,

    /// <summary>Leave the gate to its timeout after a suspend.</summary>
    W6Suspend = 1L << 41,
}
