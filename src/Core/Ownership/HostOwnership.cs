using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// The agent's half of the ownership protocol: everything a host decides about its leases. A pure state machine: events
/// and the instant go in, an ordered list of effects comes out; one thread at a time. Handling an event first acts on
/// leases that ran out, so that a late answer can never bring one back.
/// </summary>
/// <param name="instance">Random, new with every start of the agent (rule L2).</param>
/// <param name="startedAt">When the agent started (rule S1).</param>
public sealed class HostOwnership(Guid instance, BootInstant startedAt)
{
    private const int RememberedHeartbeats = 64;
    private static readonly TimeSpan IdleHeartbeat = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<string, OwnerLease> _leases = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _unfit = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, int> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<long, BootInstant> _sentAt = [];
    private readonly Dictionary<string, List<PeerPing>> _asking = new(StringComparer.Ordinal);
    private long _pingSeq;
    private BootInstant _pingedAt = BootInstant.Zero;
    private long? _stream;
    private long _seq;
    private long _answerSeq;
    private long _databaseCounter;
    private BootInstant _answeredAt;
    private BootInstant _nextHeartbeat = BootInstant.Never;
    private bool _stopping;
    private bool _exited;

    /// <summary>The earliest instant at which <see cref="TimePassed"/> must be handled.</summary>
    public BootInstant NextWake
    {
        get
        {
            var next = _stream is null ? BootInstant.Never : BootInstant.Min(_nextHeartbeat, AnswerOverdueAt);
            foreach (var lease in _leases.Values)
            {
                next = BootInstant.Min(next, lease.NextWake);
                if (lease.IsOwner && lease.FailsafeFrom != BootInstant.Never)
                    next = BootInstant.Min(next, BootInstant.Max(lease.FailsafeFrom, _pingedAt + HeartbeatInterval));
            }
            return next;
        }
    }

    /// <summary>This host's name, as views know it (rule F1).</summary>
    public required string Host { get; init; }

    /// <summary>How often heartbeats go out: the shortest interval of this host's groups.</summary>
    public TimeSpan HeartbeatInterval { get; private set; } = IdleHeartbeat;

    /// <summary>Rules that a test has removed.</summary>
    internal Rule Removed { get; init; }

    private TimeSpan ShortestTtl { get; set; } = TimeSpan.FromSeconds(5);

    private BootInstant AnswerOverdueAt
    {
        get
        {
            var patience = ShortestTtl / 2 > HeartbeatInterval * 3 ? ShortestTtl / 2 : HeartbeatInterval * 3;
            return _answeredAt + patience;
        }
    }

    /// <summary>What this host is for a group.</summary>
    /// <param name="group">The group's name.</param>
    public OwnerRole RoleOf(string group) => _leases.TryGetValue(group, out var lease) ? lease.Role : OwnerRole.Standby;

    /// <summary>The groups that this host keeps something about.</summary>
    internal IEnumerable<string> KnownGroups => _leases.Keys;

    /// <summary>L7: true when this host holds the lease of (group, epoch) at this instant.</summary>
    /// <param name="group">The group's name.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="now">The instant.</param>
    public bool MayAct(string group, long epoch, BootInstant now) =>
        _leases.TryGetValue(group, out var lease) && lease.IsOwner && lease.Epoch == epoch && now < lease.Until;

