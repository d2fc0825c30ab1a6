using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>A planned change of owner, watched until the new owner's programs run (rule C9).</summary>
internal sealed class SwitchoverCall(LeaderSeat seat, TimeProvider time)
{
    private static readonly TimeSpan StepsPatience = TimeSpan.FromSeconds(10);

    /// <summary>Answers the call.</summary>
    public async Task<SwitchoverResponse> RunAsync(SwitchoverRequest request, ServerCallContext context)
    {
        RequestText.Check("reason", request.Reason);
        var tenure = seat.Demand();
        var registry = tenure.Registry.Current;
        if (Sightings.ObservedOf(registry, Sightings.GroupOf(registry, request.Group)) is { IsEmpty: false } left)
        {
            throw new RpcException(new Status(
                StatusCode.FailedPrecondition,
                $"{request.Group}: somebody else runs {string.Join(", ", left.Select(p => p.Name))}, which would stay where it is; hand it over first: hactl adopt {request.Group}"));
        }
        var began = new BootInstant(BootClock.Nanoseconds);
        var (id, over) = tenure.Switchovers.Ask();
        try
        {
            await tenure.Loop.HandleAsync(new SwitchoverAsked(
                id,
                request.Group,
                request.TargetHost.Length == 0 ? null : request.TargetHost,
                request.Reason.Length == 0 ? "an operator asked for it" : request.Reason,
                Peer.Actor(context)));
            var ended = await WaitAsync(over, tenure, request.Group, context.CancellationToken);
            if (ended.Error.Length > 0)
                throw new RpcException(new Status(StatusCode.FailedPrecondition, ended.Error));
            return await DescribeAsync(tenure, request.Group, ended, began, context.CancellationToken);
        }
        finally
        {
            tenure.Switchovers.Forget(id);
        }
    }

    private async Task<SwitchoverEnded> WaitAsync(
        Task<SwitchoverEnded> over, Tenure tenure, string group, CancellationToken ct)
    {
        var patience = StopPatience.Of(tenure, group);
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, tenure.Term.Ended);
            return await over.WaitAsync(patience, time, either.Token);
        }
        catch (TimeoutException)
        {
            throw new RpcException(new Status(
                StatusCode.DeadlineExceeded,
                $"{group} has not moved within {patience.TotalSeconds:F0} s and is still asked to: see hactl groups and hactl events"));
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw tenure.Term.EndedError();
        }
    }

    private async Task<SwitchoverResponse> DescribeAsync(
        Tenure tenure, string group, SwitchoverEnded ended, BootInstant began, CancellationToken ct)
    {
        using var limit = new CancellationTokenSource(StepsPatience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct);
        HostReport? taken;
        while (true)
        {
            var next = tenure.Switchovers.Reported.Next;
            taken = tenure.Switchovers.TakenOf(group, ended.Epoch);
            if (taken is not null)
                break;
            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                break;
            }
        }
        var now = new BootInstant(BootClock.Nanoseconds);
        var response = new SwitchoverResponse
        {
            FromHost = ended.From,
            ToHost = ended.To,
            Epoch = ended.Epoch,
            Took = (now - began).ToProto(),
        };
        Append(response, tenure.Switchovers.ReleasedOf(group, ended.Epoch - 1), began);
        Append(response, taken, began);
        return response;
    }

    /// <summary>Puts a host's steps on the request's time: its last step ended about when its report came.</summary>
    private static void Append(SwitchoverResponse response, HostReport? report, BootInstant began)
    {
        if (report is null)
            return;
        var length = report.Steps.Select(s => s.Offset.ToModel(TimeSpan.Zero) + s.Duration.ToModel(TimeSpan.Zero))
            .DefaultIfEmpty(TimeSpan.Zero).Max();
        var from = report.ReceivedAt - began - length;
        foreach (var step in report.Steps)
        {
            var copy = step.Clone();
            copy.Name = $"{report.Host}: {step.Name}";
            copy.Offset = (from + step.Offset.ToModel(TimeSpan.Zero)).ToProto();
            response.Steps.Add(copy);
        }
    }
}
