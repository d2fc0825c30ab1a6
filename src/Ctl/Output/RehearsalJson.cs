using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record RehearsalJson(string Group, IReadOnlyList<HostRehearsalJson> Hosts)
{
    internal static RehearsalJson Of(string group, RehearseResponse done) => new(
        group,
        [.. done.Hosts.Select(h => new HostRehearsalJson(
            h.Host, h.Findings.All(f => f.Verdict != Verdict.Fails), h.Score, [.. h.Findings.Select(FindingJson.Of)]))]);
}

internal sealed record HostRehearsalJson(string Host, bool Ready, int Score, IReadOnlyList<FindingJson> Findings);

internal sealed record FindingJson(string Check, string Subject, string Verdict, string Found, string? Right)
{
    internal static FindingJson Of(Finding finding) => new(
        finding.What, finding.Subject, Word(finding.Verdict), finding.Value, finding.Right.Length == 0 ? null : finding.Right);

    /// <summary>ok, warning or fails.</summary>
    internal static string Word(Verdict verdict) => verdict switch
    {
        V1.Verdict.Ok => "ok",
        V1.Verdict.Warning => "warning",
        _ => "fails",
    };
}
