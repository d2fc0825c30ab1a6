using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>
/// An engine with the groups "db" and "web" of sync group "shop", and hosts and a database that do at once what they are asked. Time passes in
/// <see cref="Run"/>; hosts beat every 200 ms.
/// </summary>
internal sealed class SyncBench
{
    private const int BeatMs = 200;
    private readonly string[] _hosts;
    private readonly Dictionary<string, Group> _groups = [];
    private readonly Dictionary<string, StoredOwnership> _stored = [];
    private readonly Dictionary<(string Host, string Group), long> _holds = [];
    private readonly Dictionary<(string Host, string Group), long> _ended = [];
    private readonly Dictionary<(string Host, string Group), long> _seals = [];
    private readonly Dictionary<string, View> _views = [];
    private readonly Dictionary<string, (long Seq, long Answered)> _beats = [];
    private readonly Queue<FailoverEvent> _due = new();
    private readonly List<FailoverEffect> _effects = [];
    private FailoverEngine _engine = new(new BootInstant(0));
    private long _nowMs = 1_000_000;
    private int _leaders;

    public SyncBench(params string[] hosts)
    {
        _hosts = hosts;
        foreach (var name in (string[])["db", "web"])
        {
            _groups[name] = TestGroup.Pair(name) with
            {
                Members = [.. hosts.Select((h, i) => new Member(h, 120 - (i * 10)))],
                SyncGroup = "shop",
            };
            _views[name] = new View(1, [.. hosts.Order(StringComparer.Ordinal)], GroupTiming.Default.Ttl);
        }
    }

    /// <summary>What operators have been told, oldest first: kind, group and message.</summary>
    public List<string> Told { get; } = [];

    /// <summary>Hosts that do not beat.</summary>
    public HashSet<string> Silent { get; } = [];

    /// <summary>Groups that a host cannot run.</summary>
    public HashSet<(string Host, string Group)> Unfit { get; } = [];

    /// <summary>Groups of which a host has nothing on disk, and is told in vain.</summary>
    public HashSet<(string Host, string Group)> Untold { get; } = [];

    public Dictionary<(string Host, string Group), int> Weights { get; } = [];

    public ImmutableDictionary<string, string> Locks { get; set; } = ImmutableDictionary<string, string>.Empty;

    public IEnumerable<string> Moves => Told.Where(t => t.StartsWith("SwitchoverStarted", StringComparison.Ordinal));

    public string Places => $"db on {_stored["db"].Owner}, web on {_stored["web"].Owner}";

    public GroupReport Report(string group) => _engine.Report(group, Now)!;

    public void Change(Func<Group, Group> change)
    {
        foreach (var name in _groups.Keys)
            _groups[name] = change(_groups[name]);
    }

    /// <summary>A leader that knows what the database says, and nothing else.</summary>
    /// <param name="db">Who owns "db"; null for whoever does.</param>
    /// <param name="web">Likewise.</param>
    public void Lead(string? db = null, string? web = null)
    {
        Place("db", db);
        Place("web", web);
        _leaders++;
        _engine = new FailoverEngine(Now);
        _beats.Clear();
        _due.Clear();
        Load();
        foreach (var host in _hosts)
            Handle(new StreamAttached(host, StreamOf(host), Instance(host)));
    }

    public void Load() => Handle(new GroupsLoaded([.. _groups.Values.Select(
        g => new StoredGroup(g, _stored[g.Name], _views[g.Name].Version, [_views[g.Name]]))])
    { Locks = Locks });

    public void Ask(string group, string? target) => Handle(new SwitchoverAsked(7, group, target, "maintenance", "eve"));

    /// <summary>The owner ends a group by itself, as after an end of its lease that it saw too late.</summary>
    public void EndAlone(string group)
    {
        var owner = _stored[group].Owner!;
        End(owner, group);
        Settle();
    }

    public void Run(int ms)
    {
        for (var end = _nowMs + ms; _nowMs < end; _nowMs += BeatMs)
        {
            foreach (var host in _hosts)
            {
                if (!Silent.Contains(host))
                    Beat(host);
            }
            Handle(new LeaderTimePassed());
        }
    }

