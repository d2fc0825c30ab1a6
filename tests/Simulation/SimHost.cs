using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// A host: its kernel, its shims and guards, its disk, and an agent process around the real <see cref="HostOwnership"/>.
/// The agent may be killed and stopped between any two of its acts, and inside a write to the gate.
/// </summary>
internal sealed partial class SimHost
{
    private readonly World _world;
    private readonly SimNetwork _network;
    private readonly IReadOnlyList<SimControlPlane> _planes;
    private readonly Audit _audit;
    private readonly Rule _removed;
    private readonly NodeClock _clock;
    private readonly SortedDictionary<string, HostedGroup> _groups = new(StringComparer.Ordinal);
    private readonly Dictionary<long, SimHost> _calls = [];
    private readonly Queue<HostEvent> _inbox = [];
    private readonly List<HostEffect> _effects = [];
    private readonly Action _pump;
    private readonly Action _next;
    private readonly Dictionary<string, Group> _known = new(StringComparer.Ordinal);
    private ImmutableArray<Group> _configured = [];
    private HostOwnership? _core;
    private Guid _instance;
    private (long Id, SimControlPlane Plane)? _stream;
    private bool _busy;
    private bool _sameBoot;
    private int _boots;
    private int _applied;
    private int _starts;
    private long _generation;
    private long _nextCall;
    private long _diskFreeAt;
    private long _wakesAt = long.MaxValue;
    private Action? _insideNextWrite;

    public SimHost(string name, World world, SimNetwork network, IReadOnlyList<SimControlPlane> planes, Audit audit, Rule removed)
    {
        (Name, _world, _network, _planes, _audit, _removed) = (name, world, network, planes, audit, removed);
        _clock = new NodeClock(world, 0.005);
        Agent = new SimProcess(world);
        _pump = Pump;
        _next = ApplyNext;
    }

    public string Name { get; }

    /// <summary>Of its kernel, another one after each boot.</summary>
    public Guid BootId => new(_boots + 1, (short)Name[0], 0, new byte[8]);

    /// <summary>Nothing runs there, and nothing has since it was switched off.</summary>
    public bool IsOff => !_sameBoot && !Agent.Alive;

    /// <summary>Called right after a promise has left this host.</summary>
    public Action Promised { get; set; } = () => { };

    /// <summary>Called when a seal begins to be written.</summary>
    public Action Sealing { get; set; } = () => { };

    public SimProcess Agent { get; }

    public Dictionary<string, DurableGroup> Disk { get; } = [];

    /// <summary>Until when writes to the disk take long.</summary>
    public long SlowDiskUntil { get; set; }

    public bool IsGateOpen(string group) => !IsAsleep && _groups.TryGetValue(group, out var held) && held.IsGateOpen;

    public bool RunsPrograms(string group) => !IsAsleep && _groups.TryGetValue(group, out var held) && held.RunsPrograms;

    public bool Acts(string group) => IsGateOpen(group) && RunsPrograms(group);

    public bool Acts(string group, long epoch) => Acts(group) && _groups[group].Epoch == epoch;

    public void StartAgent()
    {
        if (Agent.Alive)
            return;
        Agent.Start();
        _instance = new Guid(_world.Random.Next(int.MaxValue), (short)++_starts, 0, new byte[8]);
        _core = new HostOwnership(_instance, _clock.Now) { Host = Name, Removed = _removed };
        _inbox.Clear();
        _calls.Clear();
        _busy = false;
        _stream = null;
        _wakesAt = long.MaxValue;
        _world.Log(Name, $"the agent starts{(_sameBoot ? "" : ", first since the boot")}");
        Post(new GroupsConfigured(_configured));
        Post(new AgentStarted(
            [.. Disk.Values],
            [.. _groups.Where(g => g.Value.Epoch > 0).Select(g => new RecordedDeadline(g.Key, g.Value.Epoch, g.Value.Until))],
            _sameBoot));
        _sameBoot = true;
        Dial();
    }

    public void KillAgent()
    {
        SpareShims();
        Agent.Kill();
        _core = null;
        _insideNextWrite = null;
        _diskFreeAt = 0; // What waits to be written is lost with the process.
        if (_stream is { } stream)
            _network.Send(Name, stream.Plane.Name, () => "stream gone", () => stream.Plane.Receive(new StreamDetached(Name, stream.Id)));
        _world.Log("FAULT", $"{Name}'s agent is killed");
    }

    /// <summary>S2: the agent's disk is lost while it is away; what runs, runs on.</summary>
    public void LoseDisk()
    {
        if (Agent.Alive)
            KillAgent();
        Disk.Clear();
        _world.Log("FAULT", $"{Name} loses its disk");
    }

    public void StopAgent(TimeSpan duration)
    {
        if (!Agent.Runs || IsWaking)
            return;
        SpareShims();
        Agent.Stop();
        _world.Log("FAULT", $"{Name}'s agent is stopped");
        _world.After(duration, ContinueAgent);
    }

    /// <summary>A fault between "what is left of the lease" and its write to the gate, the worst place there is.</summary>
    public void InsideNextWrite(Action fault) => _insideNextWrite = fault;

