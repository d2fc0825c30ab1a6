using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Two agents and a control plane around the real state machines, with everything that is under way between them; what can
/// happen next is a list of choices. The kernel's part is taken as given: a host acts exactly while <see
/// cref="HostOwnership.MayAct"/> says so.
/// </summary>
internal sealed class ExploredState
{
    private const string Group = "g";
    private static readonly string[] Hosts = ["a", "b"];
    private static readonly Group Configured = new(
        Group, [new Member("a", 120), new Member("b", 80)], [], [], GroupTiming.Default, new Failback(FailbackMode.Manual, TimeSpan.Zero));

    private readonly Agent[] _agents = [new(), new()];
    private readonly Rule _removed;
    private FailoverEngine? _engine;
    private Queue<FailoverEffect> _database = new();
    private StoredOwnership _stored = new(Group, null, 0);
    private List<View> _views = [FailoverEngine.ViewOf(Configured, 1)];
    private long _confirmed;
    private long _nextStream = 1;
    private long _nextInstance = 1;
    private int _faultsLeft;
    private bool _arePeersCut;

    public ExploredState(Rule removed)
    {
        _removed = removed;
        StartEngine();
        foreach (var i in (int[])[0, 1])
            StartAgent(i);
        foreach (var i in (int[])[0, 1])
            Dial(i);
    }

    /// <summary>The same instant everywhere: what clocks may do is the seeded simulator's.</summary>
    public BootInstant Now { get; private set; } = new(1_000_000_000_000);

    /// <summary>What two hosts do at this instant that only one may do; empty when all is well.</summary>
    public string Broken
    {
        get
        {
            var acting = Hosts.Where((_, i) => _agents[i].Core is { } core && core.RoleOf(Group) is OwnerRole.Owner or OwnerRole.Releasing
                && LongsOf(i).Any(e => core.MayAct(Group, e, Now))).ToArray();
            // An agent that is dead leaves its lease to the kernel, which ends it on time.
            var held = Hosts.Where((_, i) => _agents[i].Until > Now).ToArray();
            return held.Length > 1 ? $"{string.Join(" and ", held)} hold the lease at once" : acting.Length > 1 ? "two agents act" : "";
        }
    }

    /// <summary>Lets everything happen as it should until an instant, then allows faults.</summary>
    public void Settle(TimeSpan time, int faults)
    {
        var end = Now + time;
        while (Now < end)
        {
            while (Quick() is { } choice)
                Take(choice);
            Now = BootInstant.Min(end, NextWake());
            Wake();
        }
        _faultsLeft = faults;
    }

    /// <summary>The owner cannot reach the control plane any more, and, when wanted, nobody at all.</summary>
    public void CutOwner(bool fromPeersToo)
    {
        var owner = _stored.Owner == "b" ? 1 : 0;
        (_agents[owner].IsCut, _arePeersCut) = (true, fromPeersToo);
        Break(owner);
    }

    /// <summary>kill -9 and restart of the control plane; who can reach it dials at once.</summary>
    public void RestartPlane()
    {
        _faultsLeft++;
        Take(new(Act.KillPlane, 0));
        Take(new(Act.StartPlane, 0));
        for (var i = 0; i < 2; i++)
        {
            if (!_agents[i].IsCut)
                Dial(i);
        }
    }

    /// <summary>Everything that can happen next.</summary>
    public List<Choice> Choices()
    {
        var choices = new List<Choice>();
        for (var i = 0; i < 2; i++)
        {
            var agent = _agents[i];
            if (agent.Disk.Count > 0)
                choices.Add(new(Act.Persist, i));
            if (agent.ToPlane.Count > 0 && _engine is not null)
                choices.Add(new(Act.Hear, i));
            if (agent.FromPlane.Count > 0 && agent.Core is not null)
                choices.Add(new(Act.Answer, i));
            if (agent.FromPeer.Count > 0 && agent.Core is not null)
                choices.Add(new(Act.Peer, i));
            if (agent.IsCut && _faultsLeft > 0)
                choices.Add(new(Act.Mend, i));
            if (agent is { Core: not null, Stream: 0, IsCut: false } && _engine is not null)
                choices.Add(new(Act.Dial, i));
            if (agent.Core is null)
                choices.Add(new(Act.StartAgent, i));
            if (_faultsLeft == 0)
                continue;
            if (agent.Stream != 0)
                choices.Add(new(Act.BreakStream, i));
            if (agent.FromPeer.Count > 0)
                choices.Add(new(Act.LosePeer, i));
            if (agent.Core is not null)
                choices.Add(new(Act.KillAgent, i));
        }
        if (_database.Count > 0)
            choices.Add(new(Act.Commit, 0));
        if (_engine is null)
            choices.Add(new(Act.StartPlane, 0));
        else if (_faultsLeft > 0)
            choices.Add(new(Act.KillPlane, 0));
        choices.Add(new(Act.Time, 0));
        return choices;
    }

