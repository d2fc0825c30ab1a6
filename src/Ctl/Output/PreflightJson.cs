using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record PreflightJson(string Group, bool Ready, IReadOnlyList<HostRehearsalJson> Hosts)
{
    internal static PreflightJson Of(string group, PreflightResponse done) => new(
        group,
        done.Hosts.All(h => h.Findings.All(f => f.Verdict != Verdict.Fails)),
        [.. done.Hosts.Select(h => new HostRehearsalJson(
            h.Host, h.Findings.All(f => f.Verdict != Verdict.Fails), h.Score, [.. h.Findings.Select(FindingJson.Of)]))]);
}
