using System.ComponentModel;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Hooks;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Hooks;

/// <summary>
/// One run of a hook, under a shim of its own: its whole tree is killed when its main process ends, when it takes too long, when it
/// acts as owner and the lease ends, and when it is cut off. Everything on the hooks' thread.
/// </summary>
internal sealed class HookRun
{
    // A tree that cannot be killed, as in a dead network file system, holds up nobody for longer.
    private const long Grace = 1_000_000_000;

    private readonly EventThread _thread;
    private readonly HookTurn _turn;
    private readonly ShimDirectory _directory;
    private readonly Action<HookOutcome> _ended;
    private readonly long _begin = BootClock.Nanoseconds;
    private EventThread.Timer? _limit;
    private ShimProcess? _shim;
    private TreeEnd? _treeEnd;
    private string? _cut;
    private bool _isLate;
    private bool _hasLimit;
    private bool _isTold;

    private HookRun(EventThread thread, HookTurn turn, ShimDirectory directory, Action<HookOutcome> ended) =>
        (_thread, _turn, _directory, _ended) = (thread, turn, directory, ended);

    private TimeSpan Took => TimeSpan.FromTicks((BootClock.Nanoseconds - _begin) / 100);

    /// <summary>Starts a hook.</summary>
    /// <param name="thread">The hooks' thread.</param>
    /// <param name="options">This host.</param>
    /// <param name="turn">What is to run.</param>
    /// <param name="ended">Called once, on the thread and not before this has returned.</param>
    public static HookRun Start(EventThread thread, ProgramHostOptions options, HookTurn turn, Action<HookOutcome> ended)
    {
        var instance = Guid.NewGuid().ToString("N");
        var directory = new ShimDirectory(Path.Combine(options.RunDirectory, "hooks", turn.Batch.Facts.Group, instance));
        var run = new HookRun(thread, turn, directory, ended);
        try
        {
            directory.Write(HookSpec.Input, turn.Batch.Facts.Json(turn.Call));
            if (HookSpec.Build(turn, instance, directory, options, out var error) is { } spec)
                run.Follow(ShimProcess.Start(thread, options.ShimPath, directory, spec));
            else
                thread.Post(() => run.Tell(new(HookResult.Failed, error, run.Took, "")));
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            thread.Post(() => run.Tell(new(HookResult.Failed, failure.Message, run.Took, "")));
        }
        return run;
    }

    /// <summary>Kills it.</summary>
    /// <param name="why">Why, for people.</param>
    public void Cut(string why)
    {
        _cut ??= why;
        Kill();
    }

    /// <summary>The group's deadline has changed: its shim reads it now.</summary>
    public void TellDeadline()
    {
        if (_turn.Call.NeedsLease)
            _ = _shim?.Send(ShimRequest.DeadlineChanged);
    }

    private void Follow(ShimProcess shim)
    {
        _shim = shim;
        shim.Reported = Hear;
        shim.Lost = () => EndTree(() => Tell(
            _isLate ? OfLimit()
            : _cut is not null ? new(HookResult.CutOff, _cut, Took, Written())
            : new(HookResult.Failed, "its shim was lost", Took, Written())));
        _limit = _thread.At(_begin + (_turn.Call.Hook.Timeout.Ticks * 100), () =>
        {
            _isLate = true;
            Kill();
        });
        shim.Watch();
    }

    private void Hear(ShimRecord record)
    {
        if (record.IsOver)
        {
            Tell(Judge(record));
            return;
        }
        if (_hasLimit)
            return;
        // Also when this agent dies meanwhile, nothing of it lives on for ever.
        _hasLimit = true;
        _ = _shim!.Send(ShimRequest.Stop(0, _turn.Call.Hook.Timeout + TimeSpan.FromSeconds(2), asGroup: false));
    }

    private HookOutcome Judge(ShimRecord record)
    {
        // What has ended by itself in the same instant has ended by itself.
        var wasKilled = record.Cause is "killed" or "deadline";
        if (record.Cause == "deadline")
            return new(HookResult.CutOff, "the lease is over", Took, Written());
        if (wasKilled && _isLate)
            return OfLimit();
        if (wasKilled && _cut is not null)
            return new(HookResult.CutOff, _cut, Took, Written());
        return record.State == "failed"
            ? new(HookResult.Failed, FailureText.Of(record), Took, "")
            : HookOutcome.OfExit(record.ExitStatus, Took, Written());
    }

    private HookOutcome OfLimit() =>
        new(HookResult.TimedOut, $"killed at its timeout of {Core.Model.DurationText.Format(_turn.Call.Hook.Timeout)}", Took, Written());

    private void Kill()
    {
        if (_shim is null || _isTold)
            return;
        // Its shim may have no time left to say how it ended; what it wrote goes with its directory.
        EndTree(() =>
        {
            if (!_isTold)
                Tell(_shim.Record is { IsOver: true } record ? Judge(record) : _isLate ? OfLimit() : new(HookResult.CutOff, _cut!, Took, Written()));
        });
        _ = _thread.At(BootClock.Nanoseconds + Grace, () => Tell(
            _isLate ? OfLimit() : new(HookResult.CutOff, $"{_cut}; it was killed and is not gone yet", Took, Written())));
    }

    private void EndTree(Action then)
    {
        _treeEnd?.Cancel();
        var program = _shim!.Record?.Program ?? ProcessIdentity.None;
        _treeEnd = new TreeEnd(_thread, _shim.IsAlive ? _shim : null, _shim.Spec, program, () =>
        {
            then();
            Forget();
        });
    }

    private void Tell(HookOutcome outcome)
    {
        _limit?.Cancel();
        if (_shim?.Record is { IsOver: true })
            _treeEnd?.Cancel();
        if (_isTold)
        {
            Forget();
            return;
        }
        _isTold = true;
        if (_shim?.Record is null or { IsOver: true })
            Forget();
        _ended(outcome);
    }

    private string Written()
    {
        try
        {
            var (older, newer) = (_directory.Read(HookSpec.Output + ".1"), _directory.Read(HookSpec.Output));
            return HookText.Of([.. older ?? [], .. newer ?? []], isComplete: older is null);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return $"(its output cannot be read: {failure.Message})";
        }
    }

    private void Forget()
    {
        try
        {
            if (Directory.Exists(_directory.Path))
                Directory.Delete(_directory.Path, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The shim is still leaving; the next agent's sweep takes it.
        }
    }
}
