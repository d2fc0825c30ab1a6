using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// A walk through levels of programs, for starting and for stopping: the members of a level are taken together, up to a
/// bound, and the next level begins when every member of the one before is done.
/// </summary>
/// <param name="Levels">The levels not yet begun.</param>
/// <param name="Waiting">Members of the level at hand that are not yet taken.</param>
/// <param name="Busy">Members of the level at hand that are taken and not done.</param>
/// <param name="Bound">How many may be busy at once; at least 1.</param>
public sealed record LevelWalk(
    ImmutableArray<ImmutableArray<ProgramName>> Levels,
    ImmutableArray<ProgramName> Waiting,
    ImmutableHashSet<ProgramName> Busy,
    int Bound)
{
    /// <summary>A walk that has not begun.</summary>
    /// <param name="levels">The levels in order.</param>
    /// <param name="bound">How many programs may be busy at once; at least 1.</param>
    public static LevelWalk Of(ImmutableArray<ImmutableArray<ProgramName>> levels, int bound) => new(levels, [], [], bound);

    /// <summary>True when every program is done.</summary>
    public bool IsDone => Levels.IsEmpty && Waiting.IsEmpty && Busy.IsEmpty;

    /// <summary>Takes what may be taken now.</summary>
    /// <param name="taken">The programs to begin with, in order.</param>
    public LevelWalk Take(out ImmutableArray<ProgramName> taken)
    {
        var (levels, waiting) = (Levels, Waiting);
        if (waiting.IsEmpty && Busy.IsEmpty && !levels.IsEmpty)
            (waiting, levels) = (levels[0], levels.RemoveAt(0));
        var count = Math.Min(waiting.Length, Math.Max(0, Bound - Busy.Count));
        taken = waiting[..count];
        return this with { Levels = levels, Waiting = waiting[count..], Busy = Busy.Union(taken) };
    }

    /// <summary>Notes that a program is done; one that is not busy changes nothing.</summary>
    /// <param name="name">The program.</param>
    public LevelWalk Done(ProgramName name) => this with { Busy = Busy.Remove(name) };
}
