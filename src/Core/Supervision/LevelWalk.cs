using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// A walk through levels of programs, for starting and for stopping: the members of a level are taken together, as far as they do
/// not wait for each other, and the next level begins when every member of the one before is done. Only so many are taken at once
/// as the bound allows; one that has begun but is not done yet (a program that runs and is not ready) does not count for it.
/// </summary>
/// <param name="Levels">The levels not yet begun.</param>
/// <param name="Waiting">Members of the level at hand that are not yet taken.</param>
/// <param name="Busy">Members of the level at hand that are taken and have not begun.</param>
/// <param name="Begun">Members of the level at hand that have begun and are not done.</param>
/// <param name="Waits">What a program waits for inside its level; what is not in the level at hand holds nothing up.</param>
/// <param name="Bound">How many may be busy at once; at least 1.</param>
public sealed record LevelWalk(
    ImmutableArray<ImmutableArray<ProgramName>> Levels,
    ImmutableArray<ProgramName> Waiting,
    ImmutableHashSet<ProgramName> Busy,
    ImmutableHashSet<ProgramName> Begun,
    ImmutableDictionary<ProgramName, ImmutableArray<ProgramName>> Waits,
    int Bound)
{
    /// <summary>A walk that has not begun.</summary>
    /// <param name="order">The levels in order, and who waits for whom.</param>
    /// <param name="bound">How many programs may be busy at once; at least 1.</param>
    public static LevelWalk Of(StartOrder order, int bound) => new(order.Levels, [], [], [], order.Waits, bound);

    /// <summary>True when every program is done.</summary>
    public bool IsDone => Levels.IsEmpty && Waiting.IsEmpty && Busy.IsEmpty && Begun.IsEmpty;

    /// <summary>Takes what may be taken now.</summary>
    /// <param name="taken">The programs to begin with, in order.</param>
    public LevelWalk Take(out ImmutableArray<ProgramName> taken)
    {
        var (levels, waiting) = (Levels, Waiting);
        if (waiting.IsEmpty && Busy.IsEmpty && Begun.IsEmpty && !levels.IsEmpty)
            (waiting, levels) = (levels[0], levels.RemoveAt(0));
        var room = Math.Max(0, Bound - Busy.Count);
        if (Waits.IsEmpty || waiting.IsEmpty || room == 0)
        {
            taken = waiting[..Math.Min(waiting.Length, room)];
            return this with { Levels = levels, Waiting = waiting[taken.Length..], Busy = Busy.Union(taken) };
        }
        var ahead = Busy.Union(Begun).Union(waiting);
        taken = [.. waiting.Where(name => !IsHeldUp(name, ahead)).Take(room)];
        // Validation refuses cycles. Should one come through, its members start rather than wait for each other for good.
        if (taken.IsEmpty && Busy.IsEmpty && Begun.IsEmpty)
            taken = [waiting[0]];
        return this with { Levels = levels, Waiting = waiting.RemoveRange(taken), Busy = Busy.Union(taken) };
    }

    /// <summary>Notes that a program has begun, so that another may be taken; one that is not busy changes nothing.</summary>
    /// <param name="name">The program.</param>
    public LevelWalk HasBegun(ProgramName name) =>
        Busy.Contains(name) ? this with { Busy = Busy.Remove(name), Begun = Begun.Add(name) } : this;

    /// <summary>Notes that a program is done; one that is not under way changes nothing.</summary>
    /// <param name="name">The program.</param>
    public LevelWalk Done(ProgramName name) => this with { Busy = Busy.Remove(name), Begun = Begun.Remove(name) };

    /// <summary>Who cannot begin before a program is done: the later levels, and who waits for it in its own.</summary>
    /// <param name="name">The program.</param>
    public IEnumerable<ProgramName> HeldUpBy(ProgramName name) => Waiting
        .Where(other => Waits.TryGetValue(other, out var awaited) && awaited.Contains(name))
        .Concat(Levels.SelectMany(level => level));

    private bool IsHeldUp(ProgramName name, ImmutableHashSet<ProgramName> ahead) =>
        Waits.TryGetValue(name, out var others) && others.Any(ahead.Contains);
}