    public void ContinueAgent()
    {
        if (!Agent.Stopped || IsAsleep)
            return;
        _world.Log("FAULT", $"{Name}'s agent continues");
        Agent.Continue();
    }

    public void Boot()
    {
        if (Agent.Alive)
            KillAgent();
        _groups.Values.ToList().ForEach(g => g.Vanish());
        _groups.Clear();
        _sameBoot = false;
        (IsAsleep, IsWaking) = (false, false);
        _boots++;
        _world.Log("FAULT", $"{Name} boots");
    }

    public void KillGuards()
    {
        // W6, and W4 with the guard gone: a write that was composed before the suspend is undone as late, if nothing else goes wrong.
        if (IsAsleep || IsWaking)
            return;
        _world.Log("FAULT", $"{Name}'s guards are killed");
        _groups.Values.ToList().ForEach(g => g.Guard.Kill());
    }

    public void StopGuards(TimeSpan duration)
    {
        _world.Log("FAULT", $"{Name}'s guards are stopped for {duration.TotalMilliseconds:F0} ms");
        foreach (var guard in _groups.Values.Select(g => g.Guard.Process))
        {
            guard.Stop();
            _world.After(duration, guard.Continue);
        }
    }

    /// <summary>Shims of programs; a fault of the agent, or of a second kind, ends this one.</summary>
    public void StopShims(TimeSpan duration)
    {
        if (!Agent.Runs)
            return;
        _world.Log("FAULT", $"{Name}'s shims are stopped");
        _groups.Values.ToList().ForEach(g => g.Shims.Process.Stop());
        _world.After(duration, SpareShims);
    }

    public void Configure(ImmutableArray<Group> groups)
    {
        _configured = groups;
        foreach (var group in groups)
            _known[group.Name] = group;
        Post(new GroupsConfigured(groups));
    }

    public void StreamBroke(long stream) => Post(new StreamClosed(stream));

    public void Post(HostEvent e)
    {
        if (!Agent.Alive)
            return;
        _inbox.Enqueue(e);
        if (!_busy)
            Agent.After(TimeSpan.Zero, _pump);
    }

    /// <summary>For the head of a transcript.</summary>
    public IEnumerable<string> Describe()
    {
        var agent = Agent switch { { Alive: false } => "is dead", { Stopped: true } => "is stopped", _ => "runs" };
        yield return $"{Name,-5} agent {agent}, {(_stream is { } s ? $"stream to {s.Plane.Name}" : "no stream")}";
        foreach (var (name, held) in _groups)
            yield return $"      {name}@{held.Epoch} as {_core?.RoleOf(name).ToString() ?? "nobody"}: {held.Describe()}";
    }

    /// <summary>Shims outlive the agent's faults; both at once leave nobody who kills, which the protocol excludes.</summary>
    private void SpareShims() => _groups.Values.ToList().ForEach(g => g.Shims.Process.Continue());

    private HostedGroup HeldOf(string group)
    {
        if (!_groups.TryGetValue(group, out var held))
        {
            _groups[group] = held = new HostedGroup(
                _world,
                _clock,
                _removed,
                () => _generation++,
                () => _world.Log(Name, $"shims kill the programs of {group}"));
        }
        return held;
    }

    private void Dial()
    {
        if (_stream is null)
        {
            var plane = _planes[_world.Random.Next(_planes.Count)];
            var instance = _instance;
            if (!_network.IsCut(Name, plane.Name) && !_network.IsCut(plane.Name, Name))
            {
                plane.Accept(this, instance, stream =>
                {
                    if (!Agent.Alive || _instance != instance)
                        return;
                    _stream = (stream, plane);
                    Post(new StreamOpened(stream));
                });
            }
        }
        Agent.After(_world.Between(50, 400), Dial);
    }

    private void Pump()
    {
        if (_busy || !_inbox.TryDequeue(out var e))
            return;
        if (e is StreamClosed closed && closed.StreamId == _stream?.Id)
            _stream = null;
        _busy = true;
        _effects.Clear();
        _applied = 0;
        _core!.Handle(e, _clock.Now, _effects);
        foreach (var stop in _effects.OfType<StopPrograms>())
            _audit.Releases(stop.Group, stop.Epoch);
        ScheduleNext();
    }

    private void ScheduleNext()
    {
        if (_applied < _effects.Count)
        {
            Agent.After(_world.Chance(0.02) ? _world.Between(1, 15) : _world.Between(0, 0.4), _next);
            return;
        }
        _busy = false;
        if (_inbox.Count > 0)
            Agent.After(TimeSpan.Zero, _pump);
        var wake = _core!.NextWake;
        if (wake == BootInstant.Never)
            return;
        var at = Math.Max(_world.Now, _clock.RealTimeOf(wake));
        if (at >= _wakesAt)
            return;
        _wakesAt = at;
        Agent.At(at, () => Wake(at));
    }

    private void Wake(long at)
    {
        if (at != _wakesAt)
            return;
        _wakesAt = long.MaxValue;
        Post(new TimePassed());
    }

