using System.Collections.Immutable;
using Grpc.Core;
using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Audit;
using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>Deletes groups, hosts and programs: all that is named in one transaction, or nothing (docs/adr/0027).</summary>
internal sealed partial class DeleteCall(LeaderSeat seat, Store store, EventSignal signal, TimeProvider time, ILogger<DeleteCall> log)
{
    private const int Attempts = 2;

    /// <summary>Answers the call.</summary>
    /// <exception cref="RpcException">INVALID_ARGUMENT when nothing is named.</exception>
    public async Task<DeleteResponse> RunAsync(DeleteRequest request, ServerCallContext context)
    {
        RequestText.Check("reason", request.Reason);
        if (request.Groups.Count + request.Hosts.Count + request.Programs.Count == 0)
            throw new RpcException(new Status(StatusCode.InvalidArgument, "groups, hosts, programs: name at least one of them"));
        var tenure = seat.Demand();
        if (request.DryRun)
            return await TryAsync(request, tenure, context);
        var response = await tenure.Registry.WriteAsync(() => TryAsync(request, tenure, context), context.CancellationToken);
        if (response.Refusals.Count > 0)
            return response;
        if (response.Changes.Count > 0)
            LogDeleted(log, Peer.Actor(context), string.Join(", ", response.Changes.Select(c => c.Object)));
        if (!request.NoWait)
            await WaitAsync(request.Groups, tenure, context.CancellationToken);
        response.Pending.AddRange(await PendingAsync(request.Groups, tenure));
        return response;
    }

    private async Task<DeleteResponse> TryAsync(DeleteRequest request, Tenure tenure, ServerCallContext context)
    {
        ImmutableArray<string> conflicts = [];
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var registered = await store.Registry.ReadAsync(context.CancellationToken);
            var stored = registered.Lasting;
            var plan = new DeletionPlan(request, registered);
            var response = new DeleteResponse { Refusals = { plan.Refusals } };
            if (plan.Refusals.Count > 0)
                return response;
            var changes = plan.Changes(request.Reason);
            response.Stopping.AddRange(await tenure.Loop.RunAsync(() => Stoppings.Of(changes, stored, tenure).ToArray()));
            if (request.DryRun)
            {
                response.Changes.AddRange(ChangeAnswers.Of(RegistryPreview.Of(changes, stored), changes, stored));
                return response;
            }
            var write = await store.Registry.ApplyAsync(changes, stored.ConfigurationRevision, Peer.Actor(context), context.CancellationToken);
            signal.Pulse();
            if (write.Outcome == RegistryOutcome.Applied)
            {
                RegistryAudit.Note(AuditNotes.Of(context), write.Changes, stored, changes);
                response.Changes.AddRange(ChangeAnswers.Of(write.Changes, changes, stored));
                return response;
            }
            conflicts = write.Conflicts;
        }
        throw new RpcException(new Status(
            StatusCode.Aborted, $"somebody else changes the configuration at the same time, nothing was deleted: {string.Join("; ", conflicts)}"));
    }

    /// <summary>Until the groups are gone, or could have been.</summary>
    private async Task WaitAsync(IEnumerable<string> groups, Tenure tenure, CancellationToken ct)
    {
        var waiting = groups.ToArray();
        var patience = waiting.Select(g => StopPatience.Of(tenure, g)).DefaultIfEmpty(TimeSpan.Zero).Max();
        using var limit = new CancellationTokenSource(patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, ct, tenure.Term.Ended);
        while (true)
        {
            var next = tenure.Registry.Changed.Next;
            if (!waiting.Any(g => IsThere(g, tenure)))
                return;
            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!ct.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static Task<PendingDeletion[]> PendingAsync(IEnumerable<string> groups, Tenure tenure) => tenure.Loop.RunAsync(() => groups
        .Where(g => IsThere(g, tenure)).Distinct(StringComparer.Ordinal)
        .Select(g => new PendingDeletion { Group = g, Detail = tenure.Loop.ReportGroup(g)?.Obstacle ?? "" }).ToArray());

    private static bool IsThere(string group, Tenure tenure) => tenure.Registry.Current.Groups.Any(g => g.Spec.Name == group);

    [LoggerMessage(1061, LogLevel.Information, "{Actor} deleted {Objects}")]
    private static partial void LogDeleted(ILogger log, string actor, string objects);
}
