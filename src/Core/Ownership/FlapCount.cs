using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>How often a group has moved by itself of late (rule C2).</summary>
public static class FlapCount
{
    /// <summary>True when one more move would be one too many.</summary>
    /// <param name="budget">What is allowed.</param>
    /// <param name="owners">Who got the group when, and whether somebody asked for it; oldest first, the first one only as who had it before.</param>
    /// <param name="since">Earlier moves do not count: somebody has unlocked the group then.</param>
    /// <param name="now">The instant, on the clock of <paramref name="owners"/>.</param>
    public static bool IsSpent(
        FlapBudget budget, IReadOnlyList<(DateTimeOffset At, string Owner, bool Asked)> owners, DateTimeOffset since, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(budget);
        ArgumentNullException.ThrowIfNull(owners);
        var from = now - budget.Window;
        var moves = owners.Skip(1).Where((o, i) =>
            !o.Asked && o.Owner != owners[i].Owner && o.At > since && o.At >= from);
        return moves.Count() >= budget.Moves;
    }
}
