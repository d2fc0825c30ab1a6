namespace HaGrpc.ControlPlane.Storage;

/// <summary>Runs units of work and turns the database's failures into <see cref="StorageException"/>.</summary>
internal sealed class Database(Dialect dialect, TimeProvider time) : IAsyncDisposable
{
    // Longer than a transaction takes whose database does not answer: that has a limit of its own.
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private TaskCompletionSource? _idle;
    private int _running;

    /// <summary>The dialect in use.</summary>
    public Dialect Dialect => dialect;

    /// <summary>The wall clock in UTC, cut to whole microseconds: what both databases keep.</summary>
    public DateTimeOffset Now() => WholeMicroseconds(time.GetUtcNow());

    /// <summary>The instant in UTC, cut to whole microseconds.</summary>
    public static DateTimeOffset WholeMicroseconds(DateTimeOffset at) =>
        new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    /// <summary>Runs queries that all see the same state.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<T> ReadAsync<T>(Func<UnitOfWork, Task<T>> body, CancellationToken ct) => RunAsync(body, write: false, ct);

    /// <summary>Runs a transaction. The body commits by <see cref="UnitOfWork.CommitAsync"/>; else all is rolled back.</summary>
    /// <exception cref="StorageException">The database failed; <see cref="StorageException.OutcomeUnknown"/> says whether
    /// the commit had been sent.</exception>
    public Task<T> WriteAsync<T>(Func<UnitOfWork, Task<T>> body, CancellationToken ct) => RunAsync(body, write: true, ct);

    /// <summary>Waits for the transactions that are under way, which nothing interrupts in their commit.</summary>
    public async ValueTask DisposeAsync()
    {
        TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            _idle = idle;
            if (_running == 0)
                idle.TrySetResult();
        }
        await idle.Task.WaitAsync(LongestEnd, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await dialect.DisposeAsync();
    }

    private async Task<T> RunAsync<T>(Func<UnitOfWork, Task<T>> body, bool write, CancellationToken ct)
    {
        UnitOfWork? unit = null;
        lock (_lock)
            _running++;
        try
        {
            unit = await UnitOfWork.BeginAsync(dialect, write, ct);
            await using (unit)
                return await body(unit);
        }
        catch (Exception e) when (dialect.IsDatabaseFailure(e))
        {
            throw dialect.Translate(e, unit?.CommitSent ?? false);
        }
        finally
        {
            lock (_lock)
            {
                if (--_running == 0)
                    _idle?.TrySetResult();
            }
        }
    }
}