    private BootInstant Now => new(_nowMs * 1_000_000);

    private long StreamOf(string host) => (_leaders * 1000) + host[0];

    private static Guid Instance(string host) => new(host[0], 0, 0, new byte[8]);

    private void Place(string group, string? owner)
    {
        if (owner is null)
            return;
        _stored[group] = new StoredOwnership(group, owner, 1);
        _holds[(owner, group)] = 1;
    }

    private void Beat(string host)
    {
        var (seq, answered) = _beats.GetValueOrDefault(host);
        _beats[host] = (seq + 1, seq + 1);
        Handle(new HeartbeatReceived(host, StreamOf(host), new Heartbeat(
            Instance(host),
            seq + 1,
            answered,
            [.. Of(_holds, host).Select(h => new Holding(h.Group, h.Value, _views[h.Group].Version, TimeSpan.FromMilliseconds(1400)))],
            [],
            [.. Of(_ended, host).Select(e => new EpochOf(e.Group, e.Value))],
            TimeSpan.Zero)
        {
            Unfit = [.. Unfit.Where(u => u.Host == host).Select(u => new UnfitGroup(u.Group, $"{u.Group}:main is FATAL there"))],
            Untold = [.. Untold.Where(u => u.Host == host).Select(u => u.Group)],
            Weights = [.. Of(Weights, host).Select(w => new GroupWeight(w.Group, w.Value))],
            Seals = [.. Of(_seals, host).Select(s => new Seal(s.Group, s.Value, TimeSpan.FromDays(-1)))],
        }));
    }

    private static IEnumerable<(string Group, T Value)> Of<T>(Dictionary<(string Host, string Group), T> all, string host) =>
        all.Where(e => e.Key.Host == host).Select(e => (e.Key.Group, e.Value));

    private void Handle(FailoverEvent e)
    {
        _due.Enqueue(e);
        Settle();
    }

    private void Settle()
    {
        while (_due.TryDequeue(out var e))
        {
            _effects.Clear();
            _engine.Handle(e, Now, _effects);
            foreach (var effect in _effects.ToArray())
                Apply(effect);
        }
    }

    private void Apply(FailoverEffect effect)
    {
        switch (effect)
        {
            case SendAnswer send when !Silent.Contains(send.Host):
                foreach (var revoked in send.Answer.Revocations)
                    _ = _holds.Remove((send.Host, revoked.Group));
                foreach (var asked in send.Answer.ReleaseRequests)
                    End(send.Host, asked.Group);
                break;
            case SendPromote promote when !Silent.Contains(promote.Host):
                _holds[(promote.Host, promote.Group)] = promote.Epoch;
                break;
            case SendSealAsked seal when !Silent.Contains(seal.Host):
                _seals[(seal.Host, seal.Group)] = seal.Epoch;
                break;
            case CommitPromotion commit:
                _stored[commit.Group] = new StoredOwnership(commit.Group, commit.Owner, commit.Epoch);
                Told.Add($"Promoted {commit.Group} on {commit.Owner}: {commit.Reason}");
                _due.Enqueue(new PromotionSettled(_stored[commit.Group]));
                break;
            case StoreView store:
                _views[store.Group] = store.View;
                _due.Enqueue(new ViewStored(store.Group, store.View));
                break;
            case ConfirmView confirm:
                _due.Enqueue(new ViewConfirmed(confirm.Group, confirm.Version));
                break;
            case RecordHistory { Group.Length: > 0 } record:
                Told.Add($"{record.Kind} {record.Group} {record.Message}");
                break;
            case SwitchoverEnded { Error.Length: > 0 } ended:
                Told.Add($"Refused: {ended.Error}");
                break;
            default:
                break;
        }
    }

    private void End(string host, string group)
    {
        if (!_holds.Remove((host, group), out var epoch))
            return;
        _ended[(host, group)] = epoch;
        _due.Enqueue(new EpochReleased(host, StreamOf(host), group, epoch));
    }
}
