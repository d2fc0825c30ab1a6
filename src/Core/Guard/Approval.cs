using HaGrpc.Core.Access;

namespace HaGrpc.Core.Guard;

/// <summary>How far a request for approval is.</summary>
public enum ApprovalState
{
    /// <summary>Nobody has decided.</summary>
    Waiting,

    /// <summary>Approved, and not used yet.</summary>
    Approved,

    /// <summary>Denied.</summary>
    Denied,

    /// <summary>The call was made, or the first of several.</summary>
    Used,
}

/// <summary>An operator asks another one to approve an act.</summary>
public sealed record Approval
{
    /// <summary>How long a request waits, and an approval may be used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    /// <summary>The number; 0 until stored.</summary>
    public long Id { get; init; }

    /// <summary>The act.</summary>
    public required GuardedAct Act { get; init; }

    /// <summary>What stands for the call with all that it says, in hexadecimal.</summary>
    public required string Digest { get; init; }

    /// <summary><see cref="BlastRadius.Fingerprint"/> when it was asked for: another one needs another approval.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>What the act is about, in a word.</summary>
    public required string Name { get; init; }

    /// <summary>What it hits, in one line.</summary>
    public required string Summary { get; init; }

    /// <summary>The groups that it is about.</summary>
    public required TouchedGroups Touched { get; init; }

    /// <summary>The role that the act needs, and whoever approves.</summary>
    public required OperatorRole Role { get; init; }

    /// <summary>The account that asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Why, in their words; may be empty.</summary>
    public required string Reason { get; init; }

    /// <summary>How far it is.</summary>
    public ApprovalState State { get; init; }

    /// <summary>The account that decided; empty for none.</summary>
    public string DecidedBy { get; init; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset? DecidedAt { get; init; }

    /// <summary>Why, in their words; may be empty.</summary>
    public string DecidedReason { get; init; } = "";

    /// <summary>From then on it is good for nothing.</summary>
    public DateTimeOffset ExpiresAt => RequestedAt + Lifetime;

    /// <summary>True when its time is over before it was decided, or used.</summary>
    public bool IsExpired(DateTimeOffset now) => State is ApprovalState.Waiting or ApprovalState.Approved && now >= ExpiresAt;

    /// <summary>True when the act may be done with it now: it is approved, or, of an act in steps, some of them were done with it.</summary>
    public bool MayBeUsed(DateTimeOffset now) => now < ExpiresAt
        && (State == ApprovalState.Approved || (State == ApprovalState.Used && GuardedActs.Of(Act).IsInSteps));

    /// <summary>Why somebody may not decide it; null when they may.</summary>
    /// <param name="account">Who wants to.</param>
    /// <param name="now">When.</param>
    public string? DecisionProblem(OperatorAccount account, DateTimeOffset now) =>
        account.Name == RequestedBy ? $"you have asked for approval {Id} yourself: another operator has to decide"
        : State != ApprovalState.Waiting ? $"approval {Id} is {State.ToString().ToLowerInvariant()} already, by {DecidedBy}"
        : IsExpired(now) ? $"approval {Id} has expired: {RequestedBy} has to ask again"
        : AccessRules.Denial(account, Role, Touched);
}
