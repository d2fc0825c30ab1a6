using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.HostChecks;

/// <summary>A verdict that is another one than before: a line in the history.</summary>
/// <param name="Kind">HostCheckFailed or HostCheckRecovered.</param>
/// <param name="Message">The check, what it said, and what comes of it, for people.</param>
public sealed record HostCheckChange(string Kind, string Message)
{
    /// <summary>The change; null when there is none to tell, also when a check has been found as it was taken to be.</summary>
    /// <param name="check">The check.</param>
    /// <param name="group">Its group.</param>
    /// <param name="before">The condition before the last answer.</param>
    /// <param name="after">The condition now.</param>
    public static HostCheckChange? Of(HostCheck check, string group, HostCheckCondition before, HostCheckCondition after)
    {
        if (after.Verdict == before.Verdict
            || (before.Verdict == CheckVerdict.None && HostCheckJudge.IsGood(check, before.Verdict) && after.Verdict == CheckVerdict.Up))
        {
            return null;
        }
        return new(after.Verdict == CheckVerdict.Up ? "HostCheckRecovered" : "HostCheckFailed", HostCheckText.Message(check, group, after));
    }
}
