namespace HaGrpc.Agent.Platform;

/// <summary>
/// Gives memory back once work is done. The start of hundreds of programs leaves as much garbage as there is memory in use, and an agent that
/// only heartbeats afterwards would keep it for hours: the collector returns memory when it collects everything, and nothing makes it.
/// </summary>
/// <param name="allocated">Bytes allocated since the process began; only grows.</param>
/// <param name="giveBack">Collects everything and returns what is free to the kernel.</param>
internal sealed class RestingMemory(Func<long> allocated, Action giveBack)
{
    /// <summary>From one look to the next.</summary>
    internal static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    /// <summary>Less than this in a period is rest: heartbeats need a few thousand bytes each.</summary>
    internal const long Rest = 256 * 1024;

    /// <summary>Less than this since the last time is not worth the collection, which stops all threads for milliseconds.</summary>
    internal const long Worth = 8 * 1024 * 1024;

    private long _last, _returned;

    /// <summary>For this process.</summary>
    public static RestingMemory OfProcess() => new(
        () => GC.GetTotalAllocatedBytes(),
        () => GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true));

    /// <summary>Looks once in a period until it is cancelled.</summary>
    public async Task RunAsync(TimeProvider time, CancellationToken ct)
    {
        using var timer = new PeriodicTimer(Period, time);
        try
        {
            while (await timer.WaitForNextTickAsync(ct))
                Look();
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The agent ends.
        }
    }

    /// <summary>To be called once in a period.</summary>
    internal void Look()
    {
        var now = allocated();
        var (before, isAtRest) = (_last, now - _last < Rest);
        _last = now;
        if (!isAtRest || before - _returned < Worth)
            return;
        giveBack();
        _returned = _last = allocated();
    }
}