    /// <summary>Handles one event.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="now">The instant of handling, read right before the call.</param>
    /// <param name="effects">Receives what must be done, in order.</param>
    /// <exception cref="ArgumentException">The event is of an unknown kind.</exception>
    public void Handle(HostEvent e, BootInstant now, List<HostEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        if (e is MachineSlept)
        {
            foreach (var lease in _leases.Values.Where(l => l.IsOwner))
                effects.Add(new ShutGate(lease.Group));
        }
        foreach (var lease in _leases.Values)
            lease.CheckLapse(now, effects);

        switch (e)
        {
            case AgentStarted started:
                OnStarted(started, now, effects);
                break;
            case GroupsConfigured configured:
                OnConfigured(configured.Groups, now, effects);
                break;
            case StreamOpened opened:
                _stream = opened.StreamId;
                _answeredAt = now;
                _nextHeartbeat = now;
                break;
            case StreamClosed closed when closed.StreamId == _stream:
                _stream = null;
                break;
            case StreamClosed or TimePassed:
                break;
            case AnswerReceived answered when answered.StreamId == _stream || Removed.HasFlag(Rule.L2Instance):
                OnAnswer(answered.Answer, now, effects);
                break;
            case AnswerReceived:
                break;
            case PromoteReceived promote:
                OnPromote(promote, now, effects);
                break;
            case GroupPersisted persisted:
                OnPersisted(persisted.Group, now, effects);
                break;
            case ProgramsStopped stopped:
                LeaseOf(stopped.Group).ProgramsStopped(stopped.Epoch, effects);
                break;
            case EpochActsEnded ended:
                LeaseOf(ended.Group).ActsEnded(ended.Epoch, now, effects);
                break;
            case SealAsked asked when asked.StreamId == _stream:
                KnownLease(asked.Group)?.Seal(asked.Epoch, now, effects);
                break;
            case SealAsked:
                break;
            case PingReceived ping:
                OnPing(ping, now, effects);
                break;
            case PromiseReceived promise:
                OnPromise(promise, now, effects);
                break;
            case DeadlinePassed passed:
                LeaseOf(passed.Group).DeadlinePassed(passed.Epoch, effects);
                break;
            case MachineSlept:
                foreach (var lease in _leases.Values)
                    lease.Slept(effects);
                break;
            case FitnessChanged changed:
                OnFitnessChanged(changed, now);
                break;
            case WeightChanged changed:
                OnWeightChanged(changed, now);
                break;
            case StopRequested:
                OnStopRequested(effects);
                break;
            default:
                throw new ArgumentException($"unknown event {e}", nameof(e));
        }
        AskDuePromises(now, effects);
        SendDueHeartbeat(now, effects);
        ExitWhenDone(effects);
    }

    private OwnerLease LeaseOf(string group)
    {
        if (!_leases.TryGetValue(group, out var lease))
            _leases[group] = lease = new OwnerLease(group, Host, startedAt, Removed);
        return lease;
    }

    private OwnerLease? KnownLease(string group) => _leases.GetValueOrDefault(group);

    private void OnStarted(AgentStarted started, BootInstant now, List<HostEffect> effects)
    {
        foreach (var disk in started.Disk)
        {
            RecordedDeadline? deadline = null;
            foreach (var d in started.Deadlines.Where(d => d.Group == disk.Group))
                deadline = d;
            LeaseOf(disk.Group).Start(disk, deadline, started.SameBoot, now, effects);
        }
        foreach (var deadline in started.Deadlines.Where(d => d.Epoch > 0))
        {
            if (started.Disk.All(d => d.Group != deadline.Group))
                LeaseOf(deadline.Group).StartLost(deadline, now, effects);
        }
        // The times may have been changed before the last instance had stored what that means for its promises.
        foreach (var lease in _leases.Values)
            StoreLength(lease, now, effects);
    }

    /// <summary>C4: how long a promise may be is on disk before one is given.</summary>
    private static void StoreLength(OwnerLease lease, BootInstant now, List<HostEffect> effects)
    {
        if (lease.Configured is { } group && lease.Book.IsTold && lease.Book.IsShorterThan(group.Timing.Ttl))
            effects.Add(new PersistGroup(lease.Durable(now)));
    }

    private void OnConfigured(ImmutableArray<Group> groups, BootInstant now, List<HostEffect> effects)
    {
        foreach (var lease in _leases.Values)
            lease.Configured = null;
        foreach (var group in groups)
        {
            var lease = LeaseOf(group.Name);
            lease.Configured = group;
            if (!lease.Book.IsTold)
                lease.Book.StartUntold(group.Timing.Ttl);
            StoreLength(lease, now, effects);
        }
        var before = HeartbeatInterval;
        HeartbeatInterval = groups.IsEmpty ? IdleHeartbeat : groups.Min(g => g.Timing.Heartbeat);
        ShortestTtl = groups.IsEmpty ? TimeSpan.FromSeconds(5) : groups.Min(g => g.Timing.Ttl);
        if (HeartbeatInterval >= before || _stream is null)
            return;
        // The next heartbeat is as far away as the interval was, and an answer to one that was not sent is not overdue.
        _nextHeartbeat = BootInstant.Min(_nextHeartbeat, now + HeartbeatInterval);
        _answeredAt = BootInstant.Max(_answeredAt, now);
    }

