using System.Collections.Concurrent;
using System.Collections.Immutable;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Hooks;
using HaGrpc.Agent.Platform;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Agent.Vips;
using HaGrpc.Agent.Watchdogs;
using HaGrpc.Contracts;
using HaGrpc.Core.Absence;
using HaGrpc.Core.Compat;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Linux;
using HaGrpc.Linux.Links;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;
using ConfiguredProgram = HaGrpc.Core.Model.Program;
using Group = HaGrpc.Core.Model.Group;

namespace HaGrpc.Agent.Ownership;

/// <summary>
/// The one thread that feeds <see cref="HostOwnership"/> and carries out its effects. A thread of its own: a lease ends at an
/// instant, whatever the thread pool is doing. Nothing on it waits for a disk, a program or the network.
/// </summary>
internal sealed class OwnershipLoop : IDisposable
{
    private static readonly TimeSpan SleepTolerance = TimeSpan.FromMilliseconds(20);

    private readonly LoopQueue _queue = new();
    private readonly List<HostEffect> _effects = [];
    private readonly WakeTimer _timer = new();
    private readonly HostOwnership _core;
    private readonly AbsenceWatch _absence;
    private readonly FormerAgentFile _former;
    private readonly GroupActs _acts;
    private readonly HostNetwork _network;
    private readonly ProgramHost _programs;
    private readonly StateFiles _state;
    private readonly Outbox _outbox;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, TaskCompletionSource<PeerPromise>> _calls = [];
    private readonly Guid _bootId;
    private readonly TaskCompletionSource _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _begun = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private readonly WatchdogDuty? _watchdog;
    private ImmutableArray<Group> _groups = [];
    private ImmutableArray<ConfiguredProgram> _stored = [];
    private ImmutableDictionary<ProgramName, LocalWish> _wishes = ImmutableDictionary<ProgramName, LocalWish>.Empty;
    private volatile ConfiguredProgram[] _wanted = [];
    private volatile Group[] _configured = [];
    private volatile ObservedParts _observed = ObservedParts.None;
    private long _revision;
    private long _slept;
    private bool _hasBegun;
    private long _lastCall;
    private volatile bool _closed;

    /// <summary>Prepares the loop; nothing happens before <see cref="Start"/>.</summary>
    /// <param name="options">This agent's options.</param>
    /// <param name="identity">Its instance and boot.</param>
    /// <param name="startedAt">When the agent started (rule S1).</param>
    /// <param name="programs">Runs the programs.</param>
    /// <param name="guards">Runs the guards.</param>
    /// <param name="hooks">Runs the hooks.</param>
    /// <param name="outbox">What the control plane is told.</param>
    /// <param name="time">Wall clock, for people.</param>
    /// <param name="logger">The log.</param>
    public OwnershipLoop(
        AgentOptions options,
        AgentIdentity identity,
        BootInstant startedAt,
        ProgramHost programs,
        GuardShim guards,
        HookHost hooks,
        Outbox outbox,
        TimeProvider time,
        ILogger<OwnershipLoop> logger)
    {
        _core = new HostOwnership(identity.Instance, startedAt) { Host = options.Host };
        _absence = new AbsenceWatch(startedAt);
        _former = new FormerAgentFile(options.StateDirectory, identity.BootId);
        _network = new HostNetwork(time);
        _programs = programs;
        _outbox = outbox;
        _logger = logger;
        _bootId = identity.BootId;
        _state = new StateFiles(options.StateDirectory, identity.BootId, logger);
        _acts = new GroupActs(options, identity.BootId, _network, programs, guards, hooks, outbox, this, time, logger);
        _network.Disturbed += disturbance =>
        {
            _queue.Add(disturbance, _acts.OnDisturbed);
            _timer.Signal();
        };
        _network.LinkChanged += link => LinkChanged?.Invoke(link);
        _thread = new Thread(Run) { Name = "ownership", IsBackground = true };
    }

    /// <summary>Raised on any thread: the stream must be dropped and dialled again.</summary>
    public event Action? RedialWanted;

    /// <summary>Raised on the loop's thread, perhaps more than once for one epoch: this host was promoted. Must not wait.</summary>
    public event Action<string, long>? Promoted;

    /// <summary>Raised on the loop's thread: <see cref="Groups"/> or <see cref="Programs"/> may be others now. Must not wait.</summary>
    public event Action? Configured;

