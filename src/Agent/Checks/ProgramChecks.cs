using System.Net.Sockets;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Processes;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Checks;

/// <summary>
/// The checks of one program: readiness until it is ready once, liveness from then on. Level-triggered: <see cref="Follow"/> makes
/// what runs agree with what the program is and what is configured, so that an edit applies without a restart.
/// </summary>
/// <param name="host">The host.</param>
/// <param name="happened">Takes what the checks come to.</param>
internal sealed class ProgramChecks(HostContext host, Action<ProgramEvent> happened) : IDisposable
{
    private CheckLoop? _readiness;
    private CheckLoop? _liveness;
    private NotifySocket? _notify;
    private string _notifyInstance = "";
    private EventThread.Timer? _limit;
    private (BootInstant At, TimeSpan Within)? _limited;
    private BootInstant? _instance;

    /// <summary>Opens the socket of a new instance that will say that it is ready; before it is executed.</summary>
    /// <exception cref="SocketException">It could not be opened.</exception>
    public void Listen(string instance)
    {
        _notify?.Dispose();
        _notify = new NotifySocket(host.Thread, instance, () => happened(new BecameReady()));
        _notifyInstance = instance;
    }

    /// <summary>Starts and ends checks as the program's condition and configuration ask for it.</summary>
    public void Follow(ProgramCondition condition, ConfiguredProgram program)
    {
        var started = condition is { State: ProgramState.Starting or ProgramState.Running, Pid: > 0 } ? condition.StartedAt : null;
        if (started != _instance)
            Clear();
        _instance = started;
        var isReady = program.Readiness is null || condition.PassedReadiness;
        Renew(ref _readiness, isReady ? null : program.Readiness, started, (verdict, _) =>
        {
            if (verdict == CheckVerdict.Up)
                happened(new BecameReady());
        }, program, "readiness");
        Renew(ref _liveness, isReady ? program.Liveness : null, started, (verdict, problem) =>
        {
            if (verdict == CheckVerdict.Down)
                happened(new CheckFailed($"liveness check failed {program.Liveness?.Fall} times: {problem}"));
        }, program, "liveness");
        Limit(started is null || isReady ? null : started, program);
        if (_notify is not null && (isReady || !condition.MayBeAlive))
        {
            _notify.Dispose();
            _notify = null;
        }
    }

    /// <summary>Ends everything.</summary>
    public void Dispose()
    {
        Clear();
        _notify?.Dispose();
        _notify = null;
    }

    private void Clear()
    {
        _readiness?.Dispose();
        _liveness?.Dispose();
        _limit?.Cancel();
        (_readiness, _liveness, _limited) = (null, null, null);
    }

    private void Renew(
        ref CheckLoop? loop, Check? wanted, BootInstant? started, Action<CheckVerdict, string> judged,
        ConfiguredProgram program, string name)
    {
        if (started is null || wanted is not { Kind: not CheckKind.Notify })
            wanted = null;
        if (loop?.Check == wanted)
            return;
        loop?.Dispose();
        loop = wanted is null ? null : new CheckLoop(host, program, wanted, started!.Value, name, judged);
    }

    private void Limit(BootInstant? started, ConfiguredProgram program)
    {
        (BootInstant, TimeSpan)? wanted = started is { } at ? (at, program.ReadyTimeout) : null;
        if (wanted == _limited)
            return;
        _limit?.Cancel();
        _limited = wanted;
        if (started is not { } from)
            return;
        _limit = host.Thread.At((from + program.ReadyTimeout).Nanoseconds, () =>
        {
            var last = _readiness?.LastProblem is { Length: > 0 } problem ? $": {problem}"
                : program.Readiness?.Kind == CheckKind.Notify ? $": no READY=1 on {NotifySocket.AddressOf(_notifyInstance)}" : "";
            happened(new CheckFailed($"not ready within {DurationText.Format(program.ReadyTimeout)}{last}"));
        });
    }
}
