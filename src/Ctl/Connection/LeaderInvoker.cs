using Grpc.Core;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Connection;

/// <summary>Sends each call to the leader, and looks for it first when it is not known, or has failed. A call that reads what the
/// database knows goes to another control plane when nobody leads.</summary>
internal sealed class LeaderInvoker(LeaderFinder finder) : CallInvoker
{
    private static readonly HashSet<string> Reads =
    [
        nameof(AdminService.AdminServiceClient.ListHosts), nameof(AdminService.AdminServiceClient.ListGroups),
        nameof(AdminService.AdminServiceClient.ListPrograms), nameof(AdminService.AdminServiceClient.ListEvents),
        nameof(AdminService.AdminServiceClient.WatchEvents), nameof(ExplanationService.ExplanationServiceClient.ExplainProgram),
        nameof(StateService.StateServiceClient.WatchStates),
        nameof(RegistryService.RegistryServiceClient.Export), nameof(RegistryService.RegistryServiceClient.ListRevisions),
        nameof(AuditService.AuditServiceClient.ReadAudit), nameof(AuditService.AuditServiceClient.GetAuditHead),
        nameof(AccessService.AccessServiceClient.ListOperators), nameof(AccessService.AccessServiceClient.GetCaller),
        nameof(GuardService.GuardServiceClient.GetPolicy), nameof(GuardService.GuardServiceClient.ListApprovals),
    ];

    private volatile bool _knows;

    /// <summary>Who was asked last; null for nobody yet.</summary>
    internal Replica? Current { get; private set; }

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = BeginAsync(method.Name, options, invoker => invoker.AsyncUnaryCall(method, host, options, request));
        return new(
            AnswerAsync(call, static c => c.ResponseAsync),
            AnswerAsync(call, static c => c.ResponseHeadersAsync),
            () => Begun(call).GetStatus(),
            () => Begun(call).GetTrailers(),
            () => End(call));
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request)
    {
        var call = BeginAsync(method.Name, options, invoker => invoker.AsyncServerStreamingCall(method, host, options, request));
        return new(
            new Reader<TResponse>(token => AnswerAsync(call, async c =>
            {
                var more = await c.ResponseStream.MoveNext(token).ConfigureAwait(false);
                return (more, more ? c.ResponseStream.Current : default!);
            })),
            AnswerAsync(call, static c => c.ResponseHeadersAsync),
            () => Begun(call).GetStatus(),
            () => Begun(call).GetTrailers(),
            () => End(call));
    }

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options, TRequest request) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        Method<TRequest, TResponse> method, string? host, CallOptions options) => throw new NotSupportedException();

    private async Task<T> BeginAsync<T>(string method, CallOptions options, Func<CallInvoker, T> begin)
    {
        if (!_knows || Current is null)
            Current = await finder.FindAsync(Reads.Contains(method), options.CancellationToken).ConfigureAwait(false);
        _knows = true;
        return begin(Current.Invoker);
    }

    private async Task<TResult> AnswerAsync<TCall, TResult>(Task<TCall> call, Func<TCall, Task<TResult>> answer)
    {
        try
        {
            return await answer(await call.ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (RpcException)
        {
            _knows = false; // Perhaps another one leads by now.
            throw;
        }
    }

    private static T Begun<T>(Task<T> call) =>
        call.IsCompletedSuccessfully ? call.Result : throw new InvalidOperationException("the call has not begun");

    private static void End<T>(Task<T> call)
        where T : IDisposable => _ = call.ContinueWith(
            static begun => begun.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);

    private sealed class Reader<T>(Func<CancellationToken, Task<(bool More, T Item)>> next) : IAsyncStreamReader<T>
    {
        public T Current { get; private set; } = default!;

        public async Task<bool> MoveNext(CancellationToken cancellationToken)
        {
            (var more, Current) = await next(cancellationToken).ConfigureAwait(false);
            return more;
        }
    }
}
