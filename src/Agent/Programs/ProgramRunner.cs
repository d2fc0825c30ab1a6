using System.ComponentModel;
using System.Globalization;
using System.Net.Sockets;
using HaGrpc.Agent.Checks;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// One program on this host: feeds what happens to <see cref="ProgramMachine"/> and does what it decides. Everything on the host's
/// thread.
/// </summary>
internal sealed partial class ProgramRunner(HostContext host, GroupRunner group, ConfiguredProgram program)
{
    private readonly Queue<ProgramEvent> _pending = new();
    private readonly ProgramEnds _ends = new();
    private EventThread.Timer? _timer;
    private readonly ProgramLogs _logs = new(host, program.Name);
    private ShimProcess? _shim;
    private TreeEnd? _ending;
    private bool _isStepping;
    private long _epoch;
    private ShimSpec? _lostSpec;
    private ProcessIdentity _lostProgram;

    /// <summary>Its full name.</summary>
    public ProgramName Name => Program.Name;

    /// <summary>The program as configured last.</summary>
    public ConfiguredProgram Program { get; private set; } = program;

    /// <summary>Takes an edit over: policy and checks apply from now on.</summary>
    public void Reconfigure(ConfiguredProgram program)
    {
        var before = Program;
        Program = program;
        var timer = _timer is { IsCancelled: false } ? new BootInstant(_timer.Instant) : BootInstant.Never;
        Apply(ProgramEdit.Take(Condition, before, program, timer, HostContext.Now, host.Chance.NextDouble()));
        Checks.Follow(Condition, Program);
        if (!IsOutdated)
            _logs.Follow(program);
        FollowLimits();
    }

    private LimitsInForce Limits => field ??= new LimitsInForce(host, Name, () => host.Changed(Observe(Condition)));

    private ProgramChecks Checks => field ??= new ProgramChecks(host, Note);

    /// <summary>False for one that was adopted and that no configuration has named yet, or that none names any more.</summary>
    public bool IsConfigured { get; set; }

    /// <summary>True once the configuration names it no longer: it goes when its processes are gone.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>What is known of it.</summary>
    public ProgramCondition Condition { get; private set; } = ProgramCondition.Initial;

    /// <summary>Wall-clock time of the last change of state.</summary>
    public DateTimeOffset Since { get; private set; } = host.Time.GetUtcNow();

    /// <summary>Restart generation of the running or last instance; -1 before the first.</summary>
    public long Generation { get; private set; } = -1;

    /// <summary>What the running or last instance was started with; null before the first.</summary>
    public string? Identity { get; private set; }

    /// <summary>True when the running or last instance is not what is configured now. A oneshot that has ended well has done what it was for: as
    /// edited it runs when the group begins again, not in the middle of what runs after it.</summary>
    public bool IsOutdated => Identity is not null
        && (Generation < Program.RestartGeneration
            || (Identity != InstanceIdentity.Of(Program) && !(Program.Oneshot && Condition.State == ProgramState.Exited)));

    /// <summary>True while its process tree is being killed.</summary>
    public bool IsBeingEnded => _ending is not null;

    /// <summary>For the snapshot.</summary>
    public ObservedProgram Observe(ProgramCondition condition) => new(
        Name,
        condition.State,
        condition.Pid,
        Since,
        condition.ExitStatus,
        condition.Detail.Length > 0 || !condition.MayBeAlive ? condition.Detail
            : Limits.Words is { Length: > 0 } words ? words
            : IsAdopted ? "taken over as it ran" : "",
        Math.Max(0, Generation))
    {
        HasRun = Identity is not null,
        Past = _ends.Of(condition, host.Time.GetUtcNow(), HostContext.Now),
    };

    /// <summary>Works an event off, and every event that follows from it at once.</summary>
    public void Take(ProgramEvent occurred)
    {
        _pending.Enqueue(occurred);
        if (_isStepping)
            return;
        _isStepping = true;
        while (_pending.TryDequeue(out var next))
            Apply(ProgramMachine.Step(Condition, next, Program, HostContext.Now, host.Chance.NextDouble()));
        _isStepping = false;
        Checks.Follow(Condition, Program);
        group.Settle(Name);
    }

    /// <summary>Sends a signal to the main process; false when there is none.</summary>
    public bool Signal(int number) => _shim is not null && Condition.Pid > 0 && _shim.Send(ShimRequest.Signal(number));

    /// <summary>Tells the shim that the deadline file has changed.</summary>
    public void TellDeadline() => _shim?.Send(ShimRequest.DeadlineChanged);

