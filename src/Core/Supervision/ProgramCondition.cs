using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>What becomes of a program once it has ended.</summary>
public enum Intent
{
    /// <summary>Its restart policy decides.</summary>
    Run,

    /// <summary>It stays stopped.</summary>
    Stop,

    /// <summary>It starts again at once.</summary>
    Restart,

    /// <summary>A check has failed it: that is a failed start, or a crash after which it starts again whatever its policy.</summary>
    Recover,
}

/// <summary>All that is remembered of a program between two events.</summary>
/// <param name="State">Supervisor's state.</param>
/// <param name="Intent">What becomes of it once it has ended.</param>
/// <param name="FailedStarts">Failed starts in a row; at most one more than the retries.</param>
/// <param name="Pid">Process id of the main process; 0 when there is none, or not yet.</param>
/// <param name="StartedAt">When the running instance was executed; null when it has not been.</param>
/// <param name="ExitStatus">Last exit code, or minus the signal.</param>
/// <param name="Detail">What people should know; Supervisor's spawnerr.</param>
public sealed record ProgramCondition(
    ProgramState State,
    Intent Intent,
    int FailedStarts,
    int Pid,
    BootInstant? StartedAt,
    int ExitStatus,
    string Detail)
{
    /// <summary>Never started here.</summary>
    public static ProgramCondition Initial { get; } = new(ProgramState.Stopped, Intent.Stop, 0, 0, null, 0, "");

    /// <summary>Crashes from RUNNING in a row, each soon after the one before.</summary>
    public int Crashes { get; init; }

    /// <summary>True when this instance's readiness check has passed.</summary>
    public bool PassedReadiness { get; init; }

    /// <summary>True while a process of it may exist.</summary>
    public bool MayBeAlive =>
        State is ProgramState.Starting or ProgramState.Running or ProgramState.Stopping or ProgramState.Unknown;
}
