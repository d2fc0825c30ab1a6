using HaGrpc.Core.Language;

namespace HaGrpc.Core.Explanation;

/// <summary>Why a program is in the state that it is in.</summary>
public enum CauseKind
{
    /// <summary>It runs as it is wanted.</summary>
    Runs,

    /// <summary>It is wanted stopped.</summary>
    NotWanted,

    /// <summary>Nobody owns its group.</summary>
    NoOwner,

    /// <summary>Its group is on its way to an owner, or away from one, or something keeps it from being served.</summary>
    GroupHeld,

    /// <summary>Nobody hears what it does.</summary>
    Unheard,

    /// <summary>Somebody else runs it.</summary>
    Observed,

    /// <summary>It waits for programs that it names in <c>after</c>.</summary>
    WaitsForPrograms,

    /// <summary>It waits for programs of lower priorities.</summary>
    WaitsForLevel,

    /// <summary>It was not started, or was ended, for what its host says.</summary>
    HeldBack,

    /// <summary>It is wanted and was not started, and nobody says why.</summary>
    NotStarted,

    /// <summary>It is being started.</summary>
    Starting,

    /// <summary>It is up, and its check of readiness has not passed.</summary>
    NotReady,

    /// <summary>It is being stopped.</summary>
    Stopping,

    /// <summary>It failed and is tried again by itself.</summary>
    Backoff,

    /// <summary>It failed and is not tried again by itself, or only much later.</summary>
    GivenUp,

    /// <summary>It has ended, and its policy leaves it so.</summary>
    Ended,

    /// <summary>Limits of it do not hold on its host.</summary>
    NotLimited,
}

/// <summary>One reason.</summary>
/// <param name="Kind">What kind of.</param>
/// <param name="Host">On which host; empty for everywhere.</param>
/// <param name="Said">For people.</param>
public sealed record ProgramCause(CauseKind Kind, string Host, SaidText Said);
