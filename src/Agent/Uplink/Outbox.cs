using System.Collections.Immutable;
using System.Globalization;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.V1;

namespace HaGrpc.Agent.Uplink;

/// <summary>
/// What waits to be sent, most urgent first: a heartbeat never waits behind reports. Everything is bounded: of heartbeats
/// only the newest counts, of programs only the last state (told at the pace of a <see cref="ReportPace"/>), events live in an
/// <see cref="EventRing"/>.
/// </summary>
/// <param name="instance">The agent's instance id.</param>
/// <param name="time">Wall clock of events.</param>
internal sealed class Outbox(Guid instance, TimeProvider time) : IDisposable
{
    private const int MostReleased = 256;
    private const int MostAsked = 64;
    private const int MostRefusedLogs = 64;
    private const int MostAccounts = 16;
    private const int MostRehearsed = 16;
    private const int MostClients = 16;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _signal = new(0, 1);
    private readonly Queue<Released> _released = new();
    private readonly Queue<DesiredStateAsked> _asked = new();
    private readonly Queue<LogRefused> _refusedLogs = new();
    private readonly Queue<AccountsKnown> _accounts = new();
    private readonly Queue<Rehearsed> _rehearsed = new();
    private readonly Queue<ClientsCounted> _clients = new();
    private readonly Queue<Observed> _seen = new();
    private readonly Dictionary<string, GroupReadiness> _readiness = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changedReadiness = new(StringComparer.Ordinal);
    private readonly Dictionary<string, OwnersDirectories> _directories = new(StringComparer.Ordinal);
    private readonly Dictionary<ProgramName, ObservedProgram> _changed = [];
    private readonly EventRing _events = new();
    private readonly ReportPace _pace = new(time);
    private TimeSpan _pause = Timeout.InfiniteTimeSpan;
    private Core.Ownership.Heartbeat? _heartbeat;
    private Func<ImmutableArray<ObservedProgram>>? _allPrograms;
    private bool _reportAll;
    private bool _reportAllReadiness;
    private long _lastHeartbeat;
    private long _eventNumber;
    private bool _closed;

    /// <summary>Nothing more will come: the stream may be completed when all is sent.</summary>
    public bool Closed
    {
        get
        {
            lock (_lock)
                return _closed;
        }
    }

    /// <summary>What heartbeats say beside their own.</summary>
    public GroupTroubles Troubles { get; } = new();

    /// <summary>Where complete program reports come from; called from the sending task.</summary>
    public void ReportProgramsFrom(Func<ImmutableArray<ObservedProgram>> all)
    {
        lock (_lock)
            (_allPrograms, _reportAll) = (all, true);
        Wake();
    }

    /// <summary>Sends a heartbeat before anything else; an older one that was not sent yet is dropped.</summary>
    public void Post(Core.Ownership.Heartbeat heartbeat)
    {
        lock (_lock)
            _heartbeat = heartbeat;
        Wake();
    }

    /// <summary>Says that an epoch is over. Also every heartbeat says it, so that one lost message costs only its steps.</summary>
    public void PostReleased(string group, long epoch, IEnumerable<Core.Model.Step> steps)
    {
        var released = new Released { InstanceId = instance.ToString(), Group = group, Epoch = epoch };
        released.Steps.AddRange(steps.Select(AgentMapping.ToProto));
        lock (_lock)
        {
            if (_released.Count == MostReleased)
                _released.Dequeue();
            _released.Enqueue(released);
        }
        Wake();
    }

    /// <summary>Asks for a desired state on this stream; false when too many questions wait.</summary>
    public bool Post(DesiredStateAsked asked)
    {
        lock (_lock)
        {
            if (_asked.Count == MostAsked)
                return false;
            _asked.Enqueue(asked);
        }
        Wake();
        return true;
    }

    /// <summary>Says on this stream that a log is not sent. Beyond a bound it is not said: whoever asked does not wait for ever.</summary>
    public void Post(LogRefused refused)
    {
        lock (_lock)
        {
            if (_refusedLogs.Count == MostRefusedLogs)
                return;
            _refusedLogs.Enqueue(refused);
        }
        Wake();
    }

