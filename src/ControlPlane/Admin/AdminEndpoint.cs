using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Admin;

/// <summary>What operators ask for; each kind of call has a class of its own.</summary>
internal sealed class AdminEndpoint(
    ApplyCall apply, ListCalls lists, ProgramCalls programs, SwitchoverCall switchover, EventCalls events,
    TailCall tail, ReplicaCall replica, DrainCall drain, LockCalls locks, RehearseCall rehearse, FenceCall fence)
    : AdminService.AdminServiceBase
{
    /// <inheritdoc/>
    public override Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context) =>
        apply.RunAsync(request, context);

    /// <inheritdoc/>
    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context) =>
        lists.HostsAsync(context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ListGroupsResponse> ListGroups(ListGroupsRequest request, ServerCallContext context) =>
        lists.GroupsAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override Task<ListProgramsResponse> ListPrograms(ListProgramsRequest request, ServerCallContext context) =>
        lists.ProgramsAsync(request, context.CancellationToken);

    /// <inheritdoc/>
    public override async Task<StartProgramsResponse> StartPrograms(StartProgramsRequest request, ServerCallContext context)
    {
        var response = new StartProgramsResponse();
        response.Results.AddRange(await programs.RunAsync(
            Storage.DesiredAction.Start, request.Selectors, request.Reason, request.NoWait, context));
        return response;
    }

    /// <inheritdoc/>
    public override async Task<StopProgramsResponse> StopPrograms(StopProgramsRequest request, ServerCallContext context)
    {
        var response = new StopProgramsResponse();
        response.Results.AddRange(await programs.RunAsync(
            Storage.DesiredAction.Stop, request.Selectors, request.Reason, request.NoWait, context));
        return response;
    }

    /// <inheritdoc/>
    public override async Task<RestartProgramsResponse> RestartPrograms(
        RestartProgramsRequest request, ServerCallContext context)
    {
        var response = new RestartProgramsResponse();
        response.Results.AddRange(await programs.RunAsync(
            Storage.DesiredAction.Restart, request.Selectors, request.Reason, request.NoWait, context));
        return response;
    }

    /// <inheritdoc/>
    public override Task<SwitchoverResponse> Switchover(SwitchoverRequest request, ServerCallContext context) =>
        switchover.RunAsync(request, context);

    /// <inheritdoc/>
    public override Task<DrainHostResponse> DrainHost(DrainHostRequest request, ServerCallContext context) =>
        drain.DrainAsync(request, context);

    /// <inheritdoc/>
    public override Task<UndrainHostResponse> UndrainHost(UndrainHostRequest request, ServerCallContext context) =>
        drain.UndrainAsync(request, context);

    /// <inheritdoc/>
    public override Task<LockResponse> Lock(LockRequest request, ServerCallContext context) => locks.LockAsync(request, context);

    /// <inheritdoc/>
    public override Task<UnlockResponse> Unlock(UnlockRequest request, ServerCallContext context) => locks.UnlockAsync(request, context);

    /// <inheritdoc/>
    public override Task<ListLocksResponse> ListLocks(ListLocksRequest request, ServerCallContext context) =>
        Task.FromResult(locks.List());

    /// <inheritdoc/>
    public override Task<RehearseResponse> Rehearse(RehearseRequest request, ServerCallContext context) =>
        rehearse.RunAsync(request, context);

    /// <inheritdoc/>
    public override Task<FenceResponse> Fence(FenceRequest request, ServerCallContext context) => fence.RunAsync(request, context);

    /// <inheritdoc/>
    public override Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context) =>
        events.ListAsync(request, context);

    /// <inheritdoc/>
    public override Task WatchEvents(
        WatchEventsRequest request, IServerStreamWriter<WatchEventsResponse> responseStream, ServerCallContext context) =>
        events.WatchAsync(request, responseStream, context);

    /// <inheritdoc/>
    public override Task TailLogs(
        TailLogsRequest request, IServerStreamWriter<TailLogsResponse> responseStream, ServerCallContext context) =>
        tail.RunAsync(request, responseStream, context);

    /// <inheritdoc/>
    public override Task<GetControlPlaneResponse> GetControlPlane(GetControlPlaneRequest request, ServerCallContext context) =>
        replica.RunAsync(request, context);
}
