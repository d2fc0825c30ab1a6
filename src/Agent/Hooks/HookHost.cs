using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Hooks;
using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Hooks;

/// <summary>
/// Runs the hooks of this host's groups on a thread of its own: whatever they do, nothing that keeps or ends a lease waits for it. Every
/// method may be called from any thread.
/// </summary>
internal sealed class HookHost : IDisposable
{
    private readonly EventThread _thread = new("hooks");
    private readonly Dictionary<string, Line> _lines = new(StringComparer.Ordinal);
    private readonly ProgramHostOptions _options;
    private readonly Outbox _outbox;
    private readonly ILogger _logger;
    private TaskCompletionSource? _finished;

    /// <param name="options">This host's paths.</param>
    /// <param name="outbox">Takes what becomes of hooks for the history.</param>
    /// <param name="logger">The log.</param>
    public HookHost(ProgramHostOptions options, Outbox outbox, ILogger<HookHost> logger)
    {
        (_options, _outbox, _logger) = (options, outbox, logger);
        _thread.Post(Sweep);
    }

    /// <summary>The thread on which hooks run; what an earlier agent left of them is being ended before anything that is posted to it.</summary>
    public EventThread Thread => _thread;

    /// <summary>This host's paths.</summary>
    public ProgramHostOptions Options => _options;

    /// <summary>An occasion; also one without hooks makes those before it end (<see cref="HookPlan.MakesRoom"/>).</summary>
    /// <param name="batch">What is to run.</param>
    /// <param name="over">Called once on the hooks' thread, when nothing of it runs or waits any more; must not block.</param>
    public void Take(HookBatch batch, Action over) => _thread.Post(() =>
    {
        var line = LineOf(batch.Facts.Group);
        line.Waiting[batch] = over;
        Do(line, effects => line.Core.Take(batch, effects));
    });

    /// <summary>A group's deadline file says another end now.</summary>
    public void DeadlineChanged(string group) => _thread.Post(() =>
    {
        if (_lines.TryGetValue(group, out var line))
            line.Run?.TellDeadline();
    });

    /// <summary>Completes when no hook runs or waits any more; those that take longer than the patience are cut off.</summary>
    /// <param name="patience">How long they have.</param>
    public Task FinishAsync(TimeSpan patience)
    {
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _thread.Post(() =>
        {
            _finished = finished;
            _ = _thread.At(BootClock.Nanoseconds + (patience.Ticks * 100), () =>
            {
                foreach (var line in _lines.Values)
                    Do(line, effects => line.Core.Abandon("the agent stops", effects));
            });
            TellFinished();
        });
        return finished.Task;
    }

    /// <summary>Stops the thread; what runs is ended by its shim or by the next agent.</summary>
    public void Dispose() => _thread.Dispose();

    private Line LineOf(string group)
    {
        if (!_lines.TryGetValue(group, out var line))
            _lines[group] = line = new Line();
        return line;
    }

    private void Do(Line line, Action<List<HookEffect>> decide)
    {
        var effects = new List<HookEffect>();
        decide(effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case StartHook start:
                    line.Run = HookRun.Start(_thread, _options, start.Turn, outcome => End(line, start.Turn, outcome));
                    break;
                case CutHook cut:
                    line.Run!.Cut(cut.Why);
                    break;
                case SkipHook skip:
                    Record(skip.Turn, new(HookResult.CutOff, $"not started: {skip.Why}", TimeSpan.Zero, ""));
                    break;
                case BatchOver over:
                    if (line.Waiting.Remove(over.Batch, out var told))
                        told();
                    break;
                default:
                    throw new InvalidOperationException($"unknown effect {effect}");
            }
        }
        TellFinished();
    }

    private void End(Line line, HookTurn turn, HookOutcome outcome)
    {
        line.Run = null;
        Record(turn, outcome);
        Do(line, line.Core.Ended);
    }

    private void TellFinished()
    {
        if (_lines.Values.All(line => line.Core.IsIdle))
            _finished?.TrySetResult();
    }

    private void Record(HookTurn turn, HookOutcome outcome)
    {
        var step = new Step($"hook:{turn.Call.Hook.Name}", TimeSpan.Zero, outcome.Took, outcome.Result == HookResult.Succeeded ? "" : outcome.Detail);
        Record(outcome.Kind, turn.Batch.Facts.Group, turn.Batch.Facts.Epoch, outcome.Words(turn.Call), [step]);
    }

    private void Record(string kind, string group, long epoch, string message, IReadOnlyList<Step> steps)
    {
        HookLog.Happened(_logger, kind, group, epoch, message);
        _outbox.PostEvent(kind, group, epoch, message, steps);
    }

    private void Sweep()
    {
        try
        {
            HookSweep.Run(_thread, Path.Combine(_options.RunDirectory, "hooks"), _options.BootId, (group, epoch, hook) =>
                Record("HookCutOff", group, epoch, $"hook {hook}: the agent was restarted while it ran", []));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            HookLog.NotSwept(_logger, failure.Message);
        }
    }

    private sealed class Line
    {
        public HookLine Core { get; } = new();

        public HookRun? Run { get; set; }

        public Dictionary<HookBatch, Action> Waiting { get; } = new(ReferenceEqualityComparer.Instance);
    }
}