    /// <summary>Answers on this stream which users there are. Beyond a bound it is not answered: whoever asked does not wait for long.</summary>
    public void Post(AccountsKnown known)
    {
        lock (_lock)
        {
            if (_accounts.Count == MostAccounts)
                return;
            _accounts.Enqueue(known);
        }
        Wake();
    }

    /// <summary>Answers on this stream what a rehearsal found. Beyond a bound it is not answered: whoever asked does not wait for long.</summary>
    public void Post(Rehearsed rehearsed)
    {
        lock (_lock)
        {
            if (_rehearsed.Count == MostRehearsed)
                return;
            _rehearsed.Enqueue(rehearsed);
        }
        Wake();
    }

    /// <summary>Answers on this stream how many clients there are. Beyond a bound it is not answered: whoever asked does not wait for long.</summary>
    public void Post(ClientsCounted counted)
    {
        lock (_lock)
        {
            if (_clients.Count == MostClients)
                return;
            _clients.Enqueue(counted);
        }
        Wake();
    }

    /// <summary>Answers on this stream what was seen of a group. Beyond a bound it is not answered: whoever asked does not wait for long.</summary>
    public void Post(Observed observed)
    {
        lock (_lock)
        {
            if (_seen.Count == MostRehearsed)
                return;
            _seen.Enqueue(observed);
        }
        Wake();
    }

    /// <summary>Reports how ready this host is: what is new on this stream, and all of it on every new one.</summary>
    /// <param name="changed">What is new.</param>
    /// <param name="known">The groups of which anything is known; others are forgotten.</param>
    public void PostReadiness(IReadOnlyCollection<GroupReadiness> changed, IReadOnlySet<string> known)
    {
        lock (_lock)
        {
            foreach (var group in _readiness.Keys.Where(g => !known.Contains(g)).ToArray())
                _ = _readiness.Remove(group);
            foreach (var group in changed)
            {
                _readiness[group.Group] = group;
                _ = _changedReadiness.Add(group.Group);
            }
        }
        Wake();
    }

    /// <summary>Says what an owned group's directories hold; of each group only the last one counts.</summary>
    public void Post(OwnersDirectories directories)
    {
        lock (_lock)
            _directories[directories.Group] = directories;
        Wake();
    }

    /// <summary>Reports a program's new state.</summary>
    public void Post(ObservedProgram program)
    {
        lock (_lock)
            _changed[program.Name] = program;
        Wake();
    }

    /// <summary>Reports all programs again.</summary>
    public void ReportAllPrograms()
    {
        lock (_lock)
            _reportAll = true;
        Wake();
    }

    /// <summary>Records an event in the history; kept until the control plane has it.</summary>
    public void PostEvent(string kind, string group, long epoch, string message, IEnumerable<Core.Model.Step>? steps = null)
    {
        var e = new AgentEvent
        {
            At = time.GetUtcNow().ToTimestamp(),
            Kind = kind,
            Group = group,
            Epoch = epoch,
            Message = message,
        };
        e.Steps.AddRange((steps ?? []).Select(AgentMapping.ToProto));
        lock (_lock)
            Enqueue(e);
        Wake();
    }

    /// <summary>A stream was accepted: what the old one did not carry for sure is sent again.</summary>
    public void StreamOpened()
    {
        lock (_lock)
        {
            _heartbeat = null;
            _asked.Clear();
            _refusedLogs.Clear();
            _accounts.Clear();
            _rehearsed.Clear();
            _clients.Clear();
            _seen.Clear();
            (_reportAll, _reportAllReadiness) = (true, true);
            _events.Restart();
        }
        Wake();
    }

    /// <summary>The control plane has answered a heartbeat.</summary>
    public void Confirm(long heartbeat)
    {
        lock (_lock)
            _events.Confirm(heartbeat);
    }

    /// <summary>Nothing more will be posted.</summary>
    public void Close()
    {
        lock (_lock)
            _closed = true;
        Wake();
    }

