using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.HostChecks;

/// <summary>
/// Judges the answers of a host's check, and what a verdict means for the group. Every verdict takes several answers in a row, also the first one:
/// a single lost packet after a start of the agent moves nothing.
/// </summary>
public static class HostCheckJudge
{
    /// <summary>Takes an answer in. The words stay those of the answer that led to the verdict: what is told of a host does not change with
    /// every answer.</summary>
    /// <param name="condition">The condition before it.</param>
    /// <param name="check">The check.</param>
    /// <param name="isGood">Whether the answer was good.</param>
    /// <param name="said">The answer, for people.</param>
    public static HostCheckCondition Take(HostCheckCondition condition, HostCheck check, bool isGood, string said)
    {
        // Of a link the kernel says what is so: there is nothing to be confirmed.
        var needed = check.Link.Length > 0 ? 1 : isGood ? check.Rise : check.Fall;
        var count = Math.Min((isGood ? condition.Good : condition.Bad) + 1, needed);
        var verdict = isGood ? CheckVerdict.Up : CheckVerdict.Down;
        var isJudged = count == needed && condition.Verdict != verdict;
        return new(
            isJudged ? verdict : condition.Verdict,
            isJudged ? said : condition.Said,
            Good: isGood ? count : 0,
            Bad: isGood ? 0 : count);
    }

    /// <summary>Whether a check counts as good: as it was found, and before the first verdict as <see cref="HostCheck.InitFail"/> says. Without
    /// that it is taken for good: a host that has just started, or a check that was just added, moves no group.</summary>
    public static bool IsGood(HostCheck check, CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Up => true,
        CheckVerdict.Down => false,
        _ => !check.InitFail,
    };

    /// <summary>Whether the host cannot run the group because of this check. One with a weight never says so, and before the first verdict only
    /// <see cref="HostCheck.InitFail"/> does.</summary>
    public static bool Forbids(HostCheck check, CheckVerdict verdict)
    {
        if (check.Weight is not null)
            return false;
        return verdict == CheckVerdict.None ? check.InitFail : IsGood(check, verdict) == check.Reverse;
    }

    /// <summary>What the check adds to the priority of its host now; 0 for one without a weight.</summary>
    public static int WeightOf(HostCheck check, CheckVerdict verdict)
    {
        if (check.Weight is not { } weight || weight > 0 != IsGood(check, verdict))
            return 0;
        return check.Reverse ? -weight : weight;
    }
}
