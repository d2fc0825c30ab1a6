using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// A host: its kernel (gate), its shims and guard, its disk, and an agent process around the real
/// <see cref="HostOwnership"/>. The agent may be killed and stopped between any two of its acts.
/// </summary>
internal sealed class SimHost(string name, World world, SimNetwork network, SimControlPlane plane, Audit audit, Rule removed)
{
    private readonly NodeClock _clock = new(world, 0.005);
    private readonly Dictionary<string, (long Epoch, BootInstant Until)> _deadlines = [];
    private readonly Dictionary<string, BootInstant> _gate = [];
    private readonly Dictionary<string, bool> _programs = [];
    private long _generation;
    private readonly Queue<HostEvent> _inbox = [];
    private ImmutableArray<Group> _configured = [];
    private HostOwnership? _core;
    private Guid _instance;
    private bool _busy;
    private bool _sameBoot;
    private long? _stream;

    public string Name { get; } = name;

    public SimProcess Agent { get; } = new(world);

    public Dictionary<string, DurableGroup> Disk { get; } = [];

    public bool IsGateOpen(string group) => _gate.TryGetValue(group, out var until) && _clock.Now < until;

    public bool RunsPrograms(string group) => _programs.GetValueOrDefault(group);

    public bool Acts(string group) => IsGateOpen(group) && RunsPrograms(group);

    public void StartAgent()
    {
        if (Agent.Alive)
            return;
        Agent.Start();
        _instance = new Guid(world.Random.Next(), 0, 0, new byte[8]);
        _core = new HostOwnership(_instance, _clock.Now) { Removed = removed };
        _inbox.Clear();
        _busy = false;
        _stream = null;
        world.Log(Name, "agent starts");
        Post(new GroupsConfigured(_configured));
        Post(new AgentStarted(
            [.. Disk.Values],
            [.. _deadlines.Select(d => new RecordedDeadline(d.Key, d.Value.Epoch, d.Value.Until))],
            _sameBoot));
        _sameBoot = true;
        Dial();
    }

    public void KillAgent()
    {
        Agent.Kill();
        _core = null;
        if (_stream is { } stream)
            network.Send(Name, "cp", () => plane.Receive(new StreamDetached(Name, stream)));
        world.Log(Name, "agent killed");
    }

    public void StopAgent()
    {
        Agent.Stop();
        world.Log(Name, "agent stopped");
    }

    public void ContinueAgent()
    {
        world.Log(Name, "agent continues");
        Agent.Continue();
    }

    public void Boot()
    {
        if (Agent.Alive)
            KillAgent();
        _deadlines.Clear();
        _gate.Clear();
        _programs.Clear();
        _sameBoot = false;
        world.Log(Name, "boots");
    }

    public void Configure(ImmutableArray<Group> groups)
    {
        _configured = groups;
        Post(new GroupsConfigured(groups));
    }

    public void StreamBroke(long stream) => Post(new StreamClosed(stream));

    public void Post(HostEvent e)
    {
        if (!Agent.Alive)
            return;
        _inbox.Enqueue(e);
        Agent.After(TimeSpan.Zero, Pump);
    }

    private void Dial()
    {
        if (_stream is null && !network.IsCut(Name, "cp") && !network.IsCut("cp", Name))
        {
            var instance = _instance;
            plane.Accept(this, instance, stream =>
            {
                if (!Agent.Alive || _instance != instance)
                    return;
                _stream = stream;
                Post(new StreamOpened(stream));
            });
        }
        Agent.After(world.Between(50, 400), Dial);
    }

    private void Pump()
    {
        if (_busy || !_inbox.TryDequeue(out var e))
            return;
        if (e is StreamClosed closed && closed.StreamId == _stream)
            _stream = null;
        _busy = true;
        var effects = new List<HostEffect>();
        _core!.Handle(e, _clock.Now, effects);
        Run(effects, 0);
    }

    private void Run(List<HostEffect> effects, int next)
    {
        if (next < effects.Count)
        {
            var cost = world.Chance(0.02) ? world.Between(1, 15) : world.Between(0, 0.4);
            Agent.After(cost, () => Apply(effects[next], () => Run(effects, next + 1)));
            return;
        }
        _busy = false;
        if (_core!.NextWake is var wake && wake != BootInstant.Never)
        {
            Agent.At(_clock.RealTimeOf(wake), () =>
            {
                if (_core!.NextWake <= _clock.Now)
                    Post(new TimePassed());
            });
        }
        if (_inbox.Count > 0)
            Agent.After(TimeSpan.Zero, Pump);
    }

