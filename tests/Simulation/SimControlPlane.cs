using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Core.Replicas;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// A control-plane process: the real <see cref="LeadershipChallenge"/> and <see cref="LeadershipHold"/> (rule S3), and while
/// it leads the real <see cref="FailoverEngine"/>, a new one with every leadership.
/// </summary>
internal sealed partial class SimControlPlane(
    string name, World world, SimNetwork network, SimDatabase database, Audit audit, Rule removed)
{
    /// <summary>Half a minute would be most of a run.</summary>
    private static readonly TimeSpan DropAfter = TimeSpan.FromSeconds(4);

    private static readonly LeadershipTerms Terms = LeadershipTerms.Default;
    private readonly NodeClock _clock = new(world, 0.005);
    private readonly Dictionary<string, (long Stream, SimHost Host)> _streams = [];
    private readonly List<FailoverEffect> _effects = [];
    private LeadershipChallenge _challenge = new(Terms);
    private LeadershipHold? _hold;
    private FailoverEngine? _engine;
    private long _nextStream = 1;
    private long _nextRequest = 1;
    private long _term;
    private long _wakesAt;
    private bool _lost;
    private int _database;
    private (long Term, BootInstant Until)? _led;

    public string Name { get; } = name;

    public SimProcess Process { get; } = new(world);

    /// <summary>True as long as it believes so itself.</summary>
    public bool Leads => _engine is not null;

    /// <summary>True when nothing is about to happen to any group.</summary>
    public bool IsCalm => _engine is not null && database.Groups.All(g =>
        _engine.Report(g.Name, _clock.Now) is { Phase: GroupPhase.Owned } && !_engine.IsAboutToRaise(g.Name) && database.Of(g.Name).IsConfirmed);

    /// <summary>Called with each decision, after it was sent to the database.</summary>
    public Action<CommitPromotion> Decided { get; set; } = _ => { };

    /// <summary>Called with each line of history, when it is written.</summary>
    public Action<RecordHistory> Told { get; set; } = _ => { };

    /// <summary>Called when a promotion has landed in the database.</summary>
    public Action<CommitPromotion> Landed { get; set; } = _ => { };

    /// <summary>Killed, and no start that is due brings it back.</summary>
    public void LoseForGood()
    {
        Kill();
        _lost = true;
    }

    public void Start()
    {
        if (Process.Alive || _lost)
            return;
        Process.Start();
        world.Log(Name, $"starts");
        _challenge = new LeadershipChallenge(Terms);
        Watch();
    }

    public void Kill()
    {
        if (!Process.Alive)
            return;
        Process.Kill();
        world.Log("FAULT", $"{Name} is killed");
        _led = null;
        CloseEverything();
    }

    public void Stop(TimeSpan duration)
    {
        if (!Process.Runs)
            return;
        Process.Stop();
        world.Log("FAULT", $"{Name} is stopped");
        world.After(duration, Continue);
    }

    public void Continue()
    {
        if (!Process.Stopped)
            return;
        world.Log("FAULT", $"{Name} continues");
        Process.Continue();
    }

    /// <summary>A host dials; nothing happens when this one does not lead.</summary>
    public void Accept(SimHost host, Guid instance, Action<long> opened)
    {
        var boot = host.BootId;
        Process.After(TimeSpan.Zero, () =>
        {
            if (!Leads)
                return;
            var stream = (_nextStream++ * 1000) + _term;
            _streams[host.Name] = (stream, host);
            Handle(new StreamAttached(host.Name, stream, instance) { BootId = boot });
            network.Send(Name, host.Name, () => $"stream {stream} is open", () => opened(stream));
        });
    }

    public void Receive(FailoverEvent e) => Process.After(TimeSpan.Zero, () => Handle(e));

    /// <summary>For the head of a transcript.</summary>
    public IEnumerable<string> Describe()
    {
        var process = Process switch { { Alive: false } => "is dead", { Stopped: true } => "is stopped", _ => "runs" };
        var leads = Leads ? $"leads with term {_term} for {(_hold!.EndsAt - _clock.Now).TotalSeconds:F2} s more" : "does not lead";
        yield return $"{Name,-5} {process}, {leads}, hears {string.Join(' ', _streams.Keys.Order(StringComparer.Ordinal))}";
        foreach (var group in Leads ? database.Groups : [])
        {
            if (_engine!.Report(group.Name, _clock.Now) is { } said)
            {
                yield return $"      {group.Name}@{said.Epoch}: {said.Phase}, owner {said.Owner ?? "none"}, lease "
                    + $"{said.LeaseLeft?.TotalSeconds ?? double.PositiveInfinity:F3} s, {said.Obstacle}".TrimEnd(' ', ',');
            }
        }
    }

    private void Watch() => database.Execute(
        Name,
        Process,
        database.ReadLeadership,
        read =>
        {
            // What was seen in another database says nothing about this one (S4).
            if (read.ReadIn != _database)
                _challenge = new LeadershipChallenge(Terms);
            _database = read.ReadIn;
            // A holder of this name died on this very machine, or is this very process.
            var over = read.Row.Holder == Name || (read.Row.Holder.Length > 0 && removed.HasFlag(Rule.S3Patience));
            var (row, isOver) = Succession.Judge(
                read.Row, read.TakenIn != read.ReadIn, _led is { } led && led.Term == read.Row.Term && _clock.Now < led.Until, over);
            var verdict = _challenge.Judge(row, isOver, _clock.Now);
            if (verdict.Take)
                Take(read.Row, read.TakenIn != read.ReadIn);
            else
                Process.After(Clamp(verdict.At - _clock.Now), Watch);
        },
        WatchAgain);

    private void WatchAgain() => Process.After(Terms.Interval / 4, Watch);

    private void Take(LeadershipSeen row, bool isOther)
    {
        var stamp = _clock.Now;
        database.Execute(
            Name,
            Process,
            () => database.TakeLeadership(row, Name),
            term =>
            {
                if (term is { } taken)
                    Lead(taken, row.Counter + 1, isOther, new LeadershipHold(Terms, stamp));
                else
                    WatchAgain();
            },
            WatchAgain);
    }

    private void Lead(long term, long counter, bool isOther, LeadershipHold hold)
    {
        (_term, _hold) = (term, hold);
        _engine = new FailoverEngine(_clock.Now) { Removed = removed, DropAfter = DropAfter, RenewalsMissed = 0, DatabaseCounter = counter, IsOtherDatabase = isOther };
        _streams.Clear();
        _fencing.Clear();
        _wakesAt = long.MaxValue;
        world.Log(Name, $"leads with term {_term}");
        Process.At(_clock.RealTimeOf(hold.RenewAt), () => Renew(hold));
        WatchEnd(hold);
        Load();
    }

    private void Load()
    {
        _retiring = database.Retiring;
        Handle(new GroupsLoaded(database.Load()) { Drained = database.Drained, Retiring = _retiring });
    }

    private void Renew(LeadershipHold hold)
    {
        if (_hold != hold)
            return;
        var (stamp, term, atLeast) = (_clock.Now, _term, _engine!.CounterFloor);
        database.Execute(
            Name,
            Process,
            () => database.RenewLeadership(term, atLeast),
            counter =>
            {
                if (_hold != hold)
                    return;
                if (counter is not { } written)
                    StepDown("another control plane has taken the leadership");
                else if (!hold.Renewed(stamp, _clock.Now) && !removed.HasFlag(Rule.S3OwnEnd))
                    StepDown("its renewal came too late");
                else
                    Renewed(hold, written);
            },
            () =>
            {
                hold.NotRenewed(_clock.Now);
                Process.At(_clock.RealTimeOf(hold.RenewAt), () => Renew(hold));
            });
    }

    private void Renewed(LeadershipHold hold, long counter)
    {
        _engine!.DatabaseCounter = counter;
        Process.At(_clock.RealTimeOf(hold.RenewAt), () => Renew(hold));
    }

    private void WatchEnd(LeadershipHold hold) => Process.At(_clock.RealTimeOf(hold.EndsAt), () =>
    {
        if (_hold == hold && IsInTerm() && _clock.Now < hold.EndsAt)
            WatchEnd(hold);
    });

    /// <summary>S3: after its own end a leader answers nothing any more.</summary>
    private bool IsInTerm()
    {
        if (_engine is null)
            return false;
        if (_clock.Now < _hold!.EndsAt || removed.HasFlag(Rule.S3OwnEnd))
            return true;
        StepDown("its leadership could not be renewed in time");
        return false;
    }

    private void StepDown(string reason)
    {
        world.Log(Name, $"leads no more: {reason}");
        _led = (_term, _hold!.EndsAt);
        CloseEverything();
        _challenge = new LeadershipChallenge(Terms);
        WatchAgain();
    }

    private void CloseEverything()
    {
        (_engine, _hold) = (null, null);
        foreach (var (stream, host) in _streams.Values)
            host.StreamBroke(stream);
        _streams.Clear();
    }

    private void Handle(FailoverEvent e)
    {
        if (!IsInTerm())
            return;
        var engine = _engine!;
        _effects.Clear();
        engine.Handle(e, _clock.Now, _effects);
        foreach (var effect in _effects)
            Apply(effect);
        if (e is PromotionSettled or GroupsLoaded)
            NoteLocks();
        var wake = engine.NextWake;
        if (wake == BootInstant.Never)
            return;
        var at = Math.Max(world.Now, _clock.RealTimeOf(wake));
        if (at >= _wakesAt)
            return;
        _wakesAt = at;
        Process.At(at, () => Wake(engine, at));
    }

    private void Wake(FailoverEngine engine, long at)
    {
        if (engine != _engine || at != _wakesAt)
            return;
        _wakesAt = long.MaxValue;
        Handle(new LeaderTimePassed());
    }

    private void Apply(FailoverEffect effect)
    {
        switch (effect)
        {
            case SendAnswer answer when StreamOf(answer.Host, answer.StreamId) is { } host:
                network.Send(Name, answer.Host, () => Transcript.Of(answer.Answer), () =>
                    host.Post(new AnswerReceived(answer.StreamId, answer.Answer)));
                break;
            case SendPromote promote when StreamOf(promote.Host, promote.StreamId) is { } host:
                network.Send(Name, promote.Host, () => $"promote {promote.Group}@{promote.Epoch}", () => host.Post(
                    new PromoteReceived(promote.StreamId, promote.Group, promote.Epoch, promote.Reason, promote.FormerIsOver)));
                break;
            case SendSealAsked seal when StreamOf(seal.Host, seal.StreamId) is { } host:
                network.Send(Name, seal.Host, () => $"seal {seal.Group}@{seal.Epoch}", () => host.Post(
                    new SealAsked(seal.StreamId, seal.Group, seal.Epoch)));
                break;
            case CommitPromotion commit:
                Commit(commit);
                break;
            case StoreView store:
                var before = _term;
                Repeat(() => database.StoreView(store.Group, before, store.View), new ViewStored(store.Group, store.View));
                break;
            case ConfirmView confirm:
                var term = _term;
                Repeat(
                    () => database.ConfirmView(confirm.Group, term, confirm.Version),
                    new ViewConfirmed(confirm.Group, confirm.Version));
                break;
            case CommitRetirement retirement:
                Forget(retirement);
                break;
            case RecordHistory history:
                Record(history);
                break;
            case FenceWanted wanted:
                SwitchOff(audit.Hosts.First(h => h.Name == wanted.Host), wanted.Reason);
                break;
            default:
                break;
        }
    }

    private void Record(RecordHistory history)
    {
        world.Log(Name, $"{history.Kind} {history.Group} {history.Host} {history.Message}");
        Told(history);
        if (history.Kind == "SwitchoverStarted")
            audit.SwitchoverBegins(history.Group);
        else if (history.Kind == "SwitchoverFailed")
            audit.SwitchoverCalledOff(history.Group, history.Epoch);
    }

    private SimHost? StreamOf(string host, long stream) =>
        _streams.TryGetValue(host, out var open) && open.Stream == stream ? open.Host : null;

    /// <summary>V1: again and again until it is known to be there.</summary>
    private void Repeat(Func<bool> write, FailoverEvent done)
    {
        var engine = _engine;
        database.Execute(
            Name,
            Process,
            write,
            written =>
            {
                if (engine != _engine)
                    return;
                if (written)
                    Handle(done);
                else
                    StepDown("a write found another term");
            },
            () =>
            {
                if (engine == _engine && engine is not null)
                    Repeat(write, done);
            });
    }

    private void Commit(CommitPromotion commit)
    {
        var (engine, term, attempt) = (_engine, _term, database.Of(commit.Group).Attempt);
        world.Log(Name, $"decides {commit.Group}@{commit.Epoch} for {commit.Owner}: {commit.Reason}");
        audit.Decided(this, commit.Owner, commit.Group);
        if (_retiring.ContainsKey(commit.Group) && commit.Epoch == commit.ExpectedEpoch + 1)
            Audit.Fail($"{Name} promotes {commit.Owner} for {commit.Group}, which is being deleted");
        database.Execute(
            Name,
            Process,
            () =>
            {
                var from = database.Of(commit.Group).Stored is { IsOver: false, Owner: var owner } ? owner : null;
                var promoted = database.TryPromote(commit.Group, term, attempt, commit.ExpectedEpoch, commit.Epoch, commit.Owner);
                if (promoted)
                {
                    // S4: the owner that a restored database names is an old one.
                    if (commit.Epoch == commit.ExpectedEpoch + 1)
                        audit.Committed(commit.Group, from, commit.Owner, commit.Actor.Length > 0);
                    Landed(commit);
                }
                return promoted;
            },
            promoted =>
            {
                if (promoted)
                    Settle(engine, database.Of(commit.Group).Stored);
                else
                    Close(engine, commit.Group, term);
            },
            () => Close(engine, commit.Group, term));
        Decided(commit);
    }

    /// <summary>C6: an outcome that is unknown, or not what was wanted, is settled so that nothing can land afterwards.</summary>
    private void Close(FailoverEngine? engine, string group, long term)
    {
        if (engine is null || engine != _engine)
            return;
        database.Execute(
            Name,
            Process,
            () => database.CloseAttempt(group, term),
            stored =>
            {
                if (stored is not null)
                    Settle(engine, stored);
                else if (engine == _engine)
                    StepDown("settling a promotion found another term");
            },
            () => Close(engine, group, term));
    }

    private void Settle(FailoverEngine? engine, StoredOwnership stored)
    {
        if (engine is null || engine != _engine)
            return;
        world.Log(Name, $"reads back {stored.Owner ?? "nobody"} owns {stored.Group}@{stored.Epoch}");
        Handle(new PromotionSettled(stored));
    }

    private static TimeSpan Clamp(TimeSpan wait) =>
        TimeSpan.FromTicks(Math.Clamp(wait.Ticks, TimeSpan.TicksPerMillisecond, Terms.Interval.Ticks));
}
