using static HaGrpc.Core.Supervision.Reaction;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// The whole of supervision at one glance: a row per state, a column per event, every cell filled. Supervisor's states
/// and transitions, with UNKNOWN meaning "a process of it may be alive": nothing is ever spawned from there.
/// </summary>
internal static class ReactionTable
{
    /// <summary>The rows' states, in order.</summary>
    public static ReadOnlySpan<ProgramState> States =>
    [
        ProgramState.Stopped, ProgramState.Starting, ProgramState.Running, ProgramState.Backoff,
        ProgramState.Stopping, ProgramState.Exited, ProgramState.Fatal, ProgramState.Unknown,
    ];

    /// <summary>Columns: <see cref="ProgramEventKind"/> in order.</summary>
    public const int Columns = 12;

    /// <summary>Row by row.</summary>
    public static ReadOnlySpan<Reaction> Cells =>
    [
        // start       stop      kill       restart      executed      failed        refused  ended   lost       timer      ready      unwell
        /* STOPPED  */
        Begin,         Ignore,   Ignore,    Begin,       KillAgain,    Ignore,       Refuse,  Ignore, Ignore,    Ignore,    Ignore,    Ignore,
        /* STARTING */
        WantRun,       Stop,     Kill,      Replace,     NoteExecuted, FailStart,    Refuse,  Judge,  Lose,      Promote,   NoteReady, Recover,
        /* RUNNING  */
        WantRun,       Stop,     Kill,      Replace,     Ignore,       Ignore,       Ignore,  Judge,  Lose,      Ignore,    NoteReady, Recover,
        /* BACKOFF  */
        Ignore,        Settle,   Settle,    Begin,       KillAgain,    Ignore,       Ignore,  Ignore, Ignore,    Retry,     Ignore,    Ignore,
        /* STOPPING */
        WantRestart,   WantStop, Kill,      WantRestart, NotePid,      Finish,       Finish,  Finish, KillAgain, KillAgain, Ignore,    Ignore,
        /* EXITED   */
        Begin,         Settle,   Settle,    Begin,       KillAgain,    Ignore,       Ignore,  Ignore, Ignore,    Ignore,    Ignore,    Ignore,
        /* FATAL    */
        Begin,         Settle,   Settle,    Begin,       KillAgain,    Ignore,       Ignore,  Ignore, Ignore,    Begin,     Ignore,    Ignore,
        /* UNKNOWN  */
        WantRun,       WantStop, KillAgain, WantRestart, KillAgain,    Ignore,       Ignore,  Finish, Ignore,    KillAgain, Ignore,    Ignore,
    ];

    /// <summary>The cell for a state and an event.</summary>
    public static Reaction For(ProgramState state, ProgramEventKind kind) =>
        Cells[(States.IndexOf(state) * Columns) + (int)kind];
}
