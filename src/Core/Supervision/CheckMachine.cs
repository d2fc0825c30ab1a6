using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>What the answers to a check come to.</summary>
public enum CheckVerdict
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>Up: enough good answers in a row.</summary>
    Up,

    /// <summary>Down: enough bad answers in a row.</summary>
    Down,
}

/// <summary>What is remembered of a check between two answers.</summary>
/// <param name="Good">Good answers in a row.</param>
/// <param name="Bad">Bad answers in a row that count.</param>
public readonly record struct CheckCondition(int Good, int Bad);

/// <summary>
/// Judges a check's answers. Up and down each take several in a row, so that one lost packet neither makes a program ready nor kills it;
/// in between it stays as it was.
/// </summary>
public static class CheckMachine
{
    /// <summary>Takes an answer in.</summary>
    /// <param name="condition">The condition before it.</param>
    /// <param name="isGood">Whether the answer was good.</param>
    /// <param name="check">The check.</param>
    /// <param name="startedAt">When the program was executed.</param>
    /// <param name="now">The present instant.</param>
    /// <param name="verdict">What it comes to.</param>
    public static CheckCondition Take(
        CheckCondition condition, bool isGood, Check check, BootInstant startedAt, BootInstant now, out CheckVerdict verdict)
    {
        verdict = CheckVerdict.None;
        if (isGood)
        {
            var good = Math.Min(condition.Good + 1, check.Rise);
            if (good == check.Rise)
                verdict = CheckVerdict.Up;
            return new(good, 0);
        }
        if (now < startedAt + check.StartPeriod)
            return default;
        var bad = Math.Min(condition.Bad + 1, check.Fall);
        if (bad == check.Fall)
            verdict = CheckVerdict.Down;
        return new(0, bad);
    }
}
