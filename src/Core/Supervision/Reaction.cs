namespace HaGrpc.Core.Supervision;

/// <summary>What a cell of the supervision table says to do.</summary>
internal enum Reaction
{
    /// <summary>A forgotten cell; a test proves that there is none.</summary>
    Unfilled,

    /// <summary>Nothing: it is so already, or the event is about an instance that is over.</summary>
    Ignore,

    /// <summary>STARTING with a fresh retry counter.</summary>
    Begin,

    /// <summary>STARTING after a wait, the retry counter kept.</summary>
    Retry,

    /// <summary>STOPPED without a process to end.</summary>
    Settle,

    /// <summary>STOPPED, because the host may not start it; says why.</summary>
    Refuse,

    /// <summary>STOPPING by signal; to stay stopped.</summary>
    Stop,

    /// <summary>STOPPING by SIGKILL; to stay stopped.</summary>
    Kill,

    /// <summary>STOPPING by signal; to start again.</summary>
    Replace,

    /// <summary>Remember the pid, and RUNNING once the start time has passed.</summary>
    NoteExecuted,

    /// <summary>Remember the pid of an instance that is on its way out.</summary>
    NotePid,

    /// <summary>RUNNING if the start time has passed.</summary>
    Promote,

    /// <summary>BACKOFF, or FATAL after too many.</summary>
    FailStart,

    /// <summary>Judge by the time of the exit whether it had been RUNNING, then by the restart policy.</summary>
    Judge,

    /// <summary>The wanted end has come: STOPPED, or STARTING for a restart.</summary>
    Finish,

    /// <summary>UNKNOWN until the tree is known to be gone.</summary>
    Lose,

    /// <summary>SIGKILL again: something of it is still there, or should not be.</summary>
    KillAgain,

    /// <summary>Once it has ended its policy decides.</summary>
    WantRun,

    /// <summary>Once it has ended it stays stopped.</summary>
    WantStop,

    /// <summary>Once it has ended it starts again.</summary>
    WantRestart,

    /// <summary>Remember that it is ready.</summary>
    NoteReady,

    /// <summary>STOPPING by signal; to be judged as failed and started again.</summary>
    Recover,
}