    /// <summary>Raised on the network's watching thread: see <see cref="HostNetwork.LinkChanged"/>. Must not wait.</summary>
    public event Action<LinkEntry?>? LinkChanged;

    /// <summary>Sends pings to another agent (rule F1). On the loop's thread: must not wait.</summary>
    public Action<string, IReadOnlyList<PeerPing>> AskPeer { get; set; } = (_, _) => { };

    /// <summary>How urgent a lost stream is.</summary>
    public LinkPace Pace { get; } = new();

    /// <summary>Revision of the configuration in force; 0 for none.</summary>
    public long ConfigurationRevision => Volatile.Read(ref _revision);

    /// <summary>Completes when everything that this host owned was handed over, after <see cref="StopRequested"/>.</summary>
    public Task Exited => _exited.Task;

    /// <summary>Completes when what an earlier agent left has been taken over, so that decisions are made.</summary>
    public Task Begun => _begun.Task;

    /// <summary>CLOCK_BOOTTIME.</summary>
    internal static BootInstant Now => new(BootClock.Nanoseconds);

    /// <summary>The groups that this host is a member of.</summary>
    public ImmutableArray<Group> Groups => [.. _configured];

    /// <summary>What this host only watches.</summary>
    public ObservedParts Observed => _observed;

    /// <summary>What is to be reported of programs that this host only watches.</summary>
    public Func<ImmutableArray<ObservedProgram>> ObservedPrograms { get; set; } = () => [];

    /// <summary>Why this host has no gate; empty when it has one.</summary>
    public string GateProblem => _network.GateAvailable ? "" : _network.GateReason;

    /// <summary>This host's links, for any thread.</summary>
    public LinkView Links => _network.Links;

    /// <summary>The programs of this host, as it is to run them.</summary>
    public ImmutableArray<ConfiguredProgram> Programs => [.. _wanted];

    /// <summary>What an earlier agent was asked while the control plane was out of reach.</summary>
    public ImmutableDictionary<ProgramName, LocalWish> KeptWishes
    {
        init => _wishes = value;
    }

    /// <summary>What resets this host when it hangs as an owner; null for nothing. Disposed with this.</summary>
    public WatchdogDuty? Watchdog
    {
        init
        {
            _watchdog = value;
            value?.Enqueue = Enqueue;
        }
    }

    /// <summary>Begins: adopts what an earlier agent left, then decides.</summary>
    public void Start() => _thread.Start();

    /// <summary>Hands an event to the core, stamped when it is handled. From any thread.</summary>
    public void Post(HostEvent e) => Enqueue(() => Handle(e));

    /// <summary>Hands over what the control plane said. From any thread. A loop that does not keep up drops the stream: a message
    /// may be lost, and the control plane begins afresh with the next stream.</summary>
    public void PostMessage(HostEvent e) => EnqueueMessage(() => Handle(e));

    /// <summary>F2: what this host answers to an owner that asks for a promise. From any thread.</summary>
    /// <param name="from">The host that asks.</param>
    /// <param name="ping">What it asks.</param>
    public Task<PeerPromise> AskedAsync(string from, PeerPing ping)
    {
        var call = Interlocked.Increment(ref _lastCall);
        var answer = new TaskCompletionSource<PeerPromise>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[call] = answer;
        if (!_queue.TryAddMessage(() => Handle(new PingReceived(call, from, ping))))
            Answer(new AnswerPing(call, new PeerPromise(ping.Group, ping.Epoch, ping.Seq, ping.Instance, TimeSpan.Zero, "its agent does not keep up")));
        _timer.Signal();
        return answer.Task;
    }

    /// <summary>Takes a configuration from the control plane. From any thread.</summary>
    public void Configure(HostConfiguration configuration) => EnqueueMessage(() =>
    {
        Apply(configuration);
        _state.Save(configuration);
    });

    /// <summary>Puts these wishes over what the control plane has stored. From any thread.</summary>
    public void Wish(ImmutableDictionary<ProgramName, LocalWish> wishes) => Enqueue(() =>
    {
        _wishes = wishes;
        ConfigurePrograms();
    });

    /// <summary>The epochs under which this host may act now, by group; groups for which it may not are left out (rule L7).</summary>
    public Task<ImmutableDictionary<string, long>> ActingAsync()
    {
        var answer = new TaskCompletionSource<ImmutableDictionary<string, long>>(TaskCreationOptions.RunContinuationsAsynchronously);
        Enqueue(() => answer.SetResult(_groups.Select(g => (g.Name, Epoch: _acts.EpochOf(g)))
            .Where(g => g.Epoch is not null).ToImmutableDictionary(g => g.Name, g => g.Epoch!.Value, StringComparer.Ordinal)));
        return answer.Task;
    }

