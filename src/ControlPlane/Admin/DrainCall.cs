using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Agents;
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
    // Nobody tells when a group cannot be moved: that is seen by looking.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan StepsPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestStop = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(15);

    /// <summary>Drains.</summary>
    public async Task<DrainHostResponse> DrainAsync(DrainHostRequest request, ServerCallContext context)
    {
        var tenure = seat.Demand();
        var began = new BootInstant(BootClock.Nanoseconds);
        var owned = await OwnedByAsync(tenure, request.Host);
        await StoreAsync(tenure, request.Host, drained: true, request.Reason, context);
        var response = new DrainHostResponse();
        var moved = await Task.WhenAll(owned.Select(group => request.NoWait
            ? Task.FromResult(new DrainedGroup { Group = group, Owner = request.Host, Detail = "it is not waited for" })
            : WatchAsync(tenure, request.Host, group, began, context.CancellationToken)));
        response.Groups.AddRange(moved);
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
        var known = await tenure.Registry.WriteAsync(
            () => store.Registry.DrainAsync(host, drained, Peer.Actor(context), reason, context.CancellationToken), context.CancellationToken);
        signal.Pulse();
        if (!known)
            throw new RpcException(new Status(StatusCode.NotFound, $"host: no host is called '{host}'"));
    }

    private static Task<string[]> OwnedByAsync(Tenure tenure, string host) => tenure.Loop.RunAsync(() => tenure.Registry.Current.Groups
        .Select(g => g.Spec.Name).Where(g => tenure.Loop.ReportGroup(g)?.Owner == host).ToArray());

    private async Task<DrainedGroup> WatchAsync(Tenure tenure, string host, string group, BootInstant began, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(Patience(tenure, group), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct, tenure.Term.Ended);
        var ownedSince = BootInstant.Never;
        while (true)
        {
            var next = tenure.Switchovers.Reported.Next;
            var report = await tenure.Loop.RunAsync(() => tenure.Loop.ReportGroup(group));
            var result = new DrainedGroup
            {
                Group = group,
                Owner = report?.Owner ?? "",
                Epoch = report?.Epoch ?? 0,
                Took = (new BootInstant(BootClock.Nanoseconds) - began).ToProto(),
            };
            if (report is null || (report.Owner != host && IsTaken(tenure, group, report, ref ownedSince)))
                return result;
            // The engine says why as soon as it has looked, and it has: it was told of the drain before this.
            result.Detail = report.Obstacle;
            if (report is { Owner: var owner, Phase: GroupPhase.Owned } && owner == host && report.Obstacle.Length > 0)
                return result;
            try
            {
                await Task.WhenAny(next, Task.Delay(Look, time, either.Token));
                either.Token.ThrowIfCancellationRequested();
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                if (tenure.Term.HasEnded)
                    throw tenure.Term.EndedError();
                result.Detail = $"it is {report.Phase} and still asked to move: see hactl why {group}";
                return result;
            }
        }
    }

    /// <summary>The new owner has told that its programs run, or has owned the group for long without telling.</summary>
    private static bool IsTaken(Tenure tenure, string group, GroupReport report, ref BootInstant ownedSince)
    {
        if (tenure.Switchovers.TakenOf(group, report.Epoch) is not null)
            return true;
        if (report.Phase != GroupPhase.Owned)
            return false;
        var now = new BootInstant(BootClock.Nanoseconds);
        ownedSince = BootInstant.Min(ownedSince, now);
        return now - ownedSince >= StepsPatience;
    }

    /// <summary>The programs stop one after another: each may take its time, and a little is added for the rest.</summary>
    private static TimeSpan Patience(Tenure tenure, string group)
    {
        var stops = tenure.Registry.Current.Programs.Where(p => p.Spec.Name.Group == group).Sum(p => p.Spec.StopTimeout.TotalSeconds);
        return TimeSpan.FromSeconds(Math.Min(stops, LongestStop.TotalSeconds)) + Slack;
    }
}