    /// <summary>The most urgent message, or null.</summary>
    public AttachRequest? TakeNext()
    {
        Func<ImmutableArray<ObservedProgram>> all;
        lock (_lock)
        {
            if (_heartbeat is { } heartbeat)
            {
                (_heartbeat, _lastHeartbeat) = (null, heartbeat.Seq);
                var message = new AttachRequest { Heartbeat = heartbeat.ToProto() };
                message.Heartbeat.Troubles.Add(Troubles.Now());
                return message;
            }
            if (_released.TryDequeue(out var released))
                return new AttachRequest { Released = released };
            if (_asked.TryDequeue(out var asked))
                return new AttachRequest { DesiredStateAsked = asked };
            if (_refusedLogs.TryDequeue(out var refused))
                return new AttachRequest { LogRefused = refused };
            if (_accounts.TryDequeue(out var known))
                return new AttachRequest { AccountsKnown = known };
            if (_rehearsed.TryDequeue(out var rehearsed))
                return new AttachRequest { Rehearsed = rehearsed };
            if (_clients.TryDequeue(out var counted))
                return new AttachRequest { ClientsCounted = counted };
            if (_seen.TryDequeue(out var seen))
                return new AttachRequest { Observed = seen };
            if (_reportAllReadiness || _changedReadiness.Count > 0)
                return new AttachRequest { ReadinessReport = TakeReadiness() };
            if (_events.Dropped > 0)
                Enqueue(new AgentEvent { At = time.GetUtcNow().ToTimestamp(), Kind = "EventsDropped", Message = DroppedText() });
            if (_events.TakeNext(_lastHeartbeat) is { } e)
                return new AttachRequest { Event = e };
            if (!_reportAll || _allPrograms is null)
                return TakeChangedPrograms() ?? TakeDirectories();
            _reportAll = false;
            _changed.Clear();
            all = _allPrograms;
        }
        // Outside the lock: the programs' own thread posts changes while it holds its lock.
        var report = new ProgramReport { Complete = true };
        report.Programs.AddRange(all().Select(AgentMapping.ToProto));
        return new AttachRequest { ProgramReport = report };
    }

    /// <summary>Completes when something may be waiting.</summary>
    public Task WaitAsync(CancellationToken cancellation)
    {
        lock (_lock)
            return _signal.WaitAsync(_pause, cancellation);
    }

    /// <summary>To be called when nobody sends any more.</summary>
    public void Dispose() => _signal.Dispose();

    // Last of all: they are large, and a minute later is soon enough.
    private AttachRequest? TakeDirectories() => _directories.Keys.FirstOrDefault() is { } group && _directories.Remove(group, out var directories)
        ? new AttachRequest { OwnersDirectories = directories }
        : null;

    private ReadinessReport TakeReadiness()
    {
        var report = new ReadinessReport { Complete = _reportAllReadiness };
        report.Groups.AddRange(_readiness.Values.Where(g => _reportAllReadiness || _changedReadiness.Contains(g.Group)));
        _reportAllReadiness = false;
        _changedReadiness.Clear();
        return report;
    }

    private AttachRequest? TakeChangedPrograms()
    {
        _pause = Timeout.InfiniteTimeSpan;
        if (_changed.Count == 0)
            return null;
        if (!_closed && !_pace.MayReport(out var left))
        {
            // Whole milliseconds are waited for.
            _pause = left + TimeSpan.FromMilliseconds(1);
            return null;
        }
        var report = new ProgramReport();
        report.Programs.AddRange(_changed.Values.Select(AgentMapping.ToProto));
        _changed.Clear();
        return new AttachRequest { ProgramReport = report };
    }

    private string DroppedText() =>
        string.Create(CultureInfo.InvariantCulture, $"{_events.TakeDropped()} events were lost while the control plane was out of reach");

    private void Enqueue(AgentEvent e)
    {
        e.Id = string.Create(CultureInfo.InvariantCulture, $"{instance:N}-{++_eventNumber}");
        _events.Add(e);
    }

    private void Wake()
    {
        try
        {
            _signal.Release();
        }
        catch (SemaphoreFullException)
        {
            // Somebody else has woken the sender already.
        }
    }
}
