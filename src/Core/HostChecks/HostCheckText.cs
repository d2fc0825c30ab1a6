using System.Globalization;
using System.Text;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.HostChecks;

/// <summary>What people are told of a host's check.</summary>
public static class HostCheckText
{
    private const int LongestLine = 200;

    /// <summary>Why a host cannot run a group.</summary>
    public static string Reason(HostCheck check, HostCheckCondition condition) => condition.Verdict switch
    {
        CheckVerdict.None => $"check {check.Name} has not been found good there yet",
        CheckVerdict.Up => $"check {check.Name} is good there, and is to be bad: {condition.Said}",
        _ => $"check {check.Name} fails there: {condition.Said}",
    };

    /// <summary>A new verdict and what comes of it.</summary>
    public static string Message(HostCheck check, string group, HostCheckCondition condition)
    {
        var needed = condition.Verdict == CheckVerdict.Up ? check.Rise : check.Fall;
        var times = check.Link.Length > 0 || needed == 1
            ? ""
            : string.Create(CultureInfo.InvariantCulture, $", {needed} times in a row");
        return $"check {check.Name}: {condition.Said}{times}; {Consequence(check, group, condition.Verdict)}";
    }

    /// <summary>What an answer that did not come in time is called.</summary>
    public static string Late(HostCheck check) => check.Ping.Length > 0
        ? $"no answer from {check.Ping} in {DurationText.Format(check.Timeout)}"
        : $"had not ended after {DurationText.Format(check.Timeout)}";

    /// <summary>The first line of a command's output that is not blank, at most 200 characters; nothing that a terminal would obey. Empty for
    /// none.</summary>
    public static string FirstLine(ReadOnlySpan<byte> output)
    {
        foreach (var line in Encoding.UTF8.GetString(output).EnumerateLines())
        {
            var text = line.Trim();
            if (text.IsEmpty)
                continue;
            var shown = new string(text[..Math.Min(text.Length, LongestLine)]);
            return string.Concat(shown.Select(c => c == '\t' ? ' ' : char.IsControl(c) ? '\uFFFD' : c));
        }
        return "";
    }

    private static string Consequence(HostCheck check, string group, CheckVerdict verdict)
    {
        if (check.Weight is not null)
            return string.Create(CultureInfo.InvariantCulture, $"adds {HostCheckJudge.WeightOf(check, verdict)} to the priority of this host in {group}");
        return HostCheckJudge.Forbids(check, verdict)
            ? $"this host cannot run {group} meanwhile"
            : $"does not keep this host from running {group} any more";
    }
}
