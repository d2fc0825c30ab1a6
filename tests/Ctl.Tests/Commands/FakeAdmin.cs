using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Answers what a test says, and keeps what was asked.</summary>
internal sealed class FakeAdmin : AdminService.AdminServiceBase
{
    internal List<object> Asked { get; } = [];

    /// <summary>What callers of ListHosts came in with, empty for nothing.</summary>
    internal List<string> Authorizations { get; } = [];

    /// <summary>What starts and stops came with as a confirmation, empty for nothing.</summary>
    internal List<string> Confirmations { get; } = [];

    /// <summary>Where calls of ListHosts and ListGroups came from.</summary>
    internal List<string> Peers { get; } = [];

    internal Func<ApplyRequest, ApplyResponse> OnApply { get; set; } = _ => new();
    internal Func<ListHostsResponse> OnHosts { get; set; } = () => new();
    internal Func<ListGroupsResponse> OnGroups { get; set; } = () => new();
    internal Func<ListProgramsRequest, ListProgramsResponse> OnPrograms { get; set; } = _ => new();
    internal Func<StartProgramsRequest, StartProgramsResponse> OnStart { get; set; } = _ => new();

    /// <summary>In place of <see cref="OnStart"/>, for one that takes a while.</summary>
    internal Func<StartProgramsRequest, Task<StartProgramsResponse>>? OnStartAsync { get; set; }

    internal Func<StopProgramsRequest, StopProgramsResponse> OnStop { get; set; } = _ => new();
    internal Func<RestartProgramsRequest, RestartProgramsResponse> OnRestart { get; set; } = _ => new();
    internal Func<SwitchoverRequest, SwitchoverResponse> OnSwitchover { get; set; } = _ => new();
    internal Func<DrainHostRequest, DrainHostResponse> OnDrain { get; set; } = _ => new();
    internal Func<LockRequest, LockResponse> OnLock { get; set; } = _ => new();
    internal Func<UnlockRequest, UnlockResponse> OnUnlock { get; set; } = _ => new();
    internal Func<ListLocksRequest, ListLocksResponse> OnLocks { get; set; } = _ => new();
    internal Func<RehearseRequest, RehearseResponse> OnRehearse { get; set; } = _ => new();
    internal Func<FenceRequest, FenceResponse> OnFence { get; set; } = _ => new();
    internal Func<ListEventsRequest, ListEventsResponse> OnEvents { get; set; } = _ => new();
    internal Func<WatchEventsRequest, IEnumerable<Event>> OnWatch { get; set; } = _ => [];

    internal Func<TailLogsRequest, IEnumerable<TailLogsResponse>> OnTail { get; set; } = _ => [];

    public override Task<ApplyResponse> Apply(ApplyRequest request, ServerCallContext context) => Answer(request, OnApply);

    public override Task<ListHostsResponse> ListHosts(ListHostsRequest request, ServerCallContext context)
    {
        Authorizations.Add(context.RequestHeaders.GetValue("authorization") ?? "");
        Peers.Add(context.Peer);
        return Answer(request, _ => OnHosts());
    }

    public override Task<ListGroupsResponse> ListGroups(ListGroupsRequest request, ServerCallContext context)
    {
        Peers.Add(context.Peer);
        return Answer(request, _ => OnGroups());
    }

    public override Task<ListProgramsResponse> ListPrograms(ListProgramsRequest request, ServerCallContext context) =>
        Answer(request, OnPrograms);

    public override Task<StartProgramsResponse> StartPrograms(StartProgramsRequest request, ServerCallContext context)
    {
        Confirmations.Add(context.RequestHeaders.GetValue("hagrpc-confirmation") ?? "");
        if (OnStartAsync is null)
            return Answer(request, OnStart);
        Asked.Add(request);
        return OnStartAsync(request);
    }

    public override Task<StopProgramsResponse> StopPrograms(StopProgramsRequest request, ServerCallContext context)
    {
        Confirmations.Add(context.RequestHeaders.GetValue("hagrpc-confirmation") ?? "");
        return Answer(request, OnStop);
    }

    public override Task<RestartProgramsResponse> RestartPrograms(
        RestartProgramsRequest request, ServerCallContext context) => Answer(request, OnRestart);

    public override Task<SwitchoverResponse> Switchover(SwitchoverRequest request, ServerCallContext context) =>
        Answer(request, OnSwitchover);

    public override Task<DrainHostResponse> DrainHost(DrainHostRequest request, ServerCallContext context) => Answer(request, OnDrain);

    public override Task<UndrainHostResponse> UndrainHost(UndrainHostRequest request, ServerCallContext context) =>
        Answer(request, _ => new UndrainHostResponse());

    public override Task<LockResponse> Lock(LockRequest request, ServerCallContext context) => Answer(request, OnLock);

    public override Task<UnlockResponse> Unlock(UnlockRequest request, ServerCallContext context) => Answer(request, OnUnlock);

    public override Task<ListLocksResponse> ListLocks(ListLocksRequest request, ServerCallContext context) => Answer(request, OnLocks);
    public override Task<FenceResponse> Fence(FenceRequest request, ServerCallContext context) => Answer(request, OnFence);
    public override Task<RehearseResponse> Rehearse(RehearseRequest request, ServerCallContext context) => Answer(request, OnRehearse);

    public override Task<ListEventsResponse> ListEvents(ListEventsRequest request, ServerCallContext context) =>
        Answer(request, OnEvents);

    public override async Task WatchEvents(
        WatchEventsRequest request, IServerStreamWriter<WatchEventsResponse> responseStream, ServerCallContext context)
    {
        Asked.Add(request.Clone());
        await responseStream.WriteAsync(new() { Position = request.HasResumeAfter ? request.ResumeAfter : 10 });
        foreach (var item in OnWatch(request))
            await responseStream.WriteAsync(new() { Event = item, Position = item.Id });
    }

    public override async Task TailLogs(
        TailLogsRequest request, IServerStreamWriter<TailLogsResponse> responseStream, ServerCallContext context)
    {
        Asked.Add(request.Clone());
        foreach (var answer in OnTail(request))
            await responseStream.WriteAsync(answer);
    }

    private Task<TResponse> Answer<TRequest, TResponse>(TRequest request, Func<TRequest, TResponse> answer)
        where TRequest : class
    {
        Asked.Add(request);
        return Task.FromResult(answer(request));
    }
}