    /// <summary>The agent ends as it was asked to; the next one will say so.</summary>
    public void NoteOrderlyEnd() => _former.End();

    /// <summary>Stops deciding; everything in the kernel and every program stays as it is.</summary>
    public void Dispose()
    {
        _closed = true;
        _timer.Signal();
        if (_thread.IsAlive)
            _thread.Join();
        _watchdog?.Dispose();
        _state.Dispose();
        _network.Dispose();
        _acts.Dispose();
        _timer.Dispose();
    }

    internal void Enqueue(Action work)
    {
        _queue.Add(work);
        _timer.Signal();
    }

    private void EnqueueMessage(Action work)
    {
        if (!_queue.TryAddMessage(work))
        {
            OwnershipLog.StreamAhead(_logger, LoopQueue.MostMessages);
            RedialWanted?.Invoke();
        }
        _timer.Signal();
    }

    /// <summary>L7, on the loop's thread.</summary>
    internal bool MayAct(string group, long epoch) => _core.MayAct(group, epoch, Now);

    internal OwnerRole RoleOf(string group) => _core.RoleOf(group);

    private void Run()
    {
        try
        {
            _slept = BootClock.Nanoseconds - BootClock.MonotonicNanoseconds;
            Begin();
            while (!_closed)
            {
                WatchForSleep();
                var awake = Now;
                if (_core.NextWake <= awake)
                    Handle(new TimePassed());
                if (_watchdog?.NextWake <= Now)
                    _watchdog.Tick();
                while (_queue.Take() is { } work && !_closed)
                    work();
                // Nothing here waits: what takes long was kept from running.
                _absence.Ran(Now - awake);
                var due = BootInstant.Min(_core.NextWake, _watchdog?.NextWake ?? BootInstant.Never);
                if (_closed || due <= Now)
                    continue;
                _timer.WaitUntil(due);
                _absence.Ran(Now - due);
            }
        }
        catch (Exception e)
        {
            // Fail closed: without this thread nothing renews, so gate, shims and guards end every lease on time.
            OwnershipLog.LoopFailed(_logger, e);
            _exited.TrySetException(e);
        }
    }

    /// <summary>S1, S2: what outlived the predecessor is looked at before anything is decided. Leases run on meanwhile, so this reads
    /// files in memory and waits for no process, disk write or control plane.</summary>
    private void Begin()
    {
        if (_state.LoadConfiguration() is { } configuration)
            Apply(configuration);
        Report("AgentStarted", "", 0, FormerAgent.TellStart(_former.Begin()));
        var disk = _state.LoadGroups(out var sameBoot);
        var adopted = _programs.AdoptAsync().GetAwaiter().GetResult();
        var deadlines = _acts.ReadDeadlines(disk.Select(d => d.Group).Union(_groups.Select(g => g.Name)));
        Handle(new AgentStarted(disk, deadlines, sameBoot));
        foreach (var group in adopted.Groups.Select(g => g.Group).Where(g => RoleOf(g) == OwnerRole.Standby))
            _acts.KillLeftovers(group);
        _acts.RemoveLeftovers(_groups.Where(g => RoleOf(g.Name) is OwnerRole.Owner));
        _acts.StandBy();
        _hasBegun = true;
        _watchdog?.Start();
        _outbox.ReportProgramsFrom(() => [.. _programs.Snapshot(), .. ObservedPrograms()]);
        _begun.SetResult();
    }

    private void Apply(HostConfiguration configuration)
    {
        var before = _observed;
        _observed = ObservedParts.Of(
            [.. configuration.Groups.Select(g => g.ToModel())], [.. configuration.Programs.Select(p => p.ToModel())], out _groups, out var managed);
        foreach (var handed in _groups.Where(g => before.HasGroup(g.Name)))
            _acts.NoteArriving(handed, isHere: handed.HandedTo == _core.Host);
        _acts.Configure(_groups);
        _configured = [.. _groups];
        _stored = managed;
        ConfigurePrograms();
        Volatile.Write(ref _revision, configuration.Revision);
        if (_groups.Length > 0)
            (Pace.Ttl, Pace.Heartbeat) = (_groups.Min(g => g.Timing.Ttl), _groups.Min(g => g.Timing.Heartbeat));
        Handle(new GroupsConfigured(_groups));
        _watchdog?.Configure(_groups);
        if (_hasBegun)
            _acts.StandBy();
    }

