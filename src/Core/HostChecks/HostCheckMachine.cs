using HaGrpc.Core.Model;

namespace HaGrpc.Core.HostChecks;

/// <summary>What is to be done about a check now.</summary>
public enum HostCheckAct
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Ask; the answer goes to <see cref="HostCheckMachine.Answered"/>.</summary>
    Ask,

    /// <summary>What was asked takes too long: end it, and tell <see cref="HostCheckMachine.Answered"/> when it has ended.</summary>
    End,
}

/// <summary>
/// When a host's check is asked, and what its answers come to. One question at a time: one that takes too long counts as a bad answer, and again
/// after each interval until it has ended, so that one which cannot be ended is a bad check and no pile of processes. A link is never asked.
/// </summary>
public sealed class HostCheckMachine
{
    private BootInstant _wake;
    private BootInstant _askedAt;
    private bool _isAsking;
    private bool _isLate;

    /// <param name="check">The check.</param>
    /// <param name="condition">What is known of it.</param>
    /// <param name="now">When it is asked for the first time.</param>
    public HostCheckMachine(HostCheck check, HostCheckCondition condition, BootInstant now)
    {
        ArgumentNullException.ThrowIfNull(check);
        (Check, Condition) = (check, condition);
        _wake = check.Link.Length > 0 ? BootInstant.Never : now;
    }

    /// <summary>The check.</summary>
    public HostCheck Check { get; private set; }

    /// <summary>What its answers have come to.</summary>
    public HostCheckCondition Condition { get; private set; }

    /// <summary>When <see cref="Wake"/> is to be called.</summary>
    public BootInstant NextWake => _wake;

    /// <summary>Time has passed.</summary>
    public HostCheckAct Wake(BootInstant now)
    {
        if (now < _wake)
            return HostCheckAct.None;
        if (!_isAsking)
        {
            (_isAsking, _isLate, _askedAt, _wake) = (true, false, now, now + Check.Timeout);
            return HostCheckAct.Ask;
        }
        Condition = HostCheckJudge.Take(Condition, Check, isGood: false, HostCheckText.Late(Check));
        var act = _isLate ? HostCheckAct.None : HostCheckAct.End;
        (_isLate, _wake) = (true, now + Check.Interval);
        return act;
    }

    /// <summary>What was asked has been answered, or has ended without an answer; of a link, what the kernel says. A late answer does not count.</summary>
    /// <param name="isGood">Whether it is good.</param>
    /// <param name="said">The answer, for people.</param>
    /// <param name="now">The present instant.</param>
    public void Answered(bool isGood, string said, BootInstant now)
    {
        if (Check.Link.Length > 0)
        {
            Condition = HostCheckJudge.Take(Condition, Check, isGood, said);
            return;
        }
        if (!_isAsking)
            return;
        if (!_isLate)
            Condition = HostCheckJudge.Take(Condition, Check, isGood, said);
        _isAsking = false;
        _wake = BootInstant.Max(_askedAt + Check.Interval, now);
    }

    /// <summary>The check was edited: other times, counts or weights hold from now on and the verdict stays. False when something else is asked now,
    /// or by somebody else: that is a new check, of which nothing is known.</summary>
    public bool TryEdit(HostCheck check, BootInstant now)
    {
        ArgumentNullException.ThrowIfNull(check);
        if (check.Ping != Check.Ping || check.Link != Check.Link || check.User != Check.User || !check.Exec.SequenceEqual(Check.Exec))
            return false;
        Check = check;
        if (!_isAsking && check.Link.Length == 0)
            _wake = BootInstant.Min(_wake, now + check.Interval);
        return true;
    }
}