    private void ApplyNext()
    {
        var effect = _effects[_applied++];
        switch (effect)
        {
            case Claim claim:
                Own(claim.Group, claim.Epoch, "claims");
                return;
            case ResumeOwnership resume:
                HeldOf(resume.Group).WriteDeadline(resume.Epoch, resume.Until);
                Own(resume.Group, resume.Epoch, "resumes");
                return;
            case ExtendLease extend:
                OpenGate(extend.Group, extend.Epoch, ScheduleNext);
                return;
            default:
                Apply(effect);
                ScheduleNext();
                return;
        }
    }

    private void Apply(HostEffect effect)
    {
        switch (effect)
        {
            case SendHeartbeat send when _stream is { } stream:
                _network.Send(Name, stream.Plane.Name, () => Transcript.Of(send.Heartbeat), () =>
                    stream.Plane.Receive(new HeartbeatReceived(Name, stream.Id, send.Heartbeat)));
                break;
            case Redial:
                _world.Log(Name, $"hears nothing and dials again");
                _stream = null;
                break;
            case WriteDeadline write:
                WriteDeadline(write);
                break;
            case AskPeer ask:
                Ask(ask);
                break;
            case AnswerPing answer:
                Answer(answer);
                break;
            case RaiseEpoch raise:
                _world.Log(Name, $"goes on with {raise.Group} under epoch {raise.Epoch}");
                _audit.Claimed(this, raise.Group, raise.Epoch, _boots);
                HeldOf(raise.Group).RaiseEpoch(raise.From, raise.Epoch);
                break;
            case PersistGroup persist:
                Persist(persist.Group);
                break;
            case ShutGate shut:
                HeldOf(shut.Group).ShutGate();
                break;
            case StopPrograms stop:
                _world.Log(Name, $"stops the programs of {stop.Group}@{stop.Epoch}: {stop.Reason}");
                Agent.After(_world.Between(5, 300), () =>
                {
                    // What begins later waits for the end of what came before, and is not ended with it.
                    if (HeldOf(stop.Group).Epoch == stop.Epoch)
                        HeldOf(stop.Group).ProgramsStopped();
                    Post(new ProgramsStopped(stop.Group, stop.Epoch));
                });
                break;
            case EndEpoch end:
                End(end);
                break;
            case SendReleased released when _stream is { } stream:
                _network.Send(Name, stream.Plane.Name, () => $"released {released.Group}@{released.Epoch}", () =>
                    stream.Plane.Receive(new EpochReleased(Name, stream.Id, released.Group, released.Epoch)));
                break;
            default:
                break;
        }
    }

    /// <summary>F1: over the agents' own link.</summary>
    private void Ask(AskPeer ask)
    {
        var peer = _audit.Hosts.First(h => h.Name == ask.Host);
        foreach (var ping in ask.Pings)
        {
            _network.Send(Name, peer.Name, () => $"asks for {ping.Ttl.TotalSeconds} s of {ping.Group}@{ping.Epoch} (ping {ping.Seq})", () =>
                peer.Hear(this, ping));
        }
    }

    private void Hear(SimHost from, PeerPing ping)
    {
        var call = ++_nextCall;
        _calls[call] = from;
        Post(new PingReceived(call, from.Name, ping));
    }

    private void Answer(AnswerPing answer)
    {
        if (!_calls.Remove(answer.Call, out var asker))
            return;
        var promise = answer.Promise;
        _network.Send(
            Name,
            asker.Name,
            () => $"{(promise.IsGiven ? "promises" : $"refuses ({promise.Refusal})")} {promise.Group}@{promise.Epoch} (ping {promise.Seq})",
            () => asker.Post(new PromiseReceived(Name, promise)));
        if (promise.IsGiven)
            Agent.After(TimeSpan.Zero, Promised);
    }

    private void WriteDeadline(WriteDeadline write)
    {
        var held = HeldOf(write.Group);
        if (held.Epoch == write.Epoch && held.Until != BootInstant.Zero && _clock.Now >= held.Until)
            Post(new DeadlinePassed(write.Group, write.Epoch));
        if (_removed.HasFlag(Rule.W1BeforeConfirming) && held.Epoch == write.Epoch && write.Until < held.Until)
            Agent.After(_world.Between(0, 1000), () => held.WriteDeadline(write.Epoch, write.Until));
        else
            held.WriteDeadline(write.Epoch, write.Until);
    }

    /// <summary>One disk, one write after the other; the process hears of it a little later.</summary>
    private void Persist(DurableGroup group)
    {
        if (group.Sealed > (Disk.TryGetValue(group.Group, out var before) ? before.Sealed : 0))
            Agent.After(TimeSpan.Zero, Sealing);
        var slow = _world.Now < SlowDiskUntil || _world.Chance(0.02);
        _diskFreeAt = Math.Max(_diskFreeAt, _world.Now) + (_world.Between(0.5, slow ? 800 : 8).Ticks * 100);
        Agent.At(_diskFreeAt, () =>
        {
            Disk[group.Group] = group;
            Agent.After(_world.Between(0, 0.5), () => Post(new GroupPersisted(group)));
        });
    }
}