    /// <summary>Removes every trace of it on this host; its processes must be gone.</summary>
    public void Forget()
    {
        SetTimer(BootInstant.Never);
        Checks.Dispose();
        try
        {
            if (Directory.Exists(host.DirectoryOf(Name).Path))
                Directory.Delete(host.DirectoryOf(Name).Path, recursive: true);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            ProgramLog.ConditionNotKept(host.Logger, Name, failure.Message);
        }
    }

    private void Note(ProgramEvent verdict)
    {
        if (verdict is CheckFailed failed)
        {
            ProgramLog.CheckFailed(host.Logger, Name, failed.Detail);
            host.Happened("ProgramUnwell", Name, failed.Detail);
        }
        Take(verdict);
    }

    private void Remember(ShimSpec spec)
    {
        Identity = spec["identity"];
        Generation = spec.Number("generation");
        _epoch = spec.Number("epoch");
    }

    private void Apply(ProgramStep step)
    {
        var before = Condition.State;
        Condition = step.Condition;
        foreach (var effect in step.Effects)
        {
            switch (effect)
            {
                case Spawn:
                    Launch();
                    break;
                case SendStopSignal:
                    var signal = SignalNumber.Of(Program.StopSignal) ?? Libc.SIGTERM;
                    if (_shim is null || !_shim.Send(ShimRequest.Stop(signal, Program.StopTimeout, Program.StopAsGroup)))
                        EndTree();
                    break;
                case KillTree:
                    EndTree();
                    break;
                case SetTimer timer:
                    SetTimer(timer.At);
                    break;
                case RestartGroup:
                    group.RestartFor(Name);
                    break;
                case CallUnfit call:
                    group.BecomeUnfit(Name, call.Detail);
                    break;
                case Report report:
                    Publish(report.Condition, before);
                    before = report.Condition.State;
                    break;
                default:
                    throw new InvalidOperationException($"unknown effect {effect}");
            }
        }
    }

    private void SetTimer(BootInstant at)
    {
        _timer?.Cancel();
        _ends.TimerAt = at;
        _timer = host.Thread.At(at.Nanoseconds, () => Take(new TimerFired()));
    }

    private void Launch()
    {
        if (_shim is not null || _ending is not null)
        {
            _pending.Enqueue(new StartFailed("a process of the instance before is still there", HostContext.Now));
            return;
        }
        if (!group.MayAct(out var reason))
        {
            _pending.Enqueue(new StartRefused(reason));
            return;
        }
        Cgroup? cgroup = null;
        try
        {
            KeptCondition.Remove(host.DirectoryOf(Name));
            cgroup = host.Cgroups?.Create($"{Name.Group}:{Name.Name}");
            Limits.Begin(Program.Limits, cgroup);
            var instance = Guid.NewGuid().ToString("N");
            var spec = SpecBuilder.Build(Program, instance, host.Options, cgroup, out var error);
            if (spec is null)
            {
                Generation = Program.RestartGeneration;
                Identity = InstanceIdentity.Of(Program);
                cgroup?.Remove();
                _pending.Enqueue(new StartFailed(error, HostContext.Now));
                return;
            }
            // A later agent that finds only its end must know whether that was under the epoch it acts under.
            spec.Add("epoch", group.Epoch);
            // As Supervisor's programs have: many end with their input, and /dev/null ends at once (docs/adr/0039).
            spec.Add("input", "1");
            // Theirs too: who writes to a connection that is gone gets an error, and is not killed (docs/adr/0046).
            spec.Add("sigpipe", "1");
            spec.Add("adopt", AdoptableProcess.Of(Program, host.Options));
            Remember(spec);
            if (Program.Readiness?.Kind == CheckKind.Notify)
                Checks.Listen(instance);
            Follow(ShimProcess.Start(host.Thread, host.Options.ShimPath, host.DirectoryOf(Name), spec));
        }
        catch (Exception failure)
            when (failure is Win32Exception or IOException or UnauthorizedAccessException or ArgumentException or SocketException)
        {
            cgroup?.Remove();
            _pending.Enqueue(new StartFailed(failure.Message, HostContext.Now));
        }
    }

    private bool IsAdopted => _shim?.Spec["adopt"] is not null;

    private void Follow(ShimProcess shim)
    {
        _shim = shim;
        _logs.Begin(shim);
        shim.Reported = record => Hear(shim, record);
        shim.Lost = () => Lose(shim);
        shim.Watch();
    }

