using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Checks;

/// <summary>
/// Asks one instance of a program again and again until it is disposed, and tells each verdict. One question at a time; everything but
/// the waiting for answers happens on the host's thread.
/// </summary>
internal sealed class CheckLoop : IDisposable
{
    private readonly HostContext _host;
    private readonly ConfiguredProgram _program;
    private readonly BootInstant _startedAt;
    private readonly ShimDirectory _directory;
    private readonly Action<CheckVerdict, string> _judged;
    private readonly CancellationTokenSource _end = new();
    private CheckCondition _condition;
    private EventThread.Timer? _next;
    private ExecProbe? _command;

    /// <param name="host">The host.</param>
    /// <param name="program">The program.</param>
    /// <param name="check">Which of its checks: http, tcp, exec or grpc.</param>
    /// <param name="startedAt">When the instance was executed.</param>
    /// <param name="name">readiness or liveness: the folder of the shim of a command.</param>
    /// <param name="judged">Called with each verdict but none, and with what the last answer was.</param>
    public CheckLoop(
        HostContext host, ConfiguredProgram program, Check check, BootInstant startedAt, string name,
        Action<CheckVerdict, string> judged)
    {
        (_host, _program, Check, _startedAt, _judged) = (host, program, check, startedAt, judged);
        _directory = new ShimDirectory(Path.Combine(host.DirectoryOf(program.Name).Path, name));
        _next = host.Thread.At(0, Ask);
    }

    /// <summary>The check.</summary>
    public Check Check { get; }

    /// <summary>The last bad answer; empty when there was none.</summary>
    public string LastProblem { get; private set; } = "";

    /// <summary>Asks no more; what was asked is not answered.</summary>
    public void Dispose()
    {
        _next?.Cancel();
        _command?.End();
        _end.Cancel();
        _end.Dispose();
        IsOver = true;
    }

    private bool IsOver { get; set; }

    private void Ask()
    {
        if (IsOver)
            return;
        var asked = HostContext.Now;
        if (Check.Kind == CheckKind.Exec)
        {
            _command = ExecProbe.Start(_host, _program, Check, _directory, wrong => Take(wrong, asked));
            return;
        }
        if (HostExpansion.TryText(Check.Target, _program, _host.Options.HostName, out var target, out var error))
            _ = AnswerAsync(Probe.AskAsync(Check with { Target = target }, _end.Token), asked);
        else
            Take(error, asked);
    }

    private async Task AnswerAsync(Task<string?> answer, BootInstant asked)
    {
        var wrong = await answer.ConfigureAwait(false);
        _host.Thread.Post(() => Take(wrong, asked));
    }

    private void Take(string? wrong, BootInstant asked)
    {
        if (IsOver)
            return;
        var now = HostContext.Now;
        LastProblem = wrong ?? "";
        _condition = CheckMachine.Take(_condition, wrong is null, Check, _startedAt, now, out var verdict);
        var next = asked + Check.Interval;
        _next = _host.Thread.At(Math.Max(next.Nanoseconds, now.Nanoseconds), Ask);
        // Last: what hears of it may dispose this loop.
        if (verdict != CheckVerdict.None)
            _judged(verdict, LastProblem);
    }
}
