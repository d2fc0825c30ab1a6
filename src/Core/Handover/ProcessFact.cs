using System.Collections.Immutable;

namespace HaGrpc.Core.Handover;

/// <summary>A process of a host, as /proc shows it.</summary>
/// <param name="Pid">Process id.</param>
/// <param name="StartTime">Clock ticks since boot when it started.</param>
/// <param name="ParentPid">Its parent; 0 for none.</param>
/// <param name="Name">What the kernel calls it, at most 15 bytes.</param>
/// <param name="Uid">Its effective user.</param>
/// <param name="Arguments">Its arguments; a process may write others over them.</param>
public sealed record ProcessFact(int Pid, long StartTime, int ParentPid, string Name, uint Uid, ImmutableArray<string> Arguments)
{
    /// <summary>The file that it executes; empty when it cannot be seen.</summary>
    public string Executable { get; init; } = "";

    /// <summary>True when it writes its output to a pipe that its parent has open too.</summary>
    public bool IsPipedToParent { get; init; }

    /// <summary>The arguments in one line.</summary>
    public string CommandLine => string.Join(' ', Arguments);
}
