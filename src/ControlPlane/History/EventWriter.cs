using System.Threading.Channels;
using HaGrpc.ControlPlane.Storage;

namespace HaGrpc.ControlPlane.History;

/// <summary>
/// Stores lines of history that belong to no other transaction. Bounded: when the database is away for long the newest
/// lines are lost, counted, and said to be lost. Each line has an id of its own, so that storing again stores it once.
/// </summary>
internal sealed partial class EventWriter(
    Store store, EventSignal signal, TimeProvider time, ILogger<EventWriter> log) : BackgroundService
{
    private const int Capacity = 4096;
    private const int Batch = 64;
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Flush = TimeSpan.FromMilliseconds(300);

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly Channel<EventRecord> _lines = Channel.CreateBounded<EventRecord>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    private long _number;
    private long _lost;

    /// <summary>Takes a line over; never waits.</summary>
    public void Write(EventRecord line)
    {
        var stamped = line with
        {
            At = line.At == default ? time.GetUtcNow() : line.At,
            SourceId = line.SourceId ?? $"control-plane/{_id}/{Interlocked.Increment(ref _number)}",
        };
        if (!_lines.Writer.TryWrite(stamped) && Interlocked.Increment(ref _lost) == 1)
            LogLosing(log, Capacity, line.Kind);
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _lines.Writer.TryComplete();
        if (ExecuteTask is { } running)
            await Task.WhenAny(running, Task.Delay(Flush, cancellationToken));
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await StoreAllAsync(stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // After a start that failed there is no stop, only this: the host would call it a failure of the service.
        }
    }

    private async Task StoreAllAsync(CancellationToken stoppingToken)
    {
        var batch = new List<EventRecord>(Batch + 1);
        while (await _lines.Reader.WaitToReadAsync(stoppingToken))
        {
            batch.Clear();
            while (batch.Count < Batch && _lines.Reader.TryRead(out var line))
                batch.Add(line);
            if (Interlocked.Exchange(ref _lost, 0) is > 0 and var lost)
                batch.Add(LossOf(lost));
            await StoreAsync(batch, stoppingToken);
            signal.Pulse();
        }
    }

    private EventRecord LossOf(long lost)
    {
        LogLost(log, lost);
        return new EventRecord
        {
            At = time.GetUtcNow(),
            Kind = "EventsLost",
            Message = $"{lost} events could not be stored: the database was away for too long; the log has what was logged",
            SourceId = $"control-plane/{_id}/{Interlocked.Increment(ref _number)}",
        };
    }

    private async Task StoreAsync(List<EventRecord> batch, CancellationToken ct)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await store.Events.AppendAsync(batch, ct);
                return;
            }
            catch (StorageException e)
            {
                if (attempt % 10 == 0)
                    LogRetry(log, batch.Count, e.Message);
                await Task.Delay(
                    TimeSpan.FromMilliseconds(Math.Min(50 << Math.Min(attempt, 10), LongestPause.TotalMilliseconds)), ct);
            }
        }
    }

    [LoggerMessage(1201, LogLevel.Warning, "{Count} events cannot be stored now, trying again: {Reason}")]
    private static partial void LogRetry(ILogger log, int count, string reason);

    [LoggerMessage(1202, LogLevel.Error, "{Capacity} events wait for the database: new ones are lost from now on, first {Kind}")]
    private static partial void LogLosing(ILogger log, int capacity, string kind);

    [LoggerMessage(1203, LogLevel.Error, "{Count} events were lost")]
    private static partial void LogLost(ILogger log, long count);
}
