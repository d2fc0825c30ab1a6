namespace HaGrpc.Core.Ownership;

/// <summary>
/// Rules of docs/ownership-protocol.md that the simulator can remove, to prove that it would notice: tests only. Public
/// because test methods name them; nothing outside this assembly and the simulator can pass one. Each says what is done
/// when the rule is removed. Rules about the host's kernel and the database are removed in the simulator's own.
/// </summary>
[Flags]
public enum Rule
{
    /// <summary>Nothing is removed: the product.</summary>
    None = 0,

    /// <summary>Count the lease from the answer's arrival instead of the heartbeat's <c>sentAt</c>.</summary>
    L1SentAt = 1 << 0,

    /// <summary>Take answers to another instance of the agent, and of another stream.</summary>
    L2Instance = 1 << 1,

    /// <summary>Renew what a host says it owns, whatever the database says.</summary>
    L3Database = 1 << 2,

    /// <summary>Keep a longer lease although a newer view with a shorter one is confirmed.</summary>
    L4NewerView = 1 << 3,

    /// <summary>Let the recorded expiry follow grants only, not what the owner reports.</summary>
    L5RecordedExpiry = 1 << 4,

    /// <summary>Act on a lease that was looked at some time before.</summary>
    L7BeforeEachAct = 1 << 5,

    /// <summary>Write an earlier end to the deadline file some time after the view was confirmed.</summary>
    W1BeforeConfirming = 1 << 6,

    /// <summary>Leave the programs to the agent: no shim kills them.</summary>
    W2Shims = 1 << 7,

    /// <summary>Leave the programs to their shims: the agent kills nothing.</summary>
    W2AgentKills = 1 << 8,

    /// <summary>Open the gate without a timeout in the kernel.</summary>
    W3Timeout = 1 << 9,

    /// <summary>Do not undo a late write.</summary>
    W4LateWrite = 1 << 10,

    /// <summary>Let a gate write land that was composed before the guard shut the gate.</summary>
    W4Generation = 1 << 11,

    /// <summary>Say that an epoch is over while its acts are being undone.</summary>
    W7ActsFirst = 1 << 12,

    /// <summary>Give leases under a view that is not in the database yet.</summary>
    V1StoredView = 1 << 13,

    /// <summary>Let a new leader decide at once.</summary>
    C1LeaderWaits = 1 << 14,

    /// <summary>Move locked groups.</summary>
    C2Lock = 1 << 15,

    /// <summary>Do not wait for the margin and the drift allowance.</summary>
    C3Margin = 1 << 16,

    /// <summary>Promote a host that is heard, whether or not it can hear.</summary>
    C5BothWays = 1 << 17,

    /// <summary>Renew the old owner while the decision is on its way to the database.</summary>
    C6StopRenewals = 1 << 18,

    /// <summary>Read back an unknown outcome without forbidding the attempt to land later.</summary>
    C6ClosedAttempt = 1 << 19,

    /// <summary>Ask for a lease before the acceptance is on disk.</summary>
    C7Durable = 1 << 20,

    /// <summary>Go on after a boot as after a restart of the agent, without asking.</summary>
    S2Boot = 1 << 21,

    /// <summary>Go on leading until somebody says that the leadership is lost.</summary>
    S3OwnEnd = 1 << 22,

    /// <summary>Take the leadership without waiting until its holder must be over.</summary>
    S3Patience = 1 << 23,

    /// <summary>Write to the database without naming the term.</summary>
    S3Term = 1 << 24,
}