    /// <summary>L2: what belongs to another instance, or to an older heartbeat, is dropped.</summary>
    private void OnAnswer(HeartbeatAnswer answer, BootInstant now, List<HostEffect> effects)
    {
        if ((answer.Instance != instance && !Removed.HasFlag(Rule.L2Instance))
            || answer.Seq <= _answerSeq || !_sentAt.TryGetValue(answer.Seq, out var sentAt))
        {
            return;
        }
        if (Removed.HasFlag(Rule.L1SentAt))
            sentAt = now;
        _answerSeq = answer.Seq;
        _answeredAt = now;
        _databaseCounter = answer.DatabaseCounter;
        foreach (var old in _sentAt.Keys.Where(seq => seq <= answer.Seq).ToArray())
            _sentAt.Remove(old);

        foreach (var renewal in answer.Renewals)
            LeaseOf(renewal.Group).Renew(renewal, sentAt, now, effects);
        foreach (var revocation in answer.Revocations)
            LeaseOf(revocation.Group).Revoke(revocation, effects);
        foreach (var request in answer.ReleaseRequests)
            LeaseOf(request.Group).Release(request, sentAt, now, effects);
        foreach (var told in answer.Told)
            LeaseOf(told.Group).Told(told, now, effects);
    }

    private void OnPromote(PromoteReceived promote, BootInstant now, List<HostEffect> effects)
    {
        if (promote.StreamId != _stream || _stopping)
            return;
        var lease = LeaseOf(promote.Group);
        if (lease.Configured is null || (lease.Role == OwnerRole.Standby && now < startedAt + Grace(lease)))
            return;
        lease.Promote(promote, now, effects);
    }

    /// <summary>F2: the first promise to an owner is worth a heartbeat of its own: the control plane must not think it lost (F4).</summary>
    private void OnPing(PingReceived received, BootInstant now, List<HostEffect> effects)
    {
        var ping = received.Ping;
        var lease = KnownLease(ping.Group);
        var live = lease is not null && lease.Book.PromisedUntil > now;
        var refusal = _stopping ? "its agent is stopping" : lease is null ? OwnerLease.NoMember : lease.Promise(ping, now);
        var ttl = refusal.Length == 0 ? ping.Ttl : TimeSpan.Zero;
        effects.Add(new AnswerPing(received.Call, new PeerPromise(ping.Group, ping.Epoch, ping.Seq, ping.Instance, ttl, refusal)));
        if (refusal.Length == 0 && !live)
            _nextHeartbeat = BootInstant.Min(_nextHeartbeat, now);
    }

    private void OnPromise(PromiseReceived received, BootInstant now, List<HostEffect> effects)
    {
        if (received.Promise.Instance == instance) // L2
            KnownLease(received.Promise.Group)?.Promised(received.From, received.Promise, now, effects);
    }

    /// <summary>F1: in the rhythm of the heartbeats, all groups of a member in one message.</summary>
    private void AskDuePromises(BootInstant now, List<HostEffect> effects)
    {
        if (now < _pingedAt + HeartbeatInterval)
            return;
        _asking.Clear();
        foreach (var lease in _leases.Values)
        {
            if (!lease.IsOwner || now < lease.FailsafeFrom)
                continue;
            if (_asking.Count == 0)
                _pingSeq++;
            foreach (var (member, ping) in lease.BeginRound(_pingSeq, instance, now, effects))
            {
                if (!_asking.TryGetValue(member, out var pings))
                    _asking[member] = pings = [];
                pings.Add(ping);
            }
        }
        if (_asking.Count == 0)
            return;
        _pingedAt = now;
        foreach (var (member, pings) in _asking)
            effects.Add(new AskPeer(member, [.. pings]));
    }

    private void OnPersisted(DurableGroup disk, BootInstant now, List<HostEffect> effects)
    {
        var lease = LeaseOf(disk.Group);
        var before = (lease.Role, lease.View.Version, lease.Epoch, lease.Book.Sealed, lease.Book.IsTold);
        lease.Persisted(disk, effects);
        // The times may have been changed while what the control plane told was being written.
        if (lease.Configured is { } group && lease.Book.WillBeShorterThan(group.Timing.Ttl))
            effects.Add(new PersistGroup(lease.Durable(now)));
        // A promotion, an end, a confirmation and a seal are worth a heartbeat of their own.
        if (before != (lease.Role, lease.View.Version, lease.Epoch, lease.Book.Sealed, lease.Book.IsTold))
            _nextHeartbeat = BootInstant.Min(_nextHeartbeat, now);
    }

    private void OnFitnessChanged(FitnessChanged changed, BootInstant now)
    {
        if (changed.Reason.Length > 0)
            _unfit[changed.Group] = changed.Reason;
        else
            _ = _unfit.Remove(changed.Group);
        _nextHeartbeat = BootInstant.Min(_nextHeartbeat, now);
    }

