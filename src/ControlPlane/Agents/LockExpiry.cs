using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>Ends locks whose time is over, as long as this process leads.</summary>
internal sealed partial class LockExpiry(
    Store store, Registry registry, TermInForce term, EventSignal signal, TimeProvider time, ILogger log)
{
    // The wall clock may be set; a lock that ends late by this much harms nobody.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs until the leadership ends.</summary>
    public async Task RunAsync()
    {
        while (!term.HasEnded)
        {
            var changed = registry.Changed.Next;
            var next = registry.Current.Locks.Select(l => l.ExpiresAt).Where(end => end is not null).Min();
            try
            {
                var left = next is { } end ? end - time.GetUtcNow() : Timeout.InfiniteTimeSpan;
                if (next is not null && left <= TimeSpan.Zero)
                {
                    _ = await registry.WriteAsync(() => store.Registry.ExpireLocksAsync(term.Ended), term.Ended);
                    signal.Pulse();
                    continue;
                }
                using var over = CancellationTokenSource.CreateLinkedTokenSource(term.Ended);
                await Task.WhenAny(changed, Task.Delay(left > LongestSleep ? LongestSleep : left, time, over.Token));
                await over.CancelAsync();
            }
            catch (StorageException e)
            {
                LogNotEnded(log, e.Message);
                await Task.WhenAny(term.Over, Task.Delay(Pause, time));
            }
            catch (Exception e) when (term.HasEnded && e is OperationCanceledException or Grpc.Core.RpcException)
            {
                return; // The next leader ends them.
            }
        }
    }

    [LoggerMessage(1035, LogLevel.Warning, "a lock whose time is over cannot be removed yet, trying again: {Reason}")]
    private static partial void LogNotEnded(ILogger log, string reason);
}
