using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Sends states as a test says; until one is told how, it is as an older control plane, which sends none.</summary>
internal sealed class FakeStates : StateService.StateServiceBase
{
    internal delegate Task Watch(WatchStatesRequest request, IServerStreamWriter<WatchStatesResponse> stream, ServerCallContext context);

    internal List<WatchStatesRequest> Asked { get; } = [];

    internal Watch? OnWatch { get; set; }

    public override Task WatchStates(WatchStatesRequest request, IServerStreamWriter<WatchStatesResponse> responseStream, ServerCallContext context)
    {
        if (OnWatch is null)
            return base.WatchStates(request, responseStream, context);
        Asked.Add(request.Clone());
        return OnWatch(request, responseStream, context);
    }
}