    private void OnWeightChanged(WeightChanged changed, BootInstant now)
    {
        var weight = GroupWeight.Bounded(changed.Weight);
        if (weight == _weights.GetValueOrDefault(changed.Group))
            return;
        if (weight != 0)
            _weights[changed.Group] = weight;
        else
            _ = _weights.Remove(changed.Group);
        _nextHeartbeat = BootInstant.Min(_nextHeartbeat, now);
    }

    private void OnStopRequested(List<HostEffect> effects)
    {
        _stopping = true;
        foreach (var lease in _leases.Values.Where(l => l.Role == OwnerRole.Owner))
            lease.BecomeReleasing("the agent was asked to stop", effects);
    }

    private void ExitWhenDone(List<HostEffect> effects)
    {
        if (!_stopping || _exited || _leases.Values.Any(l => l.Role is not (OwnerRole.Standby or OwnerRole.Accepted)))
            return;
        _exited = true;
        effects.Add(new ExitAgent());
    }

    /// <summary>S1: a restarted agent has forgotten what it promised, for at most this long.</summary>
    private TimeSpan Grace(OwnerLease lease)
    {
        var timing = lease.Configured!.Timing;
        var forgotten = lease.Book.ForgottenUntil - startedAt;
        return (forgotten > timing.Ttl ? forgotten : timing.Ttl) + timing.TakeoverMargin;
    }

    private void SendDueHeartbeat(BootInstant now, List<HostEffect> effects)
    {
        if (_stream is null)
            return;
        if (now >= AnswerOverdueAt)
        {
            _stream = null;
            effects.Add(new Redial());
            return;
        }
        if (now < _nextHeartbeat)
            return;
        _nextHeartbeat = now + HeartbeatInterval;
        _sentAt[++_seq] = now;
        _sentAt.Remove(_seq - RememberedHeartbeats);
        effects.Add(new SendHeartbeat(ComposeHeartbeat(now)));
    }

    /// <summary>L1: <c>sentAt</c> is <paramref name="now"/>, before the send.</summary>
    private Heartbeat ComposeHeartbeat(BootInstant now)
    {
        var holdings = ImmutableArray.CreateBuilder<Holding>();
        var accepted = ImmutableArray.CreateBuilder<EpochOf>();
        var ending = ImmutableArray.CreateBuilder<EpochOf>();
        var ended = ImmutableArray.CreateBuilder<EpochOf>();
        var promises = ImmutableArray.CreateBuilder<GivenPromise>();
        var seals = ImmutableArray.CreateBuilder<Seal>();
        var untold = ImmutableArray.CreateBuilder<string>();
        var grace = TimeSpan.Zero;
        foreach (var lease in _leases.Values)
        {
            var book = lease.Book;
            if (book.PromisedUntil > now)
                promises.Add(new GivenPromise(lease.Group, book.Promised, book.PromisedUntil - now));
            if (book.Sealed > lease.Epoch)
                seals.Add(new Seal(lease.Group, book.Sealed, book.Remainder(now)));
            if (!book.IsTold && lease.Configured is not null)
                untold.Add(lease.Group);
            if (lease.IsOwner)
                holdings.Add(new Holding(lease.Group, lease.Epoch, lease.View.Version, lease.Until - now));
            if (lease.Role == OwnerRole.Accepted)
                accepted.Add(new EpochOf(lease.Group, lease.Epoch));
            if (lease.Role == OwnerRole.Ending)
                ending.Add(new EpochOf(lease.Group, lease.Epoch));
            var over = lease.Role == OwnerRole.Ending && Removed.HasFlag(Rule.W7ActsFirst) ? lease.Epoch : lease.Ended;
            if (over > 0)
                ended.Add(new EpochOf(lease.Group, over));
            if (lease.Configured is not null && startedAt + Grace(lease) - now is var left && left > grace)
                grace = left;
        }
        if (_stopping)
            grace = TimeSpan.FromDays(1);
        return new Heartbeat(
            instance, _seq, _answerSeq, holdings.ToImmutable(), accepted.ToImmutable(), ended.ToImmutable(), grace)
        {
            Unfit = [.. _unfit.Select(u => new UnfitGroup(u.Key, u.Value))],
            Weights = [.. _weights.Select(w => new GroupWeight(w.Key, w.Value))],
            Promises = promises.ToImmutable(),
            Seals = seals.ToImmutable(),
            Untold = untold.ToImmutable(),
            Ending = ending.ToImmutable(),
            DatabaseCounter = _databaseCounter,
        };
    }
}