    private void Apply(HostEffect effect, Action then)
    {
        switch (effect)
        {
            case SendHeartbeat send when _stream is { } stream:
                network.Send(Name, "cp", () => plane.Receive(new HeartbeatReceived(Name, stream, send.Heartbeat)));
                break;
            case Redial:
                _stream = null;
                break;
            case WriteDeadline write:
                _deadlines[write.Group] = (write.Epoch, write.Until);
                ArmShims(write.Group);
                break;
            case PersistGroup persist:
                Agent.After(world.Between(0.5, 8), () =>
                {
                    Disk[persist.Group.Group] = persist.Group;
                    Post(new GroupPersisted(persist.Group));
                });
                break;
            case Claim claim:
                world.Log(Name, $"claims {claim.Group}@{claim.Epoch}");
                audit.Claimed(this, claim.Group, claim.Epoch);
                OpenGate(claim.Group, claim.Epoch, () =>
                {
                    StartPrograms(claim.Group);
                    then();
                });
                return;
            case ResumeOwnership resume:
                world.Log(Name, $"resumes {resume.Group}@{resume.Epoch}");
                audit.Claimed(this, resume.Group, resume.Epoch);
                OpenGate(resume.Group, resume.Epoch, () =>
                {
                    StartPrograms(resume.Group);
                    then();
                });
                return;
            case ExtendLease extend:
                OpenGate(extend.Group, extend.Epoch, then);
                return;
            case ShutGate shut:
                _gate.Remove(shut.Group);
                break;
            case StopPrograms stop:
                Agent.After(world.Between(5, 300), () =>
                {
                    _programs[stop.Group] = false;
                    Post(new ProgramsStopped(stop.Group, stop.Epoch));
                });
                break;
            case EndEpoch end:
                world.Log(Name, $"ends {end.Group}@{end.Epoch}: {end.Reason}");
                _deadlines[end.Group] = (end.Epoch, BootInstant.Zero);
                _gate.Remove(end.Group);
                Agent.After(world.Between(0.5, 10), () =>
                {
                    _programs[end.Group] = false;
                    Post(new EpochActsEnded(end.Group, end.Epoch));
                });
                break;
            case SendReleased released when _stream is { } stream:
                network.Send(Name, "cp", () => plane.Receive(
                    new EpochReleased(Name, stream, released.Group, released.Epoch)));
                break;
            default:
                break;
        }
        then();
    }

    /// <summary>L7 before, W4 after; between them the agent may be stopped for any time.</summary>
    private void OpenGate(string group, long epoch, Action then)
    {
        var before = _clock.Now;
        if (!MayAct(group, epoch, before))
        {
            then();
            return;
        }
        var remaining = _deadlines[group].Until - before;
        var generation = _generation;
        Agent.After(world.Between(0.01, 0.5), () =>
        {
            // The kernel refuses a transaction that was composed before the guard's.
            if (generation != _generation && !removed.HasFlag(Rule.W4Generation))
            {
                then();
                return;
            }
            var written = _clock.Now;
            _gate[group] = written + remaining;
            audit.Acted(this, group, "opens the gate");
            Agent.After(TimeSpan.Zero, () =>
            {
                var margin = _configured.First(g => g.Name == group).Timing.TakeoverMargin;
                if (_clock.Now - before > margin / 4 && !removed.HasFlag(Rule.W4LateWrite))
                    _gate.Remove(group);
                then();
            });
        });
    }

    private bool MayAct(string group, long epoch, BootInstant now) =>
        _deadlines.TryGetValue(group, out var deadline) && deadline.Epoch == epoch && now < deadline.Until;

    /// <summary>The shim itself looks at the deadline right before it runs the program.</summary>
    private void StartPrograms(string group) => Agent.After(world.Between(1, 15), () =>
    {
        if (RunsPrograms(group) || _core!.RoleOf(group) != OwnerRole.Owner || _clock.Now >= _deadlines[group].Until)
            return;
        _programs[group] = true;
        ArmShims(group);
        audit.Acted(this, group, "starts a program");
    });

    /// <summary>W2: shims and guard outlive the agent and sleep for the deadline in the file.</summary>
    private void ArmShims(string group)
    {
        if (!_deadlines.TryGetValue(group, out var armed) || armed.Until == BootInstant.Never)
            return;
        world.At(_clock.RealTimeOf(armed.Until) + _clock.RealDuration(world.Between(0, 5)), () =>
        {
            if (!_deadlines.TryGetValue(group, out var read) || read.Until > _clock.Now)
                return;
            _gate.Remove(group);
            _generation++;
            if (RunsPrograms(group))
                world.Log(Name, $"shims kill {group}");
            _programs[group] = false;
        });
    }
}
