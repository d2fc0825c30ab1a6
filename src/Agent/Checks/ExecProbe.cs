using System.ComponentModel;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Checks;

/// <summary>
/// Runs a check's command once, under a shim of its own: with the program's user, directory and environment, with its whole tree ended when
/// it takes too long, and with the group's deadline. Everything on the host's thread.
/// </summary>
internal sealed class ExecProbe
{
    private readonly HostContext _host;
    private readonly string _command;
    private readonly Action<string?> _answered;
    private readonly EventThread.Timer? _limit;
    private ShimProcess? _shim;
    private bool _isLate;

    private ExecProbe(HostContext host, Check check, Action<string?> answered)
    {
        (_host, _command, _answered) = (host, check.Target, answered);
        _limit = host.Thread.At(HostContext.Now.Nanoseconds + (check.Timeout.Ticks * 100), () =>
        {
            _isLate = true;
            _ = _shim?.Send(ShimRequest.Kill);
        });
    }

    /// <summary>Starts a check.</summary>
    /// <param name="host">The host.</param>
    /// <param name="program">The program, with the check's command left to expand.</param>
    /// <param name="check">The check.</param>
    /// <param name="directory">Where its shim lives; one check at a time.</param>
    /// <param name="answered">Called once, on the thread: null for a good answer, else what is wrong.</param>
    public static ExecProbe Start(
        HostContext host, ConfiguredProgram program, Check check, ShimDirectory directory, Action<string?> answered)
    {
        var probe = new ExecProbe(host, check, answered);
        try
        {
            // One that an earlier agent began is of no interest to anybody.
            if (directory.ReadSpec() is { } old && ShimProcess.TryAttach(host.Thread, directory, old) is { } left)
            {
                left.Watch();
                _ = left.Send(ShimRequest.Kill);
            }
            var command = program with { Command = check.Target, StdoutLogfile = "NONE", StderrLogfile = "NONE", RedirectStderr = false };
            var spec = SpecBuilder.Build(command, Guid.NewGuid().ToString("N"), host.Options, cgroup: null, out var error);
            if (spec is null)
                probe.Answer($"{check.Target}: {error}");
            else
                probe.Follow(ShimProcess.Start(host.Thread, host.Options.ShimPath, directory, spec));
        }
        catch (Exception failure) when (failure is Win32Exception or IOException or UnauthorizedAccessException)
        {
            probe.Answer($"{check.Target}: {failure.Message}");
        }
        return probe;
    }

    /// <summary>Ends it; there may still be an answer.</summary>
    public void End() => _ = _shim?.Send(ShimRequest.Kill);

    private void Follow(ShimProcess shim)
    {
        _shim = shim;
        shim.Reported = record =>
        {
            if (!record.IsOver)
                return;
            Answer(_isLate ? $"{_command}: did not end in time"
                : record.State == "failed" ? $"{_command}: {FailureText.Of(record)}"
                : record.ExitStatus == 0 ? null
                : record.ExitStatus < 0 ? $"{_command}: ended by signal {-record.ExitStatus}"
                : $"{_command}: exit code {record.ExitStatus}");
        };
        shim.Lost = () => Answer($"{_command}: its shim was lost");
        shim.Watch();
    }

    private void Answer(string? wrong)
    {
        _limit?.Cancel();
        // Posted: whoever made this object has not stored it yet when it could not even start.
        _host.Thread.Post(() => _answered(wrong));
    }
}