    public void Take(Choice choice)
    {
        var agent = _agents[choice.Host];
        switch (choice.Act)
        {
            case Act.Time:
                Now = NextWake();
                Wake();
                break;
            case Act.Persist:
                var durable = agent.Disk.Dequeue();
                agent.Stored = durable;
                Post(choice.Host, new GroupPersisted(durable));
                break;
            case Act.Hear:
                Tell(agent.ToPlane.Dequeue());
                break;
            case Act.Answer:
                Post(choice.Host, agent.FromPlane.Dequeue());
                break;
            case Act.Peer:
                Post(choice.Host, agent.FromPeer.Dequeue());
                break;
            case Act.LosePeer:
                _faultsLeft--;
                _ = agent.FromPeer.Dequeue();
                break;
            case Act.Dial:
                Dial(choice.Host);
                break;
            case Act.Mend:
                _faultsLeft--;
                (agent.IsCut, _arePeersCut) = (false, false);
                break;
            case Act.BreakStream:
                _faultsLeft--;
                Break(choice.Host);
                break;
            case Act.KillAgent:
                _faultsLeft--;
                Break(choice.Host);
                agent.Core = null;
                agent.Disk.Clear();
                agent.FromPeer.Clear();
                break;
            case Act.StartAgent:
                StartAgent(choice.Host);
                break;
            case Act.KillPlane:
                _faultsLeft--;
                _engine = null;
                _database.Clear();
                Break(0);
                Break(1);
                break;
            case Act.StartPlane:
                StartEngine();
                break;
            default:
                Commit(_database.Dequeue());
                break;
        }
    }

    private IEnumerable<long> LongsOf(int host) => _agents[host].Epoch is var epoch and > 0 ? [epoch] : [];

    private Choice? Quick()
    {
        foreach (var choice in Choices())
        {
            if (choice.Act is not (Act.Time or Act.KillAgent or Act.KillPlane or Act.BreakStream or Act.LosePeer or Act.Mend))
                return choice;
        }
        return null;
    }

    private BootInstant NextWake()
    {
        var next = _engine?.NextWake ?? BootInstant.Never;
        foreach (var agent in _agents)
        {
            next = BootInstant.Min(next, agent.Core?.NextWake ?? BootInstant.Never);
            if (agent.Until > Now)
                next = BootInstant.Min(next, agent.Until);
        }
        return next <= Now ? Now : next == BootInstant.Never ? Now + TimeSpan.FromMilliseconds(300) : next;
    }

    private void Wake()
    {
        for (var i = 0; i < 2; i++)
        {
            if (_agents[i].Core is { } core && core.NextWake <= Now)
                Post(i, new TimePassed());
        }
        if (_engine is not null && _engine.NextWake <= Now)
            Tell(new LeaderTimePassed());
    }

    private void StartAgent(int i)
    {
        var agent = _agents[i];
        agent.Core = new HostOwnership(new Guid((int)_nextInstance++, 0, 0, new byte[8]), Now) { Host = Hosts[i], Removed = _removed };
        agent.Instance = new Guid((int)_nextInstance - 1, 0, 0, new byte[8]);
        Post(i, new GroupsConfigured([Configured]));
        Post(i, new AgentStarted(
            agent.Stored is { } stored ? [stored] : [], agent.Epoch > 0 ? [new RecordedDeadline(Group, agent.Epoch, agent.Until)] : [], SameBoot: true));
    }

    private void StartEngine()
    {
        _engine = new FailoverEngine(Now) { Removed = _removed };
        Tell(new GroupsLoaded([new StoredGroup(Configured, _stored, _confirmed, [.. _views.Where(v => v.Version >= _confirmed)])]));
    }

    private void Dial(int i)
    {
        var agent = _agents[i];
        agent.Stream = _nextStream++;
        Tell(new StreamAttached(Hosts[i], agent.Stream, agent.Instance));
        Post(i, new StreamOpened(agent.Stream));
    }

    private void Break(int i)
    {
        var agent = _agents[i];
        if (agent.Stream == 0)
            return;
        var stream = agent.Stream;
        agent.Stream = 0;
        agent.ToPlane.Clear();
        agent.FromPlane.Clear();
        Tell(new StreamDetached(Hosts[i], stream));
        Post(i, new StreamClosed(stream));
    }

