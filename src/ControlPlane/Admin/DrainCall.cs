using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>A host that shall own nothing: stored, so that it outlives every restart; the engine moves what it owns (rules C5, C9), and this
/// watches it do so.</summary>
internal sealed class DrainCall(LeaderSeat seat, Store store, EventSignal signal, TimeProvider time)
{
    // Nobody tells when a group cannot be moved any more: that is seen by looking.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan StepsPatience = TimeSpan.FromSeconds(10);

    /// <summary>Drains.</summary>
    public async Task<DrainHostResponse> DrainAsync(DrainHostRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        var began = new BootInstant(BootClock.Nanoseconds);
        var owned = await OwnedByAsync(tenure, request.Host);
        await StoreAsync(tenure, request.Host, drained: true, request.Reason, context);
        var response = new DrainHostResponse();
        response.Groups.AddRange(request.NoWait
            ? owned.Select(group => new DrainedGroup { Group = group, Owner = request.Host, Detail = "it is not waited for" })
            : await WatchAsync(tenure, request.Host, owned, began, context.CancellationToken));
        return response;
    }

    /// <summary>Ends a drain.</summary>
    public async Task<UndrainHostResponse> UndrainAsync(UndrainHostRequest request, ServerCallContext context)
    {
        await StoreAsync(seat.Demand(), request.Host, drained: false, request.Reason, context);
        return new();
    }

    private async Task StoreAsync(Tenure tenure, string host, bool drained, string reason, ServerCallContext context)
    {
        RequestText.Check("host", host);
        RequestText.Check("reason", reason);
        HostStatus? before = null;
        var known = await tenure.Registry.WriteAsync(
            () =>
            {
                before = DrainOf(tenure, host);
                return store.Registry.DrainAsync(host, drained, Peer.Actor(context), reason, context.CancellationToken);
            },
            context.CancellationToken);
        signal.Pulse();
        if (!known)
        {
            var near = NearestName.Of(host, tenure.Registry.Current.Hosts.Select(h => h.Spec.Name)) is { } other ? $"; did you mean {other}?" : "";
            throw new RpcException(new Status(StatusCode.NotFound, $"host: no host is called '{host}'{near}"));
        }
        AuditNotes.Of(context).Change($"host/{host}", before, DrainOf(tenure, host));
    }

    private static HostStatus DrainOf(Tenure tenure, string host)
    {
        var status = new HostStatus();
        status.Note(tenure.Registry.Current.Hosts.FirstOrDefault(h => h.Spec.Name == host)?.Drain);
        return status;
    }

    private static Task<string[]> OwnedByAsync(Tenure tenure, string host) => tenure.Loop.RunAsync(() => tenure.Registry.Current.Groups
        .Select(g => g.Spec.Name).Where(g => tenure.Loop.ReportGroup(g)?.Owner == host).ToArray());

    /// <summary>All groups together: a host may own hundreds, and the loop has leases to renew meanwhile.</summary>
    private async Task<IReadOnlyCollection<DrainedGroup>> WatchAsync(
        Tenure tenure, string host, string[] groups, BootInstant began, CancellationToken ct)
    {
        var patience = groups.Select(g => StopPatience.Of(tenure, g)).DefaultIfEmpty().Max();
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct, tenure.Term.Ended);
        var pending = groups.ToDictionary(g => g, _ => BootInstant.Never, StringComparer.Ordinal);
        var results = new List<DrainedGroup>(groups.Length);
        while (true)
        {
            var next = tenure.Switchovers.Reported.Next;
            var reports = await tenure.Loop.RunAsync(() => pending.Keys.Select(g => (Group: g, Report: tenure.Loop.ReportGroup(g))).ToArray());
            var now = new BootInstant(BootClock.Nanoseconds);
            var waiting = new List<DrainedGroup>();
            foreach (var (group, report) in reports)
            {
                var result = new DrainedGroup
                {
                    Group = group,
                    Owner = report?.Owner ?? "",
                    Epoch = report?.Epoch ?? 0,
                    Took = (now - began).ToProto(),
                };
                if (report is null || (report.Owner != host && IsTaken(group, report)))
                {
                    results.Add(result);
                }
                else if (report.Owner == host && report.Phase == GroupPhase.Owned && report.Obstacle.Length > 0)
                {
                    // The engine says why as soon as it has looked, and it has: it was told of the drain before this.
                    result.Detail = report.Obstacle;
                    results.Add(result);
                }
                else
                {
                    result.Detail = $"it is {report.Phase} and still asked to move: see hactl why {group}";
                    waiting.Add(result);
                    continue;
                }
                _ = pending.Remove(group);
            }
            if (waiting.Count == 0)
                return results;
            try
            {
                await Task.WhenAny(next, Task.Delay(Look, time, either.Token));
                either.Token.ThrowIfCancellationRequested();
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return tenure.Term.HasEnded ? throw tenure.Term.EndedError() : [.. results, .. waiting];
            }

            // The new owner has told that its programs run, or has owned the group for long without telling.
            bool IsTaken(string group, GroupReport report)
            {
                if (tenure.Switchovers.TakenOf(group, report.Epoch) is not null)
                    return true;
                if (report.Phase != GroupPhase.Owned)
                    return false;
                pending[group] = BootInstant.Min(pending[group], now);
                return now - pending[group] >= StepsPatience;
            }
        }
    }
}
