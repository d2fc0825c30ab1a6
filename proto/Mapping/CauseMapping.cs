using Model = HaGrpc.Core.Explanation;

namespace HaGrpc.Contracts;

/// <summary>Why a program is in its state.</summary>
public static class CauseMapping
{
    /// <summary>A reason on the wire.</summary>
    public static V1.ProgramCause ToProto(this Model.ProgramCause cause) => new()
    {
        Kind = cause.Kind switch
        {
            Model.CauseKind.Runs => V1.CauseKind.Runs,
            Model.CauseKind.NotWanted => V1.CauseKind.NotWanted,
            Model.CauseKind.NoOwner => V1.CauseKind.NoOwner,
            Model.CauseKind.GroupHeld => V1.CauseKind.GroupHeld,
            Model.CauseKind.Unheard => V1.CauseKind.Unheard,
            Model.CauseKind.Observed => V1.CauseKind.Observed,
            Model.CauseKind.WaitsForPrograms => V1.CauseKind.WaitsForPrograms,
            Model.CauseKind.WaitsForLevel => V1.CauseKind.WaitsForLevel,
            Model.CauseKind.HeldBack => V1.CauseKind.HeldBack,
            Model.CauseKind.NotStarted => V1.CauseKind.NotStarted,
            Model.CauseKind.Starting => V1.CauseKind.Starting,
            Model.CauseKind.NotReady => V1.CauseKind.NotReady,
            Model.CauseKind.Stopping => V1.CauseKind.Stopping,
            Model.CauseKind.Backoff => V1.CauseKind.Backoff,
            Model.CauseKind.GivenUp => V1.CauseKind.GivenUp,
            Model.CauseKind.Ended => V1.CauseKind.Ended,
            Model.CauseKind.NotLimited => V1.CauseKind.NotLimited,
            _ => throw new ArgumentOutOfRangeException(nameof(cause), cause.Kind, "Not a kind of cause."),
        },
        Host = cause.Host,
        Said = cause.Said.ToProto(),
    };
}
