namespace HaGrpc.Core.Guard;

/// <summary>What is demanded of whoever asks for an act; each is stricter than the ones before it.</summary>
public enum GuardDemand
{
    /// <summary>Nothing.</summary>
    Allow,

    /// <summary>That they have seen what it hits, and say so.</summary>
    Confirm,

    /// <summary>That they confirm it, and another operator approves.</summary>
    SecondApprover,

    /// <summary>It is not done, whoever asks.</summary>
    Forbid,
}
