using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using Group = HaGrpc.Core.Model.Group;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Whether a group's other members could take it over now: their agents look, nothing moves.</summary>
internal sealed class RehearseCall(LeaderSeat seat, RehearsalDesk desk)
{
    private const int MostFindings = 1001;

    /// <summary>Answers the call when all hosts have answered, or were waited for in vain.</summary>
    public async Task<RehearseResponse> RunAsync(RehearseRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        var registry = tenure.Registry.Current;
        var group = registry.Groups.Select(g => g.Spec).FirstOrDefault(g => g.Name == request.Group)
            ?? throw Wrong(StatusCode.NotFound, Near("group: no group is called", request.Group, registry.Groups.Select(g => g.Spec.Name)));
        if (request.Host.Length > 0 && registry.Hosts.All(h => h.Spec.Name != request.Host))
            throw Wrong(StatusCode.NotFound, Near("host: no host is called", request.Host, registry.Hosts.Select(h => h.Spec.Name)));
        var (owner, streams) = await tenure.Loop.RunAsync(() => (
            tenure.Loop.ReportGroup(group.Name)?.Owner,
            group.Members.ToDictionary(m => m.Host, m => tenure.Agents.Of(m.Host), StringComparer.Ordinal)));
        // Not on the loop's thread: what is thrown there ends the leadership.
        var hosts = Choose(group, request.Host, owner);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, tenure.Term.Ended);
        try
        {
            var directories = group.Directories.IsEmpty
                ? null
                : await desk.LookAsync(owner is null ? null : streams.GetValueOrDefault(owner), owner, group.Name, either.Token);
            var response = new RehearseResponse();
            response.Hosts.AddRange(
                await Task.WhenAll(hosts.Select(host => RehearseAsync(host, streams[host], group.Name, directories, either.Token))));
            return response;
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw tenure.Term.EndedError();
        }
    }

    private static string[] Choose(Group group, string host, string? owner)
    {
        var members = group.Members.OrderByDescending(m => m.Priority).Select(m => m.Host).ToArray();
        if (host.Length > 0 && !members.Contains(host))
        {
            throw Wrong(
                StatusCode.FailedPrecondition, $"host: {host} is no member of {group.Name}; its members are {string.Join(", ", members)}");
        }
        if (host.Length > 0 && host == owner)
            throw Wrong(StatusCode.FailedPrecondition, $"host: {host} owns {group.Name} now: there is nothing to rehearse; name another member, or none");
        string[] chosen = host.Length > 0 ? [host] : [.. members.Where(m => m != owner)];
        return chosen.Length > 0
            ? chosen
            : throw Wrong(StatusCode.FailedPrecondition, $"group: {group.Name} has no member but {owner}, which owns it: nobody could take it over");
    }

    private async Task<HostRehearsal> RehearseAsync(
        string host, AgentStream? stream, string group, OwnersDirectories? directories, CancellationToken ct)
    {
        var answer = stream is null
            ? new() { Problem = "its agent is not connected" }
            : await desk.RehearseAsync(stream, group, stream.ComparesDirectories ? directories : null, ct);
        var rehearsal = new HostRehearsal { Host = host };
        if (answer.Problem.Length > 0)
        {
            rehearsal.Findings.Add(new Finding
            {
                What = "host",
                Subject = host,
                Verdict = Verdict.Fails,
                Value = ForeignText.Visible(answer.Problem, 500),
                Right = "an agent of this version that is connected: see hactl hosts",
            });
            return rehearsal;
        }
        rehearsal.Score = Math.Clamp(answer.Score, 0, 100);
        rehearsal.Findings.AddRange(answer.Findings.Take(MostFindings).Select(ForeignFinding.Visible));
        if (directories is not null && stream is { ComparesDirectories: false })
        {
            rehearsal.Findings.Add(new Finding
            {
                What = "sync",
                Subject = group,
                Verdict = Verdict.Warning,
                Value = $"not compared: its agent, version {RehearsalDesk.VersionOf(stream)}, is too old",
                Right = "an agent of this version",
            });
        }
        return rehearsal;
    }

    private static string Near(string what, string name, IEnumerable<string> known) =>
        NearestName.Of(name, known) is { } near ? $"{what} '{name}'; did you mean {near}?" : $"{what} '{name}'";

    private static RpcException Wrong(StatusCode code, string what) => new(new Status(code, what));
}
