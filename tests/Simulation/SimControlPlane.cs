using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>A control-plane process around the real <see cref="FailoverEngine"/>.</summary>
internal sealed class SimControlPlane(World world, SimNetwork network, SimDatabase database, Audit audit, Rule removed)
{
    private const string Name = "cp";
    private readonly NodeClock _clock = new(world, 0.005);
    private readonly Dictionary<string, (long Stream, SimHost Host)> _streams = [];
    private FailoverEngine? _engine;
    private long _nextStream = 1;
    private long _nextRequest = 1;
    private long _term;

    public SimProcess Process { get; } = new(world);

    public int Refusals { get; private set; }

    public void Start()
    {
        Process.Start();
        _term = database.TakeLeadership();
        _engine = new FailoverEngine(_clock.Now) { Removed = removed };
        _streams.Clear();
        world.Log(Name, $"leads with term {_term}");
        Handle(new GroupsLoaded(database.Load()));
    }

    public void Kill()
    {
        Process.Kill();
        _engine = null;
        foreach (var (stream, host) in _streams.Values.ToArray())
            host.StreamBroke(stream);
        _streams.Clear();
        world.Log(Name, "killed");
    }

    /// <summary>A host dials. Null when nobody accepts.</summary>
    public void Accept(SimHost host, Guid instance, Action<long> opened)
    {
        if (_engine is null)
            return;
        Process.After(TimeSpan.Zero, () =>
        {
            var stream = (_nextStream++ * 1000) + _term;
            _streams[host.Name] = (stream, host);
            Handle(new StreamAttached(host.Name, stream, instance));
            network.Send(Name, host.Name, () => opened(stream));
        });
    }

    public void Receive(FailoverEvent e) => Process.After(TimeSpan.Zero, () => Handle(e));

    /// <summary>An operator's apply: stored and known to the engine before it is answered.</summary>
    public void Apply(Func<Group> change) => Process.After(TimeSpan.Zero, () =>
    {
        var group = change();
        database.Register(group);
        world.Log("db", $"{group.Name} ttl {group.Timing.Ttl.TotalSeconds} s locked {group.Locked}");
        Handle(new GroupsLoaded(database.Load()));
    });

    public void AskSwitchover(string group, string? target) =>
        Receive(new SwitchoverAsked(_nextRequest++, group, target, "an operator asked", "operator"));

    private void Handle(FailoverEvent e)
    {
        if (_engine is not { } engine)
            return;
        var effects = new List<FailoverEffect>();
        engine.Handle(e, _clock.Now, effects);
        foreach (var effect in effects)
            Apply(effect);
        if (engine.NextWake is var wake && wake != BootInstant.Never)
            Process.At(_clock.RealTimeOf(wake), WakeUp);
    }

    private void WakeUp()
    {
        if (_engine is { } engine && engine.NextWake <= _clock.Now)
            Handle(new LeaderTimePassed());
    }

    private void Apply(FailoverEffect effect)
    {
        switch (effect)
        {
            case SendAnswer answer when StreamOf(answer.Host, answer.StreamId) is { } host:
                network.Send(Name, answer.Host, () => host.Post(new AnswerReceived(answer.StreamId, answer.Answer)));
                break;
            case SendPromote promote when StreamOf(promote.Host, promote.StreamId) is { } host:
                network.Send(Name, promote.Host, () => host.Post(
                    new PromoteReceived(promote.StreamId, promote.Group, promote.Epoch, promote.Reason)));
                break;
            case CommitPromotion commit:
                Commit(commit);
                break;
            case StoreView store:
                Process.After(world.Between(1, 20), () =>
                {
                    var row = database.Of(store.Group);
                    if (_term == database.Term && row.Views[^1].Version < store.View.Version)
                        row.Views.Add(store.View);
                    Handle(new ViewStored(store.Group, store.View));
                });
                break;
            case ConfirmView confirm:
                Process.After(world.Between(1, 20), () =>
                {
                    var row = database.Of(confirm.Group);
                    if (_term == database.Term)
                        row.Confirmed = Math.Max(row.Confirmed, confirm.Version);
                    Handle(new ViewConfirmed(confirm.Group, confirm.Version));
                });
                break;
            case RecordHistory history:
                world.Log(Name, $"{history.Kind} {history.Group} {history.Host} {history.Message}");
                break;
            case SwitchoverEnded ended when ended.Error.Length > 0:
                Refusals++;
                break;
            default:
                break;
        }
    }

    private SimHost? StreamOf(string host, long stream) =>
        _streams.TryGetValue(host, out var open) && open.Stream == stream ? open.Host : null;

    private void Commit(CommitPromotion commit)
    {
        var (term, attempt) = (_term, database.Of(commit.Group).Attempt);
        var decidedOn = database.Of(commit.Group).Group;
        world.Log(Name, $"decides {commit.Group}@{commit.ExpectedEpoch + 1} for {commit.Owner}: {commit.Reason}");
        var outcomeLost = world.Chance(0.1);
        var landsAfter = outcomeLost && world.Chance(0.5) ? world.Between(10, 3000) : world.Between(1, 15);
        // The transaction is on its way: it lands even if this process dies now.
        world.After(landsAfter, () =>
        {
            var from = database.Of(commit.Group).Stored.Owner;
            if (database.TryPromote(commit.Group, term, attempt, commit.ExpectedEpoch, commit.Owner))
                audit.Committed(decidedOn, from, commit.Owner, commit.Actor.Length > 0);
        });
        Process.After(landsAfter + world.Between(0.1, 2), () =>
        {
            if (!outcomeLost)
                Settle(commit.Group, database.Of(commit.Group).Stored);
        });
        if (outcomeLost)
        {
            Process.After(world.Between(20, 500), () =>
                Settle(commit.Group, removed.HasFlag(Rule.C6ClosedAttempt)
                    ? database.Of(commit.Group).Stored
                    : database.CloseAttempt(commit.Group, term)));
        }
    }

    private void Settle(string group, StoredOwnership stored)
    {
        world.Log(Name, $"reads back {group}@{stored.Epoch} {stored.Owner}");
        Handle(new PromotionSettled(stored));
    }
}
