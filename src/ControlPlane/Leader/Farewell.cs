using Grpc.Core;
using Grpc.Core.Interceptors;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>
/// Lets streams end with their reason before the server closes their connections at shutdown: a client whose connection
/// closes first sees a broken connection, even when the reason was sent.
/// </summary>
internal sealed class Farewell : Interceptor, IHostedLifecycleService
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);

    // What is on the way arrives and is read: the client's library drops it when the end of the connection overtakes it.
    private static readonly TimeSpan Delivery = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _allEnded;
    private int _open;

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        ServerStreamingServerMethod<TRequest, TResponse> continuation) =>
        CountAsync(context, () => continuation(request, responseStream, context));

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation) =>
        CountAsync(context, () => continuation(requestStream, responseStream, context));

    /// <inheritdoc/>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        Task ended;
        lock (_lock)
        {
            if (_open == 0)
                return;
            _allEnded = new(TaskCreationOptions.RunContinuationsAsynchronously);
            ended = _allEnded.Task;
        }
        await Task.WhenAny(ended, Task.Delay(Patience, cancellationToken));
        await Task.Delay(Delivery, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CountAsync(ServerCallContext context, Func<Task> call)
    {
        lock (_lock)
            _open++;
        try
        {
            await call();
        }
        catch (Exception e) when (e is InvalidOperationException or IOException && context.CancellationToken.IsCancellationRequested)
        {
            // Whoever has gone while something was written to him is no error of this server, which the log would call it.
            throw new OperationCanceledException("the other side has gone", e, context.CancellationToken);
        }
        finally
        {
            lock (_lock)
            {
                if (--_open == 0)
                    _allEnded?.TrySetResult();
            }
        }
    }
}
