namespace HaGrpc.Core.Supervision;

/// <summary>Supervisor's process states, with its numbers.</summary>
public enum ProgramState
{
    /// <summary>Not running because nobody wants it to, or not started here yet.</summary>
    Stopped = 0,

    /// <summary>Being spawned, or up for less than its start time.</summary>
    Starting = 10,

    /// <summary>Up for at least its start time.</summary>
    Running = 20,

    /// <summary>A start failed, or it crashed again soon; the next start waits.</summary>
    Backoff = 30,

    /// <summary>Asked to stop, not yet gone.</summary>
    Stopping = 40,

    /// <summary>Ended by itself from RUNNING; its restart policy does not start it again.</summary>
    Exited = 100,

    /// <summary>Failed to start too often; an operator has to start it, unless it is to be tried afresh after a while.</summary>
    Fatal = 200,

    /// <summary>Its shim was lost and its process tree is not yet known to be gone; never started in this state.</summary>
    Unknown = 1000,
}
