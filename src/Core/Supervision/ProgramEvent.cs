namespace HaGrpc.Core.Supervision;

/// <summary>The columns of the supervision table.</summary>
public enum ProgramEventKind
{
    /// <summary><see cref="StartWanted"/>.</summary>
    StartWanted,

    /// <summary><see cref="StopWanted"/>.</summary>
    StopWanted,

    /// <summary><see cref="KillWanted"/>.</summary>
    KillWanted,

    /// <summary><see cref="RestartWanted"/>.</summary>
    RestartWanted,

    /// <summary><see cref="ProgramExecuted"/>.</summary>
    Executed,

    /// <summary><see cref="StartFailed"/>.</summary>
    StartFailed,

    /// <summary><see cref="StartRefused"/>.</summary>
    StartRefused,

    /// <summary><see cref="ProgramEnded"/>.</summary>
    Ended,

    /// <summary><see cref="ShimLost"/>.</summary>
    ShimLost,

    /// <summary><see cref="TimerFired"/>.</summary>
    TimerFired,

    /// <summary><see cref="BecameReady"/>.</summary>
    BecameReady,

    /// <summary><see cref="CheckFailed"/>.</summary>
    CheckFailed,
}

/// <summary>Something that happened to a program, or that is wanted of it.</summary>
/// <param name="Kind">Its column in the table.</param>
public abstract record ProgramEvent(ProgramEventKind Kind);

/// <summary>It is to run: its group was activated, or an operator started it.</summary>
public sealed record StartWanted() : ProgramEvent(ProgramEventKind.StartWanted);

/// <summary>It is to stop with its stop signal: an operator stopped it, or its group is released.</summary>
public sealed record StopWanted() : ProgramEvent(ProgramEventKind.StopWanted);

/// <summary>Its tree is to be killed at once: its group's lease is over.</summary>
public sealed record KillWanted() : ProgramEvent(ProgramEventKind.KillWanted);

/// <summary>It is to be replaced by a new instance: an operator's restart, or a changed command.</summary>
public sealed record RestartWanted() : ProgramEvent(ProgramEventKind.RestartWanted);

/// <summary>The wanted spawn has executed the program.</summary>
/// <param name="Pid">Process id of its main process.</param>
/// <param name="At">When it was executed.</param>
public sealed record ProgramExecuted(int Pid, Model.BootInstant At) : ProgramEvent(ProgramEventKind.Executed);

/// <summary>The wanted spawn has failed; no process of it is left.</summary>
/// <param name="Detail">Step, path and errno, for people.</param>
/// <param name="At">When it failed.</param>
public sealed record StartFailed(string Detail, Model.BootInstant At) : ProgramEvent(ProgramEventKind.StartFailed);

/// <summary>The wanted spawn was not tried: the host may not act for the group (rule L7).</summary>
/// <param name="Detail">Why, for people.</param>
public sealed record StartRefused(string Detail) : ProgramEvent(ProgramEventKind.StartRefused);

/// <summary>The main process has ended and no process of its tree is left.</summary>
/// <param name="ExitStatus">Exit code, or minus the signal.</param>
/// <param name="At">When the main process ended, which may be long before this is noticed.</param>
/// <param name="Cause">Why.</param>
public sealed record ProgramEnded(int ExitStatus, Model.BootInstant At, EndCause Cause) : ProgramEvent(ProgramEventKind.Ended)
{
    /// <summary>The limit that it came up against, if that is known.</summary>
    public Breach Breach { get; init; }

    /// <summary>True when nobody here was told the exit status: it had been started by somebody else. It counts as unexpected then.</summary>
    public bool IsStatusUnknown { get; init; }
}

/// <summary>The shim has ended without an exit record; the tree may still be alive and is being looked for.</summary>
public sealed record ShimLost() : ProgramEvent(ProgramEventKind.ShimLost);

/// <summary>The instant of the last <see cref="SetTimer"/> has come.</summary>
public sealed record TimerFired() : ProgramEvent(ProgramEventKind.TimerFired);

/// <summary>Its readiness check has passed.</summary>
public sealed record BecameReady() : ProgramEvent(ProgramEventKind.BecameReady);

/// <summary>A liveness check says that it does not work any more, or it was not ready in time: it is to be restarted.</summary>
/// <param name="Detail">Which check and its last answer, for people.</param>
public sealed record CheckFailed(string Detail) : ProgramEvent(ProgramEventKind.CheckFailed);

/// <summary>Why a program ended, as its shim saw it.</summary>
public enum EndCause
{
    /// <summary>By itself.</summary>
    Own,

    /// <summary>Its shim was asked to stop it.</summary>
    Stopped,

    /// <summary>The deadline of its group passed (rule W2).</summary>
    Deadline,

    /// <summary>Its shim was told to kill it.</summary>
    Killed,

    /// <summary>Its shim was lost; the tree was found dead, or killed.</summary>
    Lost,
}