    private void Hear(ShimProcess shim, ShimRecord record)
    {
        if (shim != _shim)
            return;
        _logs.Hear(record);
        if (record.IsOver)
        {
            Let(shim.Spec);
            End(record, shim.Spec);
        }
        else if (record.State == "running" && Condition.Pid != record.Program.Pid)
        {
            if (IsAdopted)
            {
                ProgramLog.TakenOver(host.Logger, Name, record.Program.Pid);
                host.Happened("ProgramAdopted", Name, string.Create(CultureInfo.InvariantCulture, $"pid {record.Program.Pid} was taken over as it ran"));
            }
            Take(new ProgramExecuted(record.Program.Pid, new BootInstant(record.StartedAt)));
            if (IsConfigured)
                FollowLimits();
        }
    }

    // What was edited while nothing ran, or was about to, is known to the next start.
    private void FollowLimits()
    {
        if (_shim is not { Record.Program: { Pid: > 0 } process } shim || Condition.Pid != process.Pid)
            return;
        var before = Limits.Words;
        Limits.Follow(Program.Limits, process, shim.Spec["cgroup"] is { } path ? new Cgroup(path) : null);
        if (Limits.Words != before)
            host.Changed(Observe(Condition));
    }

    private void End(ShimRecord record, ShimSpec spec)
    {
        // Read: the next agent is not to take it for one that nobody has seen.
        var directory = host.DirectoryOf(Name);
        if (File.Exists(directory.File("exit")))
            File.Move(directory.File("exit"), directory.File("exit.last"), overwrite: true);
        if (record.State == "failed" && record.Cause == "deadline")
            Take(new StartRefused(FailureText.Of(record)));
        else if (record.State == "failed")
            Take(new StartFailed(FailureText.Of(record, spec["directory"] ?? "/"), new BootInstant(record.EndedAt)));
        else
            Take(Tell(RecordedEnd.Of(record)));
    }

    private ProgramEnded Tell(ProgramEnded ended)
    {
        if (ended.Breach != Breach.None)
            host.Happened("LimitBreached", Name, BreachText.Of(ended, Program.Limits));
        return ended;
    }

    private void Lose(ShimProcess shim)
    {
        if (shim != _shim)
            return;
        _lostSpec = shim.Spec;
        _lostProgram = shim.Record?.Program ?? shim.Directory.ReadRecord("state")?.Program ?? default;
        if (_ending is null)
            Take(new ShimLost());
        else
            _ending.Hurry();
    }

    private void EndTree()
    {
        if (_ending is not null || (_shim is null && _lostSpec is null))
            return;
        var spec = _shim?.Spec ?? _lostSpec!;
        var known = _shim?.Record?.Program ?? _lostProgram;
        TreeEnd? ending = null;
        ending = new TreeEnd(host.Thread, _shim, spec, known, () =>
        {
            // Nothing is left, but the shim's record of it may still be on its way: it knows when and how the program ended.
            if (_ending == ending)
                _shim?.Collect();
            if (_ending != ending)
                return;
            var lost = Condition.State == ProgramState.Unknown;
            Let(spec);
            Take(new ProgramEnded(-Libc.SIGKILL, HostContext.Now, lost ? EndCause.Lost : EndCause.Killed));
        });
        _ending = ending;
    }

    /// <summary>Nothing of the instance is left.</summary>
    private void Let(ShimSpec spec)
    {
        _ending?.Cancel();
        _ending = null;
        _shim = null;
        Limits.End();
        _logs.End();
        _lostSpec = null;
        _lostProgram = default;
        RemoveCgroup(spec);
    }

    private static void RemoveCgroup(ShimSpec spec)
    {
        if (spec["cgroup"] is { } path)
            new Cgroup(path).Remove();
    }

    /// <summary>See <see cref="ProgramHost.RaiseEpoch"/>.</summary>
    public void RaiseEpoch(long from, long epoch)
    {
        if (_epoch != from)
            return;
        _epoch = epoch;
        if (KeptEpoch != from || Condition.MayBeAlive || Identity is null)
            return;
        KeptEpoch = epoch;
        new KeptCondition(Condition, epoch, Generation, Since).Write(host, Name);
    }

    private void Publish(ProgramCondition condition, ProgramState before)
    {
        _ends.Take(before, condition, host.Time.GetUtcNow(), HostContext.Now);
        if (condition.State != before)
            Since = host.Time.GetUtcNow();
        if (!condition.MayBeAlive && Identity is not null)
        {
            KeptEpoch = _epoch;
            new KeptCondition(condition, _epoch, Generation, Since).Write(host, Name);
        }
        if (condition.State is ProgramState.Backoff or ProgramState.Fatal or ProgramState.Unknown
            || (condition.State == ProgramState.Exited && condition.Detail.Length > 0))
            ProgramLog.StateWentBad(host.Logger, Name, condition.State, condition.Detail);
        else
            ProgramLog.StateChanged(host.Logger, Name, condition.State, condition.Pid, condition.Detail);
        host.Changed(Observe(condition));
    }
}
