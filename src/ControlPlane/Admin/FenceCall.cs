using System.Globalization;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Fencing;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>A host that an operator wants off, or has seen to be off; watched until others have what it owned (rule C10).</summary>
internal sealed class FenceCall(LeaderSeat seat, FenceAgents agents, TimeProvider time)
{
    // Nobody tells when a group cannot be taken: that is seen by looking.
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan StepsPatience = TimeSpan.FromSeconds(10);

    /// <summary>Answers the call.</summary>
    public async Task<FenceResponse> RunAsync(FenceRequest request, ServerCallContext context)
    {
        RequestText.Check("host", request.Host);
        RequestText.Check("reason", request.Reason);
        var tenure = seat.Demand();
        var host = HostOf(tenure, request.Host);
        var response = await tenure.Loop.RunAsync(() => Describe(tenure, host.Spec));
        response.DeviceProblem = host.Spec.Fence is { } device ? agents.ProblemOf(device) : "";
        if (request.DryRun)
            return response;
        var actor = Peer.Actor(context);
        var reason = request.Reason.Length == 0 ? "an operator asked for it" : request.Reason;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, tenure.Term.Ended);
        try
        {
            if (request.ConfirmOff)
                await ConfirmAsync(tenure, host.Spec.Name, reason, actor);
            else if (response.Device.Length == 0)
                throw Refused($"host: {host.Spec.Name} has no fence device: switch it off, see that it is off, and say so with --confirm-off");
            else if (await tenure.Fences.RunAsync(host.Spec.Name, reason, actor).WaitAsync(either.Token) is { Length: > 0 } error)
                throw Refused($"it is not confirmed that {host.Spec.Name} is off, and nothing was taken from it: {error}");
            await WatchAsync(tenure, host.Spec.Name, response, either.Token);
            return response;
        }
        catch (OperationCanceledException) when (!context.CancellationToken.IsCancellationRequested)
        {
            throw tenure.Term.EndedError();
        }
    }

    private static RegisteredHost HostOf(Tenure tenure, string name)
    {
        var hosts = tenure.Registry.Current.Hosts;
        if (hosts.FirstOrDefault(h => h.Spec.Name == name) is { } host)
            return host;
        var near = NearestName.Of(name, hosts.Select(h => h.Spec.Name)) is { } other ? $"; did you mean {other}?" : "";
        throw new RpcException(new Status(StatusCode.NotFound, $"host: no host is called '{name}'{near}"));
    }

    /// <summary>On the loop's thread: what is on the host now.</summary>
    private static FenceResponse Describe(Tenure tenure, Core.Model.Host host)
    {
        var registry = tenure.Registry.Current;
        var (liveness, silence) = tenure.Loop.ReportHost(host.Name);
        var response = new FenceResponse
        {
            Device = host.Fence is { } device ? $"{device.Agent} ({(device.Action == Core.Model.FenceAction.Reboot ? "reboot" : "off")})" : "",
            IsHeard = liveness == HostLiveness.Live,
            LastHeartbeatAge = silence?.ToProto(),
        };
        foreach (var group in registry.Groups.Select(g => g.Spec))
        {
            if (tenure.Loop.ReportGroup(group.Name) is not { } report || report.Owner != host.Name)
                continue;
            var fenced = new FencedGroup { Group = group.Name, Owner = host.Name, Epoch = report.Epoch };
            fenced.Vips.AddRange(group.Vips.Select(v => v.Address));
            fenced.Programs.AddRange(registry.Programs.Where(p => p.Spec.Name.Group == group.Name).Select(p => p.Spec.Name.Name));
            fenced.Candidates.AddRange(report.Backups.Where(b => b.Obstacle.Length == 0).Select(b => b.Host));
            response.Groups.Add(fenced);
        }
        return response;
    }

    private static async Task ConfirmAsync(Tenure tenure, string host, string reason, string actor)
    {
        var problem = await tenure.Loop.RunAsync(() =>
        {
            var (liveness, silence) = tenure.Loop.ReportHost(host);
            if (liveness == HostLiveness.Live)
                return string.Create(CultureInfo.InvariantCulture, $"host: {host} was heard {silence?.TotalSeconds:0.0} s ago, so it is not off");
            tenure.Loop.Handle(new HostFenced(host, FenceMethod.Operator, $"{actor}, who says to have seen it ({reason})", actor));
            return "";
        });
        if (problem.Length > 0)
            throw Refused(problem);
    }

    /// <summary>Until each group that it owned is served elsewhere, or has not been for long.</summary>
    private async Task WatchAsync(Tenure tenure, string host, FenceResponse response, CancellationToken ct)
    {
        var began = new BootInstant(BootClock.Nanoseconds);
        var owned = new Dictionary<string, BootInstant>(StringComparer.Ordinal);
        var pending = response.Groups.ToList();
        while (pending.Count > 0)
        {
            var next = tenure.Switchovers.Reported.Next;
            var reports = await tenure.Loop.RunAsync(() => pending.Select(g => tenure.Loop.ReportGroup(g.Group)).ToArray());
            var now = new BootInstant(BootClock.Nanoseconds);
            foreach (var (group, report) in pending.Zip(reports).ToArray())
            {
                var isTaken = report is not null && (report.Owner != host || report.Epoch > group.Epoch) && IsTaken(group.Group, report);
                var isKept = report is { Phase: GroupPhase.Owned } && report.Owner == host && report.Epoch == group.Epoch;
                group.Took = (now - began).ToProto();
                group.Detail = report is null ? "it is not registered any more"
                    : isTaken ? ""
                    : isKept ? $"the confirmation does not count, or not any more: see hactl events --host {host}"
                    : report.Obstacle.Length > 0 ? report.Obstacle
                    : $"it is {report.Phase}: see hactl why {group.Group}";
                if (report is null || isTaken || isKept)
                {
                    (group.Owner, group.Epoch) = (report?.Owner ?? "", report?.Epoch ?? 0);
                    _ = pending.Remove(group);
                }
            }
            if (now - began > Patience)
                return;
            if (pending.Count > 0)
                await Task.WhenAny(next, Task.Delay(Look, time, ct));
            ct.ThrowIfCancellationRequested();

            // The new owner has told that its programs run, or has owned the group for long without telling.
            bool IsTaken(string group, GroupReport report)
            {
                if (tenure.Switchovers.TakenOf(group, report.Epoch) is not null)
                    return true;
                if (report.Phase != GroupPhase.Owned)
                    return false;
                _ = owned.TryAdd(group, now);
                return now - owned[group] >= StepsPatience;
            }
        }
    }

    private static RpcException Refused(string what) => new(new Status(StatusCode.FailedPrecondition, what));
}