    private void ConfigurePrograms()
    {
        var wanted = LocalWish.Over(_stored, _wishes);
        _wanted = [.. wanted];
        _programs.Configure(wanted);
        Configured?.Invoke();
    }

    /// <summary>W6: the two clocks part by as long as the machine slept.</summary>
    private void WatchForSleep()
    {
        var slept = BootClock.Nanoseconds - BootClock.MonotonicNanoseconds;
        if (slept - _slept > SleepTolerance.Ticks * 100)
        {
            _absence.Slept(new TimeSpan((slept - _slept) / 100));
            Handle(new MachineSlept());
        }
        _slept = slept;
    }

    private void Handle(HostEvent e)
    {
        if (e is PromoteReceived promote)
        {
            _acts.Promotions.Note(promote.Group, promote.Epoch);
            Promoted?.Invoke(promote.Group, promote.Epoch);
        }
        else if (e is GroupPersisted { Group: var persisted })
            _acts.Promotions.NoteAccepted(persisted.Group, persisted.Accepted);
        else if (e is StopRequested)
            _acts.NoteStop();
        else if (e is FitnessChanged fitness)
            _acts.NoteFitness(fitness.Group, fitness.Reason);
        else if (e is AnswerReceived && _absence.Answered(Now, Pace.Ttl) is { } absence)
            Report("HostReturned", "", 0, absence);
        var first = _effects.Count;
        _core.Handle(e, Now, _effects);
        // An effect may lead to a further event at once; what came first is carried out first.
        if (first > 0)
            return;
        for (var i = 0; i < _effects.Count; i++)
            CarryOut(_effects[i]);
        _effects.Clear();
        _watchdog?.Look(RoleOf);
        Pace.Holding = _groups.Any(g => RoleOf(g.Name) is OwnerRole.Owner or OwnerRole.Releasing);
    }

    private void Report(string kind, string group, long epoch, string message)
    {
        if (group.Length > 0)
            OwnershipLog.Happened(_logger, kind, group, epoch, message);
        else
            OwnershipLog.HostHappened(_logger, kind, message);
        _outbox.PostEvent(kind, group, epoch, message);
    }

    private void Answer(AnswerPing answer)
    {
        if (_calls.TryRemove(answer.Call, out var call))
            call.SetResult(answer.Promise);
    }

    private void CarryOut(HostEffect effect)
    {
        switch (effect)
        {
            case SendHeartbeat send:
                _outbox.Post(send.Heartbeat);
                break;
            case WriteDeadline write:
                _watchdog?.Held(write);
                _acts.WriteDeadline(write);
                break;
            case ExtendLease extend:
                _acts.Extend(extend);
                break;
            case Claim claim:
                _acts.Claim(claim);
                break;
            case ResumeOwnership resume:
                _watchdog?.Held(resume);
                _acts.Resume(resume);
                break;
            case ShutGate shut:
                _acts.Shut(shut.Group);
                break;
            case StopPrograms stop:
                _acts.StopPrograms(stop);
                break;
            case EndEpoch end:
                _acts.End(end);
                break;
            case RaiseEpoch raise:
                _acts.Raise(raise);
                break;
            case AskPeer ask:
                AskPeer(ask.Host, ask.Pings);
                break;
            case AnswerPing answer:
                Answer(answer);
                break;
            case PersistGroup persist:
                // Rule V1: what follows from this confirms the view, so the shims must have been told its deadline by then.
                _state.Save(
                    persist.Group,
                    () => _programs.AfterOrders(() => Post(new GroupPersisted(persist.Group))),
                    persist.Group.Accepted > persist.Group.Ended ? () => _acts.MakeDeadline(persist.Group.Group) : null);
                break;
            case SendReleased released:
                _outbox.PostReleased(released.Group, released.Epoch, _acts.TakeSteps(released.Group));
                break;
            case ReportEvent report:
                Report(report.Kind, report.Group, report.Epoch, report.Message);
                break;
            case Redial:
                RedialWanted?.Invoke();
                break;
            case ExitAgent:
                _acts.EndEverywhere(() => _exited.TrySetResult());
                break;
            default:
                throw new InvalidOperationException($"unknown effect {effect}");
        }
    }
}
