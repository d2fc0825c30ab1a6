namespace HaGrpc.Core.Ownership;

/// <summary>
/// Rules of docs/ownership-protocol.md that the simulator can remove, to prove that it would notice: tests only. Public
/// because test methods name them; nothing outside this assembly and the simulator can pass one.
/// </summary>
[Flags]
public enum Rule
{
    /// <summary>Nothing is removed: the product.</summary>
    None = 0,

    /// <summary>Count the lease from the answer's arrival instead of the heartbeat's <c>sentAt</c>.</summary>
    L1SentAt = 1,

    /// <summary>Let the recorded expiry follow grants only, not what the owner reports.</summary>
    L5RecordedExpiry = 2,

    /// <summary>Do not undo a late write.</summary>
    W4LateWrite = 4,

    /// <summary>Let a new leader decide at once.</summary>
    C1LeaderWaits = 8,

    /// <summary>Do not wait for the margin and the drift allowance.</summary>
    C3Margin = 16,

    /// <summary>Renew the old owner while the decision is on its way to the database.</summary>
    C6StopRenewals = 32,

    /// <summary>Read back an unknown outcome without forbidding the attempt to land later.</summary>
    C6ClosedAttempt = 64,

    /// <summary>Move locked groups.</summary>
    C2Lock = 128,

    /// <summary>Let a gate write land that was composed before the guard shut the gate.</summary>
    W4Generation = 256,
}
