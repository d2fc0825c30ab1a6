using Grpc.Core;
using HaGrpc.Core.Model;
using HaGrpc.Linux;

namespace HaGrpc.ControlPlane.Leader;

/// <summary>
/// One leadership on this machine's clock: until when it may act, and that it is over (rule S3).
/// </summary>
internal sealed class TermInForce : IDisposable
{
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _ending = new();
    private long _endsAt;
    private long _counter;
    private long _counterFloor;
    private volatile Task _told = Task.CompletedTask;

    /// <summary>A leadership that was just taken.</summary>
    /// <param name="term">Its number; every write names it.</param>
    /// <param name="since">When it began, on this machine's clock (rule C1).</param>
    /// <param name="endsAt">Until when it may act if it is never renewed.</param>
    public TermInForce(long term, BootInstant since, BootInstant endsAt)
    {
        (Number, Since, Ended) = (term, since, _ended.Token);
        _endsAt = endsAt.Nanoseconds;
    }

    /// <summary>Its number.</summary>
    public long Number { get; }

    /// <summary>When it began.</summary>
    public BootInstant Since { get; }

    /// <summary>From this instant on nothing is answered.</summary>
    public BootInstant EndsAt
    {
        get => new(Volatile.Read(ref _endsAt));
        set => Volatile.Write(ref _endsAt, value.Nanoseconds);
    }

    /// <summary>The row's counter as it was written last (rule S4).</summary>
    public long Counter
    {
        get => Volatile.Read(ref _counter);
        set => Volatile.Write(ref _counter, value);
    }

    /// <summary>What the row's counter must reach with the next renewal (rule S4); 0 for nothing.</summary>
    public long CounterFloor
    {
        get => Volatile.Read(ref _counterFloor);
        set => Volatile.Write(ref _counterFloor, value);
    }

    /// <summary>True when the leadership before this one was taken in another database (rule S4).</summary>
    public bool IsOtherDatabase { get; init; }

    /// <summary>Cancelled at its end, and readable after <see cref="Dispose"/>: the loop may look once more.</summary>
    public CancellationToken Ended { get; }

    /// <summary>Completes at its end.</summary>
    public Task Over => _over.Task;

    /// <summary>True when it is over, by decision or by the clock.</summary>
    public bool HasEnded => _over.Task.IsCompleted || BootClock.Nanoseconds >= EndsAt.Nanoseconds;

    /// <summary>Why it ended; empty before.</summary>
    public string EndReason { get; private set; } = "";

    /// <summary>Ends it; only the first reason counts.</summary>
    public void End(string reason)
    {
        lock (_ending)
        {
            if (_over.Task.IsCompleted)
                return;
            EndReason = reason;
            _over.SetResult();
        }
        _told = _ended.CancelAsync(); // Whoever listens does so on a thread of his own.
    }

    /// <summary>What a caller is told whose call was cut by the end.</summary>
    public RpcException EndedError() =>
        new(new Status(StatusCode.Unavailable, $"this control plane does not lead any more: {EndReason}"));

    /// <summary>Puts it away when everybody has heard of its end: threads of the pool may be late, and a source that is disposed of tells nobody any
    /// more.</summary>
    public void Dispose() => _ = _told.ContinueWith(
        static (_, ended) => ((CancellationTokenSource)ended!).Dispose(),
        _ended,
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);
}
