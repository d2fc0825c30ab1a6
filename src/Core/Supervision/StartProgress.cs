namespace HaGrpc.Core.Supervision;

/// <summary>How far a wanted start has come, for those that wait for it.</summary>
public enum StartProgress
{
    /// <summary>Its process is being made: it takes one of the places for that.</summary>
    Spawning,

    /// <summary>It has begun, or will be tried again; whoever waits for it goes on waiting.</summary>
    Underway,

    /// <summary>It is up.</summary>
    Ready,

    /// <summary>It is not coming up by itself.</summary>
    Failed,
}

/// <summary>Judges the start of a program.</summary>
public static class StartJudgement
{
    /// <summary>How far the start of a program has come. Ready is RUNNING, or a passed readiness check where there is one, or a clean exit of one that is not to be restarted. One in
    /// BACKOFF is waited for, so that what needs a database does not start without it because the database was slow.</summary>
    /// <param name="condition">What is known of it.</param>
    /// <param name="program">The program.</param>
    public static StartProgress Of(ProgramCondition condition, Model.Program program) => condition.State switch
    {
        ProgramState.Starting when condition.Pid == 0 => StartProgress.Spawning,
        ProgramState.Starting or ProgramState.Running when program.Readiness is not null =>
            condition.PassedReadiness ? StartProgress.Ready : StartProgress.Underway,
        ProgramState.Running when program.Oneshot => StartProgress.Underway,
        ProgramState.Running => StartProgress.Ready,
        ProgramState.Exited when condition.Detail.Length == 0 => StartProgress.Ready,
        ProgramState.Exited or ProgramState.Fatal or ProgramState.Stopped => StartProgress.Failed,
        _ => StartProgress.Underway,
    };
}
