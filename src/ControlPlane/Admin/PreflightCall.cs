using Grpc.Core;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Handover;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Whether everything is there for a group to be handed over, on every member.</summary>
internal sealed class PreflightCall(LeaderSeat seat, Sightings sightings)
{
    /// <summary>Answers the call when all hosts have answered, or were waited for in vain.</summary>
    public async Task<PreflightResponse> RunAsync(PreflightRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        var group = Sightings.GroupOf(tenure.Registry.Current, request.Group);
        var (hosts, _) = await sightings.AskAsync(tenure, group, preflight: true, context.CancellationToken);
        var others = hosts.Where(h => h.Seen.Problem.Length == 0).Select(h => new FleetFacts(h.Host, h.Version, h.Seen.TimeZone, h.Clock)).ToArray();
        var response = new PreflightResponse();
        foreach (var host in hosts)
        {
            var answer = new HostRehearsal { Host = host.Host };
            if (host.Seen.Problem.Length > 0)
            {
                answer.Findings.Add(new Finding
                {
                    What = "host",
                    Subject = host.Host,
                    Verdict = Verdict.Fails,
                    Value = host.Seen.Problem,
                    Right = "an agent of this version that is connected: see hactl hosts",
                });
            }
            else
            {
                answer.Findings.AddRange(host.Seen.Findings);
                answer.Findings.AddRange(FleetFindings.Of(others.First(o => o.Host == host.Host), others).Select(ToProto));
            }
            var failing = answer.Findings.Count(f => f.Verdict == Verdict.Fails);
            answer.Score = failing == 0 ? 100 : Math.Min(99, 100 * (answer.Findings.Count - failing) / answer.Findings.Count);
            response.Hosts.Add(answer);
        }
        return response;
    }

    private static Finding ToProto(Core.Rehearsal.Finding finding) => new()
    {
        What = finding.What,
        Subject = finding.Subject,
        Verdict = finding.Verdict switch
        {
            Core.Rehearsal.Verdict.Ok => Verdict.Ok,
            Core.Rehearsal.Verdict.Warning => Verdict.Warning,
            _ => Verdict.Fails,
        },
        Value = finding.Value,
        Right = finding.Right,
    };
}
