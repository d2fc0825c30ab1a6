namespace HaGrpc.Core.Hooks;

/// <summary>
/// The hooks of one group on one host: one runs at a time, the next one when it is over, however it ended. What a later occasion does not
/// let finish is cut off or skipped (<see cref="HookPlan.MakesRoom"/>). Nothing here is waited for by what ends a lease. Pure; not safe
/// for several threads.
/// </summary>
public sealed class HookLine
{
    private readonly Queue<HookTurn> _waiting = new();
    private HookTurn? _running;
    private bool _isCut;

    /// <summary>True when nothing runs or waits.</summary>
    public bool IsIdle => _running is null && _waiting.Count == 0;

    /// <summary>A later occasion.</summary>
    /// <param name="batch">Its hooks.</param>
    /// <param name="effects">What is to be done, in order.</param>
    public void Take(HookBatch batch, List<HookEffect> effects)
    {
        MakeRoom(turn => HookPlan.MakesRoom(turn.Call, batch.Occasion), WhyOf(batch.Occasion), effects);
        foreach (var call in batch.Calls)
            _waiting.Enqueue(new HookTurn(batch, call));
        if (batch.Calls.IsEmpty)
            effects.Add(new BatchOver(batch));
        Advance(effects);
    }

    /// <summary>The hook that ran is over.</summary>
    /// <param name="effects">What is to be done, in order.</param>
    public void Ended(List<HookEffect> effects)
    {
        var batch = _running!.Batch;
        (_running, _isCut) = (null, false);
        TellOver(batch, effects);
        Advance(effects);
    }

    /// <summary>Nobody waits any longer.</summary>
    /// <param name="why">Why, for people.</param>
    /// <param name="effects">What is to be done, in order.</param>
    public void Abandon(string why, List<HookEffect> effects) => MakeRoom(_ => true, why, effects);

    private void MakeRoom(Predicate<HookTurn> makesRoom, string why, List<HookEffect> effects)
    {
        if (_running is not null && !_isCut && makesRoom(_running))
        {
            _isCut = true;
            effects.Add(new CutHook(why));
        }
        var all = _waiting.ToArray();
        _waiting.Clear();
        foreach (var kept in all.Where(turn => !makesRoom(turn)))
            _waiting.Enqueue(kept);
        var skipped = all.Where(turn => makesRoom(turn)).ToArray();
        effects.AddRange(skipped.Select(turn => new SkipHook(turn, why)));
        foreach (var batch in skipped.Select(turn => turn.Batch).Distinct())
            TellOver(batch, effects);
    }

    private void TellOver(HookBatch batch, List<HookEffect> effects)
    {
        if (!ReferenceEquals(_running?.Batch, batch) && !_waiting.Any(turn => ReferenceEquals(turn.Batch, batch)))
            effects.Add(new BatchOver(batch));
    }

    private void Advance(List<HookEffect> effects)
    {
        if (_running is null && _waiting.TryDequeue(out _running))
            effects.Add(new StartHook(_running));
    }

    private static string WhyOf(HookOccasion later) => later switch
    {
        HookOccasion.Taking => "this host was promoted",
        HookOccasion.Giving => "the group is being given up",
        _ => "the lease is over",
    };
}
