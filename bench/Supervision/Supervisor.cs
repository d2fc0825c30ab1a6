namespace HaGrpc.Bench.Supervision;

/// <summary>A supervisor under test: the same work is asked of each, in the way its operators ask for it.</summary>
internal abstract class Supervisor : IAsyncDisposable
{
    public abstract string Name { get; }

    /// <summary>Its own process, for memory and processor time.</summary>
    public abstract int Pid { get; }

    /// <summary>Starts it without programs.</summary>
    public abstract Task Start();

    /// <summary>Gives it programs that are to run from now on; returns when it has taken them.</summary>
    public abstract Task Add(IReadOnlyList<BenchProgram> programs);

    /// <summary>How many programs it calls RUNNING.</summary>
    public abstract Task<int> Running();

    /// <summary>The operator's command that stops everything and waits.</summary>
    public abstract Task StopAll();

    /// <summary>The operator's command that shows everything.</summary>
    public abstract Task Status();

    /// <summary>Processes of its own beside <see cref="Pid"/>, one per program.</summary>
    public abstract IReadOnlyList<int> Shims();

    public abstract ValueTask DisposeAsync();
}

/// <summary>A program to run.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Command">Its command line.</param>
/// <param name="StartSeconds">Supervisor's startsecs.</param>
/// <param name="Output">Log file of its standard output, or NONE.</param>
internal sealed record BenchProgram(string Name, string Command, int StartSeconds = 1, string Output = "NONE");
