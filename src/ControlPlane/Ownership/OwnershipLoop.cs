using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;

namespace HaGrpc.ControlPlane.Ownership;

/// <summary>
/// The one thread that feeds <see cref="FailoverEngine"/>. A thread of its own and not a task: a decision is due at an
/// instant, and the thread pool may be busy then. Every producer waits until its item is done, so the queue is as long as
/// there are producers: one for each stream, each write and each operator's call.
/// </summary>
internal sealed partial class OwnershipLoop
{
    private readonly object _gate = new();
    private readonly Queue<WorkItem> _queue = new();
    private readonly TermInForce _term;
    private readonly FailoverEngine _engine;
    private readonly Action<FailoverEffect> _apply;
    private readonly ILogger _log;
    private readonly List<FailoverEffect> _effects = [];
    private readonly List<GroupWatch> _watches = [];
    private readonly Thread _thread;
    private bool _closed;

    /// <summary>A loop that is not started yet.</summary>
    /// <param name="term">The leadership that it decides for.</param>
    /// <param name="apply">Carries an effect out on the loop's thread, without waiting for anything.</param>
    /// <param name="log">The log.</param>
    public OwnershipLoop(TermInForce term, Action<FailoverEffect> apply, ILogger log)
    {
        (_term, _apply, _log) = (term, apply, log);
        _engine = new FailoverEngine(term.Since) { IsOtherDatabase = term.IsOtherDatabase };
        _thread = new Thread(Run) { IsBackground = true, Name = "ownership", Priority = ThreadPriority.AboveNormal };
        term.Ended.Register(Wake);
    }

    /// <summary>Begins to handle events.</summary>
    public void Start() => _thread.Start();

    /// <summary>Hands an event to the engine; completes when it is handled and its effects are under way.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: the leadership is over.</exception>
    public Task HandleAsync(FailoverEvent e) => RunAsync(() => Handle(e));

    /// <summary>Runs something on the loop's thread.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: the leadership is over.</exception>
    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Runs something on the loop's thread and brings its result.</summary>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: the leadership is over.</exception>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var item = new WorkItem<T>(work);
        lock (_gate)
        {
            if (_closed)
                return Task.FromException<T>(_term.EndedError());
            _queue.Enqueue(item);
            Monitor.Pulse(_gate);
        }
        return item.Done;
    }

    /// <summary>Completes when the engine has a group as somebody waits for it, now or after an event.</summary>
    /// <param name="group">The group.</param>
    /// <param name="holds">Whether it is so; it is asked with null for a group that the engine does not know. On the loop's thread.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="Grpc.Core.RpcException">UNAVAILABLE: the leadership is over.</exception>
    public async Task UntilAsync(string group, Func<GroupReport?, bool> holds, CancellationToken ct)
    {
        var watch = new GroupWatch(group, holds);
        await RunAsync(() =>
        {
            if (!watch.Look(this))
                _watches.Add(watch);
        });
        try
        {
            await watch.Done.WaitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            await RunAsync(() => _watches.Remove(watch));
            throw;
        }
    }

    /// <summary>On the loop's thread: hands an event to the engine, stamped now, and applies the effects in order.</summary>
    public void Handle(FailoverEvent e)
    {
        _effects.Clear();
        _engine.DatabaseCounter = _term.Counter;
        _engine.Handle(e, Now, _effects);
        _term.CounterFloor = _engine.CounterFloor;
        foreach (var effect in _effects)
            _apply(effect);
        if (_watches.Count > 0)
            _ = _watches.RemoveAll(watch => watch.Look(this));
    }

    /// <summary>On the loop's thread: what the engine knows of a group; null when it does not know it.</summary>
    public GroupReport? ReportGroup(string group) => _engine.Report(group, Now);

    /// <summary>On the loop's thread: whether a host can be heard.</summary>
    public (HostLiveness Liveness, TimeSpan? Silence) ReportHost(string host) => _engine.ReportHost(host, Now);

    private static BootInstant Now => new(BootClock.Nanoseconds);

    private void Run()
    {
        try
        {
            while (TakeNext(out var item))
            {
                item?.Run();
                if (Now >= _engine.NextWake)
                    Handle(new LeaderTimePassed());
            }
        }
#pragma warning disable CA1031 // Whatever it is: an engine in an unknown state must decide nothing any more.
        catch (Exception e)
#pragma warning restore CA1031
        {
            LogBroken(_log, e, _term.Number);
            _term.End($"a defect was met while deciding: {e.Message}");
        }
        Close();
    }

    /// <summary>Waits for work or for the engine's next instant; false at the end of the leadership.</summary>
    private bool TakeNext(out WorkItem? item)
    {
        lock (_gate)
        {
            while (true)
            {
                item = null;
                if (_term.Ended.IsCancellationRequested)
                    return false;
                var now = Now;
                if (now >= _term.EndsAt)
                {
                    _term.End("its leadership could not be renewed in time");
                    return false;
                }
                if (_queue.TryDequeue(out item) || now >= _engine.NextWake)
                    return true;
                Monitor.Wait(_gate, WaitFor(BootInstant.Min(_engine.NextWake, _term.EndsAt) - now));
            }
        }
    }

    // At most a second: the kernel's timeout does not count time asleep, BootClock does.
    private static TimeSpan WaitFor(TimeSpan time) =>
        TimeSpan.FromMilliseconds(Math.Clamp(Math.Ceiling(time.TotalMilliseconds), 1, 1000));

    private void Wake()
    {
        lock (_gate)
            Monitor.Pulse(_gate);
    }

    private void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_queue.TryDequeue(out var item))
                item.Refuse(_term.EndedError());
        }
    }

    /// <summary>Somebody who waits for a state of a group. On the loop's thread, but for the waiting.</summary>
    private sealed class GroupWatch(string group, Func<GroupReport?, bool> holds)
    {
        private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Done => _done.Task;

        public bool Look(OwnershipLoop loop) => holds(loop.ReportGroup(group)) && _done.TrySetResult();
    }

    private abstract class WorkItem
    {
        public abstract void Run();

        public abstract void Refuse(Exception reason);
    }

    private sealed class WorkItem<T>(Func<T> work) : WorkItem
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Done => _done.Task;

        public override void Run()
        {
            try
            {
                _done.SetResult(work());
            }
            catch (Exception e)
            {
                _done.SetException(e);
                throw;
            }
        }

        public override void Refuse(Exception reason) => _done.SetException(reason);
    }

    [LoggerMessage(1101, LogLevel.Critical, "the leadership of term {Term} ends: a defect was met while deciding")]
    private static partial void LogBroken(ILogger log, Exception e, long term);
}
