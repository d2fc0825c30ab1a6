using HaGrpc.ControlPlane.History;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Identity;

namespace HaGrpc.ControlPlane.Identity;

/// <summary>What is revoked, as the database said last; also where another control plane leads. Woken by the history, in which every revocation
/// has its line; whoever is not woken looks a little later. While the database is away what was read last counts.</summary>
#pragma warning disable CA1001 // A semaphore whose wait handle nobody takes has nothing to dispose of.
internal sealed partial class RevocationWatch(
    Store store, EventSignal history, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<RevocationWatch> log) : StartedService(lifetime)
#pragma warning restore CA1001
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Revocations _current = Revocations.None;
    private long _revision = -1;

    /// <summary>What is revoked.</summary>
    public Revocations Current => _current;

    /// <summary>Looks now.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public async Task RefreshAsync(CancellationToken ct)
    {
        await _turn.WaitAsync(ct); // What was read later is what stays.
        try
        {
            if (await store.Identities.ReadRevocationsAsync(Interlocked.Read(ref _revision), ct) is not { } read)
                return;
            _current = read.Revoked;
            Interlocked.Exchange(ref _revision, read.Revision);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    protected override async Task RunAsync(CancellationToken stoppingToken)
    {
        var isBlind = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var changed = history.Next;
            try
            {
                await RefreshAsync(stoppingToken);
                isBlind = false;
            }
            catch (StorageException e)
            {
                if (!isBlind && Interlocked.Read(ref _revision) >= 0)
                    LogBlind(log, e.Message);
                isBlind = true;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(changed, Task.Delay(Interval, time, over.Token));
            await over.CancelAsync();
        }
    }

    [LoggerMessage(1090, LogLevel.Warning, "which certificates are revoked cannot be read, what was read last counts: {Reason}")]
    private static partial void LogBlind(ILogger log, string reason);
}
