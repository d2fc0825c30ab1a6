using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Agent.Programs;

/// <summary>What is known about a program on this host.</summary>
/// <param name="Name">Its full name.</param>
/// <param name="State">Its state.</param>
/// <param name="Pid">Process id of its main process; 0 when there is none.</param>
/// <param name="Since">Wall-clock time of the last change of state, for people.</param>
/// <param name="ExitStatus">The last exit code, or minus the signal that ended it; 0 when it never ended.</param>
/// <param name="Detail">Supervisor's spawnerr, or what an operator should know; may be empty.</param>
/// <param name="RestartGeneration">The restart generation of the running or last instance.</param>
internal sealed record ObservedProgram(
    ProgramName Name,
    ProgramState State,
    int Pid,
    DateTimeOffset Since,
    int ExitStatus,
    string Detail,
    long RestartGeneration)
{
    /// <summary>True once it was started on this host since it is known here.</summary>
    public bool HasRun { get; init; }

    /// <summary>True for one that somebody else runs and that is only watched; its state means nothing then.</summary>
    public bool IsObserved { get; init; }

    /// <summary>How it came to its state.</summary>
    public ProgramPast Past { get; init; } = new(null, 0, []);
}
