using System.ComponentModel;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Checks;

/// <summary>
/// Runs a check's command once, under a shim of its own, with its whole tree ended when it takes too long: for a program with its user, directory,
/// environment and its group's deadline, for a host with what its spec says. Everything on the thread that starts it.
/// </summary>
internal sealed class ExecProbe
{
    // For a shim to do as it is asked.
    private const long Patience = 1_000_000_000;
    private const string Late = "did not end in time";

    private readonly EventThread _thread;
    private readonly string _command;
    private readonly Action<string?> _answered;
    private EventThread.Timer? _limit;
    private ShimProcess? _shim;
    private TreeEnd? _end;
    private TimeSpan? _longest;
    private bool _hasLongest;
    private bool _isLate;
    private bool _hasAnswered;

    private ExecProbe(EventThread thread, string command, Action<string?> answered) =>
        (_thread, _command, _answered) = (thread, command, answered);

    /// <summary>True while the process of its shim is there: nothing else may be started in its directory.</summary>
    public bool IsLeaving => _shim is { IsAlive: true };

    /// <summary>Starts a check of a program.</summary>
    /// <param name="host">The host.</param>
    /// <param name="program">The program, with the check's command left to expand.</param>
    /// <param name="check">The check.</param>
    /// <param name="directory">Where its shim lives; one check at a time.</param>
    /// <param name="answered">Called once, on the thread: null for a good answer, else what is wrong.</param>
    public static ExecProbe Start(
        HostContext host, ConfiguredProgram program, Check check, ShimDirectory directory, Action<string?> answered)
    {
        var probe = new ExecProbe(host.Thread, $"{check.Target}: ", wrong => answered(wrong is null ? null : wrong + ProbeOutput.Behind(directory)));
        probe._limit = host.Thread.At(HostContext.Now.Nanoseconds + (check.Timeout.Ticks * 100), () =>
        {
            probe._isLate = true;
            probe.End();
            probe._limit = host.Thread.At(HostContext.Now.Nanoseconds + Patience, () => probe.EndForSure(Late));
        });
        var command = program with { Command = check.Target, StdoutLogfile = "NONE", StderrLogfile = "NONE", RedirectStderr = false, Limits = null };
        probe.Begin(host.Options.ShimPath, directory, () =>
        {
            ProbeOutput.Clear(directory);
            var spec = SpecBuilder.Build(command, Guid.NewGuid().ToString("N"), host.Options, cgroup: null, out var error);
            return (spec is null ? null : ProbeOutput.Take(spec, directory), error);
        });
        return probe;
    }

    /// <summary>Starts a check of a host.</summary>
    /// <param name="thread">The thread; to be called on it.</param>
    /// <param name="shimPath">Absolute path of <c>ha-shim</c>.</param>
    /// <param name="directory">Where its shim lives; one check at a time.</param>
    /// <param name="spec">What it runs; null, and what is wrong, when there cannot be one.</param>
    /// <param name="longest">When its shim ends it by itself, for an agent that is dead by then.</param>
    /// <param name="answered">Called once, on the thread, when nothing of it is left: null for a good answer, else what is wrong.</param>
    public static ExecProbe Start(
        EventThread thread, string shimPath, ShimDirectory directory, Func<(ShimSpec? Spec, string Error)> spec, TimeSpan longest,
        Action<string?> answered)
    {
        var probe = new ExecProbe(thread, "", answered) { _longest = longest };
        probe.Begin(shimPath, directory, spec);
        return probe;
    }

    /// <summary>Ends it; there may still be an answer.</summary>
    public void End() => _ = _shim?.Send(ShimRequest.Kill);

    /// <summary>Ends it also when its shim does not do what it is asked, and answers when nothing is left.</summary>
    /// <param name="answer">The answer when its shim tells none.</param>
    public void EndForSure(string answer = "was ended")
    {
        if (_shim is null || _hasAnswered || _end is not null)
            return;
        var program = _shim.Record?.Program ?? ProcessIdentity.None;
        _end = new TreeEnd(_thread, _shim.IsAlive ? _shim : null, _shim.Spec, program, () => Answer(answer));
    }

    private void Begin(string shimPath, ShimDirectory directory, Func<(ShimSpec? Spec, string Error)> build)
    {
        try
        {
            // One that an earlier agent began is of no interest to anybody, nor is what it has left behind.
            if (directory.ReadSpec() is { } old)
            {
                if (ShimProcess.TryAttach(_thread, directory, old) is { } left)
                {
                    left.Watch();
                    _ = left.Send(ShimRequest.Kill);
                }
                else if (directory.ReadRecord("exit")?.Instance != old["instance"])
                {
                    _ = new TreeEnd(_thread, null, old, directory.ReadRecord("state")?.Program ?? ProcessIdentity.None, () => { });
                }
            }
            var (spec, error) = build();
            if (spec is null)
                Answer(error);
            else
                Follow(ShimProcess.Start(_thread, shimPath, directory, spec));
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            Answer(failure.Message);
        }
    }

    private void Follow(ShimProcess shim)
    {
        _shim = shim;
        shim.Reported = Hear;
        shim.Lost = () =>
        {
            if (_end is null)
                EndForSure(_isLate ? Late : "its shim was lost");
            else
                _end.Hurry();
        };
        shim.Watch();
    }

    private void Hear(ShimRecord record)
    {
        if (!record.IsOver)
        {
            if (_longest is { } longest && !_hasLongest)
                _hasLongest = _shim!.Send(ShimRequest.Stop(0, longest, asGroup: false));
            return;
        }
        Answer(_isLate ? Late
            : record.State == "failed" ? FailureText.Of(record)
            : record.ExitStatus == 0 ? null
            : record.ExitStatus < 0 ? $"ended by signal {-record.ExitStatus}"
            : $"exit code {record.ExitStatus}");
    }

    private void Answer(string? wrong)
    {
        if (_hasAnswered)
            return;
        _hasAnswered = true;
        _limit?.Cancel();
        _end?.Cancel();
        var answer = wrong is null ? null : _command + wrong;
        // Posted: whoever made this object has not stored it yet when it could not even start.
        _thread.Post(() => _answered(answer));
    }
}
