using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Agent.Programs;

/// <summary>Stops programs in their order: each when those before it are gone.</summary>
/// <param name="order">The programs, in the order of stopping.</param>
/// <param name="isToStop">Asked when a program's turn comes; false leaves it as it is.</param>
/// <param name="then">Called once when all are gone; not when the walk is dropped before.</param>
internal sealed class StopWalk(StartOrder order, Func<ProgramRunner, bool> isToStop, Action then)
{
    private LevelWalk _walk = LevelWalk.Of(order, int.MaxValue);

    /// <summary>True once all are gone.</summary>
    public bool IsDone { get; private set; }

    /// <summary>Goes on as far as it can.</summary>
    /// <param name="find">Finds a program; null when it is gone.</param>
    public void Advance(Func<ProgramName, ProgramRunner?> find)
    {
        while (!IsDone)
        {
            foreach (var name in _walk.Busy)
            {
                // One that somebody has started again meanwhile goes from one instance to the next.
                if (find(name) is not { Condition: { MayBeAlive: true, Intent: Intent.Stop } })
                    _walk = _walk.Done(name);
            }
            _walk = _walk.Take(out var taken);
            foreach (var name in taken)
            {
                if (find(name) is { } runner && isToStop(runner))
                    runner.Take(new StopWanted());
            }
            if (!_walk.IsDone && taken.IsEmpty)
                return;
            if (!_walk.IsDone)
                continue;
            IsDone = true;
            then();
        }
    }
}
