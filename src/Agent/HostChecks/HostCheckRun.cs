using HaGrpc.Agent.Checks;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.HostChecks;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.HostChecking;

/// <summary>Asks one check of this host again and again until it is disposed. Everything but the waiting for answers happens on the checks'
/// thread.</summary>
internal sealed class HostCheckRun : IDisposable
{
    // While the shim of the last question is leaving, its directory is not free.
    private const long LeavingPause = 5_000_000;
    private const long ForgetPause = 100_000_000;

    private readonly EventThread _thread;
    private readonly ProgramHostOptions _options;
    private readonly LinkView _links;
    private readonly string _group;
    private readonly Action<HostCheckChange?> _judged;
    private readonly HostCheckMachine _machine;
    private readonly ShimDirectory _directory;
    private EventThread.Timer? _wake;
    private CancellationTokenSource? _ping;
    private ExecProbe? _command;
    private int _linkIndex;
    private bool _isOver;

    /// <param name="thread">The checks' thread.</param>
    /// <param name="options">This host.</param>
    /// <param name="links">This host's links.</param>
    /// <param name="group">The group's name.</param>
    /// <param name="check">The check.</param>
    /// <param name="condition">What is known of it.</param>
    /// <param name="judged">Called with every new verdict, and with what the history is told of it.</param>
    public HostCheckRun(
        EventThread thread, ProgramHostOptions options, LinkView links, string group, HostCheck check, HostCheckCondition condition,
        Action<HostCheckChange?> judged)
    {
        (_thread, _options, _links, _group, _judged) = (thread, options, links, group, judged);
        _machine = new(check, condition, HostContext.Now);
        // Of its own: what is left of a check that was edited is in nobody's way.
        _directory = new(Path.Combine(FolderOf(options), group, Guid.NewGuid().ToString("N")));
    }

    /// <summary>The check.</summary>
    public HostCheck Check => _machine.Check;

    /// <summary>What its answers have come to.</summary>
    public HostCheckCondition Condition => _machine.Condition;

    /// <summary>The folder of the groups' folders of checks that run commands.</summary>
    public static string FolderOf(ProgramHostOptions options) => Path.Combine(options.RunDirectory, "checks");

    /// <summary>Begins.</summary>
    public void Start()
    {
        if (Check.Link.Length > 0)
            Look();
        else
            Arm();
    }

    /// <summary>See <see cref="HostCheckMachine.TryEdit"/>.</summary>
    public bool TryEdit(HostCheck check)
    {
        if (!_machine.TryEdit(check, HostContext.Now))
            return false;
        Arm();
        return true;
    }

    /// <summary>A link of this host is another one now; null: any may be. One that was renamed is still known by its number.</summary>
    public void LinkChanged(LinkEntry? link)
    {
        if (Check.Link.Length > 0 && (link is null || link.Name == Check.Link || link.Index == _linkIndex))
            Look();
    }

    /// <summary>Asks no more, and ends what was asked.</summary>
    public void Dispose()
    {
        _isOver = true;
        _wake?.Cancel();
        _ping?.Cancel();
        _ping?.Dispose();
        if (_command is null)
            return;
        _command.EndForSure();
        Forget();
    }

    private void Look()
    {
        // No answer of the kernel is no answer of the link.
        if (!_links.TryFind(Check.Link, out var link))
            return;
        _linkIndex = link?.Index ?? 0;
        var said = link switch
        {
            null => $"this host has no interface {Check.Link}",
            { IsOperational: true } => $"{Check.Link} has a carrier",
            { IsSetUp: false } => $"{Check.Link} is set down",
            _ => $"{Check.Link} has no carrier",
        };
        Take(link is { IsOperational: true }, said);
    }

    private void Arm()
    {
        _wake?.Cancel();
        _wake = _thread.At(_machine.NextWake.Nanoseconds, Wake);
    }

    private void Wake()
    {
        var before = Condition;
        switch (_machine.Wake(HostContext.Now))
        {
            case HostCheckAct.Ask when Check.Ping.Length > 0:
                Ping();
                break;
            case HostCheckAct.Ask:
                Execute();
                break;
            case HostCheckAct.End:
                _ping?.Cancel();
                _command?.EndForSure();
                break;
        }
        Arm();
        Tell(before);
    }

    private void Ping()
    {
        _ping?.Dispose();
        _ping = new();
        var answer = PingProbe.AskAsync(Check, _ping.Token);
        _ = AnswerAsync();

        async Task AnswerAsync()
        {
            var (isGood, said) = await answer.ConfigureAwait(false);
            _thread.Post(() => Take(isGood, said));
        }
    }

    private void Execute()
    {
        if (_isOver)
            return;
        if (_command is { IsLeaving: true })
        {
            _ = _thread.At(HostContext.Now.Nanoseconds + LeavingPause, Execute);
            return;
        }
        _command = ExecProbe.Start(_thread, _options.ShimPath, _directory, Spec, Check.Timeout + TimeSpan.FromSeconds(2), wrong =>
        {
            if (_isOver)
                return;
            Take(wrong is null, (wrong ?? "exit code 0") + ProbeOutput.Behind(_directory));
        });

        (ShimSpec? Spec, string Error) Spec()
        {
            ProbeOutput.Clear(_directory);
            return HostCheckSpec.Build(Check, _group, _directory, _options);
        }
    }

    private void Take(bool isGood, string said)
    {
        if (_isOver)
            return;
        var before = Condition;
        _machine.Answered(isGood, said, HostContext.Now);
        Arm();
        Tell(before);
    }

    // Last: what hears of it may dispose this.
    private void Tell(HostCheckCondition before)
    {
        if (Condition.Verdict != before.Verdict)
            _judged(HostCheckChange.Of(Check, _group, before, Condition));
    }

    private void Forget()
    {
        if (_command!.IsLeaving)
        {
            _ = _thread.At(HostContext.Now.Nanoseconds + ForgetPause, Forget);
            return;
        }
        try
        {
            if (Directory.Exists(_directory.Path))
                Directory.Delete(_directory.Path, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            // The next agent's sweep takes it.
        }
    }
}
