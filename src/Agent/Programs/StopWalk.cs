using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Agent.Programs;

/// <summary>Stops programs in their order: each when those before it are gone.</summary>
/// <param name="order">The programs, in the order of stopping.</param>
/// <param name="then">Called once when all are gone; not when the walk is dropped before.</param>
internal sealed class StopWalk(StartOrder order, Action then)
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
                if (find(name) is not { Condition.MayBeAlive: true })
                    _walk = _walk.Done(name);
            }
            _walk = _walk.Take(out var taken);
            foreach (var name in taken)
                find(name)?.Take(new StopWanted());
            if (!_walk.IsDone && taken.IsEmpty)
                return;
            if (!_walk.IsDone)
                continue;
            IsDone = true;
            then();
        }
    }
}
