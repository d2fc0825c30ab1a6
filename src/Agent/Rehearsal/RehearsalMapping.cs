using HaGrpc.Core.Rehearsal;
using HaGrpc.V1;
using Finding = HaGrpc.Core.Rehearsal.Finding;
using Verdict = HaGrpc.Core.Rehearsal.Verdict;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>Findings on the wire.</summary>
internal static class RehearsalMapping
{
    private const int MostFindings = 1000;
    private const int MostFailing = 5;

    // A path has 4096 bytes, and a table column not that many.
    private const int MostCharacters = 400;

    /// <summary>An answer, what fails first.</summary>
    public static Rehearsed ToProto(this IReadOnlyCollection<Finding> findings, Readiness readiness, long id)
    {
        var answer = new Rehearsed { Id = id, Score = readiness.Score };
        answer.Findings.AddRange(findings.OrderByDescending(f => f.Verdict).Take(MostFindings).Select(ToProto));
        return answer;
    }

    /// <summary>What is reported by itself.</summary>
    public static GroupReadiness ToProto(this Readiness readiness, string group)
    {
        var report = new GroupReadiness { Group = group, Score = readiness.Score, More = Math.Max(0, readiness.Failing.Length - MostFailing) };
        report.Failing.AddRange(readiness.Failing.Take(MostFailing).Select(ToProto));
        return report;
    }

    /// <summary>One finding, cut to what a table shows.</summary>
    public static V1.Finding ToProto(Finding finding) => new()
    {
        What = finding.What,
        Subject = finding.Subject,
        Verdict = finding.Verdict switch
        {
            Verdict.Ok => V1.Verdict.Ok,
            Verdict.Warning => V1.Verdict.Warning,
            _ => V1.Verdict.Fails,
        },
        Value = Short(finding.Value),
        Right = Short(finding.Right),
    };

    private static string Short(string text) => text.Length <= MostCharacters ? text : text[..(MostCharacters - 1)] + "…";
}