    private void Post(int i, HostEvent e)
    {
        var agent = _agents[i];
        if (agent.Core is null)
            return;
        var effects = new List<HostEffect>();
        agent.Core.Handle(e, Now, effects);
        foreach (var effect in effects)
            CarryOut(i, effect);
    }

    private void CarryOut(int i, HostEffect effect)
    {
        var agent = _agents[i];
        var other = _agents[1 - i];
        switch (effect)
        {
            case SendHeartbeat send when agent.Stream != 0:
                agent.ToPlane.Enqueue(new HeartbeatReceived(Hosts[i], agent.Stream, send.Heartbeat));
                break;
            case SendReleased released when agent.Stream != 0:
                agent.ToPlane.Enqueue(new EpochReleased(Hosts[i], agent.Stream, Group, released.Epoch));
                break;
            case Redial:
                Break(i);
                break;
            case WriteDeadline write:
                (agent.Epoch, agent.Until) = (write.Epoch, write.Until);
                break;
            case ResumeOwnership resume:
                (agent.Epoch, agent.Until) = (resume.Epoch, resume.Until);
                break;
            case RaiseEpoch raise:
                agent.Epoch = raise.Epoch;
                break;
            case EndEpoch end:
                agent.Until = BootInstant.Zero;
                Post(i, new EpochActsEnded(Group, end.Epoch));
                break;
            case PersistGroup persist:
                agent.Disk.Enqueue(persist.Group);
                break;
            case AskPeer ask when other.Core is not null && !_arePeersCut:
                foreach (var ping in ask.Pings)
                    other.FromPeer.Enqueue(new PingReceived(0, Hosts[i], ping));
                break;
            case AnswerPing answer when other.Core is not null && !_arePeersCut:
                other.FromPeer.Enqueue(new PromiseReceived(Hosts[i], answer.Promise));
                break;
            default:
                break;
        }
    }

    private void Tell(FailoverEvent e)
    {
        if (_engine is null)
            return;
        var effects = new List<FailoverEffect>();
        _engine.Handle(e, Now, effects);
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case SendAnswer answer when Stream(answer.Host, answer.StreamId) is { } agent:
                    agent.FromPlane.Enqueue(new AnswerReceived(answer.StreamId, answer.Answer));
                    break;
                case SendPromote promote when Stream(promote.Host, promote.StreamId) is { } agent:
                    agent.FromPlane.Enqueue(new PromoteReceived(promote.StreamId, Group, promote.Epoch, "", promote.FormerIsOver));
                    break;
                case SendSealAsked seal when Stream(seal.Host, seal.StreamId) is { } agent:
                    agent.FromPlane.Enqueue(new SealAsked(seal.StreamId, Group, seal.Epoch));
                    break;
                case CommitPromotion or StoreView or ConfirmView:
                    _database.Enqueue(effect);
                    break;
                default:
                    break;
            }
        }
    }

    private Agent? Stream(string host, long stream) => _agents[host == "a" ? 0 : 1] is var agent && agent.Stream == stream ? agent : null;

    private void Commit(FailoverEffect write)
    {
        switch (write)
        {
            case CommitPromotion commit:
                _stored = new StoredOwnership(Group, commit.Owner, commit.Epoch);
                Tell(new PromotionSettled(_stored));
                break;
            case StoreView store:
                _views.Add(store.View);
                Tell(new ViewStored(Group, store.View));
                break;
            case ConfirmView confirm:
                _confirmed = Math.Max(_confirmed, confirm.Version);
                Tell(new ViewConfirmed(Group, confirm.Version));
                break;
            default:
                break;
        }
    }

    internal enum Act
    {
        Time,
        Persist,
        Hear,
        Answer,
        Peer,
        Commit,
        Dial,
        Mend,
        StartAgent,
        StartPlane,
        LosePeer,
        BreakStream,
        KillAgent,
        KillPlane,
    }

    internal readonly record struct Choice(Act Act, int Host)
    {
        public override string ToString() => Act is Act.Time or Act.Commit or Act.StartPlane or Act.KillPlane ? $"{Act}" : $"{Act} {Hosts[Host]}";
    }

    private sealed class Agent
    {
        public HostOwnership? Core { get; set; }

        public Guid Instance { get; set; }

        public long Stream { get; set; }

        /// <summary>It cannot reach the control plane.</summary>
        public bool IsCut { get; set; }

        /// <summary>The deadline file.</summary>
        public long Epoch { get; set; }

        public BootInstant Until { get; set; }

        public DurableGroup? Stored { get; set; }

        public Queue<DurableGroup> Disk { get; } = new();

        public Queue<FailoverEvent> ToPlane { get; } = new();

        public Queue<HostEvent> FromPlane { get; } = new();

        public Queue<HostEvent> FromPeer { get; } = new();
    }
}
