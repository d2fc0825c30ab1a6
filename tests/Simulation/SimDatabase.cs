using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// The database: rows that change by compare-and-swap, after a while. A commit may take effect although its answer is lost,
/// and may take effect late, until a newer term or a closed attempt forbids it. A backup that is restored is another database:
/// nothing under way lands in it (rule S4).
/// </summary>
internal sealed class SimDatabase(World world, Rule removed)
{
    private Dictionary<string, Row> _rows = [];
    private Dictionary<string, Row> _forgotten = [];

    // S4: groups that are registered from now on begin above it.
    private long _floor;
    private int _identity;
    private readonly Dictionary<string, long> _cutUntil = [];
    private long _troubledUntil;

    public LeadershipSeen Leadership { get; private set; } = new(0, "", 0);

    /// <summary>S4: in which database the leadership was taken.</summary>
    public int TakenIn { get; private set; }

    /// <summary>C5: the hosts that operators want empty.</summary>
    public ImmutableDictionary<string, string> Drained { get; private set; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>C11: the groups that operators want deleted.</summary>
    public ImmutableDictionary<string, string> Retiring =>
        _rows.Values.Where(r => r.Retiring.Length > 0).ToImmutableDictionary(r => r.Group.Name, r => r.Retiring);

    public IEnumerable<Group> Groups => _rows.Values.Select(r => r.Group);

    public bool IsTroubled => world.Now < _troubledUntil;

    /// <summary>Outcomes get lost, and what was sent takes effect late, or does not.</summary>
    public void Trouble(TimeSpan duration)
    {
        world.Log("FAULT", $"the database answers late or never for {duration.TotalSeconds:F1} s");
        _troubledUntil = world.Now + (duration.Ticks * 100);
    }

    public void CutFrom(string plane, TimeSpan duration)
    {
        world.Log("FAULT", $"{plane} cannot reach the database for {duration.TotalSeconds:F1} s");
        _cutUntil[plane] = world.Now + (duration.Ticks * 100);
    }

    /// <summary>Everything as of now, to be restored later.</summary>
    public SimBackup BackUp() => new(
        Leadership, TakenIn, Drained, _rows.ToDictionary(r => r.Key, r => r.Value.Copy()), _forgotten.ToDictionary(r => r.Key, r => r.Value.Copy()), _floor);

    /// <summary>S4: from here on the database is what it was then, and another one.</summary>
    public void Restore(SimBackup backup)
    {
        world.Log("FAULT", $"an older backup of the database is restored");
        (Leadership, TakenIn, Drained) = (backup.Leadership, backup.TakenIn, backup.Drained);
        _rows = backup.Rows.ToDictionary(r => r.Key, r => r.Value.Copy());
        _floor = backup.Floor;
        _forgotten = backup.Forgotten.ToDictionary(r => r.Key, r => r.Value.Copy());
        _identity++;
    }

    public void Heal()
    {
        _cutUntil.Clear();
        _troubledUntil = 0;
    }

    /// <summary>
    /// One statement of a control plane: <paramref name="land"/> happens here, maybe much later and even when the process
    /// dies meanwhile; <paramref name="known"/> happens there unless the outcome is lost, and then
    /// <paramref name="unknown"/> does instead, after a timeout.
    /// </summary>
    public void Execute<T>(string plane, SimProcess process, Func<T> land, Action<T> known, Action unknown)
    {
        if (_cutUntil.TryGetValue(plane, out var until) && world.Now < until)
        {
            process.After(world.Between(20, 500), unknown);
            return;
        }
        var lost = world.Chance(IsTroubled ? 0.6 : 0.02);
        var takes = lost && world.Chance(0.6) ? world.Between(10, 3000) : world.Between(0.5, IsTroubled ? 300 : 15);
        T? outcome = default;
        var identity = _identity;
        world.After(takes, () =>
        {
            if (identity == _identity)
                outcome = land();
        });
        if (lost)
        {
            process.After(world.Between(20, 500), unknown);
            return;
        }
        process.After(takes + world.Between(0.1, 2), () =>
        {
            if (identity == _identity)
                known(outcome!);
            else
                unknown();
        });
    }

    /// <summary>Which database answers.</summary>
    public (LeadershipSeen Row, int TakenIn, int ReadIn) ReadLeadership() => (Leadership, TakenIn, _identity);

    public long? TakeLeadership(LeadershipSeen seen, string holder)
    {
        if (Leadership != seen)
            return null;
        Leadership = new LeadershipSeen(seen.Term + 1, holder, seen.Counter + 1);
        TakenIn = _identity;
        world.Log("db", $"{holder} takes the leadership: term {Leadership.Term}");
        return Leadership.Term;
    }

    /// <returns>The counter; null when the term is over.</returns>
    public long? RenewLeadership(long term, long atLeast)
    {
        if (term != Leadership.Term || TakenIn != _identity)
            return null;
        Leadership = Leadership with { Counter = Math.Max(Leadership.Counter + 1, atLeast) };
        return Leadership.Counter;
    }

    public void Register(Group group)
    {
        if (_rows.TryGetValue(group.Name, out var row))
            row.Group = group;
        else
            _rows[group.Name] = _forgotten.Remove(group.Name, out var old) && !removed.HasFlag(Rule.C11Epoch) ? Row.After(old, group, _floor)
                : new Row(group) { Stored = new StoredOwnership(group.Name, null, _floor) { IsOver = _floor > 0 } };
    }

    /// <summary>C11: an operator wants it deleted.</summary>
    public void Retire(string group)
    {
        if (_rows.TryGetValue(group, out var row))
            row.Retiring = "being deleted by operator";
    }

    /// <summary>C11: true when it is gone, by this or before.</summary>
    public bool Forget(CommitRetirement retirement, long term, Action landed)
    {
        if (!IsInForce(term))
            return false;
        if (!_rows.TryGetValue(retirement.Group, out var row) || row.Retiring.Length == 0)
            return true;
        if (row.Stored.Epoch != retirement.ExpectedEpoch)
            return false;
        world.Log("db", $"forgets {retirement.Group}@{retirement.Epoch}{(retirement.IsOver ? "" : ", which may go on")}");
        if (retirement.Epoch > retirement.ExpectedEpoch)
            _floor = Math.Max(_floor, retirement.Epoch);
        row.Stored = row.Stored with { Epoch = retirement.Epoch, IsOver = retirement.IsOver };
        row.Attempt++;
        row.Retiring = "";
        _ = _rows.Remove(retirement.Group);
        _forgotten[retirement.Group] = row;
        landed();
        return true;
    }

    public void Drain(string host, bool drained) =>
        Drained = drained ? Drained.SetItem(host, "drained by operator") : Drained.Remove(host);

    /// <summary>A registered group; null for none.</summary>
    public Row? Find(string group) => _rows.GetValueOrDefault(group);

    /// <summary>A group, or what is remembered of one that was deleted.</summary>
    public Row Of(string group) => _rows.TryGetValue(group, out var row) ? row : _forgotten[group];

    public ImmutableArray<StoredGroup> Load() =>
        [.. _rows.Values.Select(r => new StoredGroup(
            r.Group, r.Stored, r.Confirmed, [.. r.Views.Where(v => v.Version >= r.Confirmed)]))];

    public bool TryPromote(string group, long term, long attempt, long expectedEpoch, long epoch, string owner)
    {
        var row = Of(group);
        if (!IsInForce(term) || row.Attempt != attempt || row.Stored.Epoch != expectedEpoch)
        {
            world.Log("db", $"refuses {group}@{epoch} for {owner} (term {term}, attempt {attempt})");
            return false;
        }
        row.Stored = new StoredOwnership(group, owner, epoch);
        if (epoch > expectedEpoch + 1)
            _floor = Math.Max(_floor, epoch);
        world.Log("db", $"{owner} owns {group}@{epoch} (term {term}, attempt {attempt})");
        return true;
    }

    /// <summary>C6: after this no earlier attempt can land. Null when another leads.</summary>
    public StoredOwnership? CloseAttempt(string group, long term)
    {
        var row = Of(group);
        if (!IsInForce(term))
            return null;
        if (!removed.HasFlag(Rule.C6ClosedAttempt))
            row.Attempt++;
        return row.Stored;
    }

    public bool StoreView(string group, long term, View view)
    {
        if (!IsInForce(term))
            return false;
        var row = Of(group);
        if (row.Views[^1].Version < view.Version)
        {
            row.Views.Add(view);
            world.Log("db", $"view {view.Version} of {group}: leases of {view.Length?.TotalSeconds} s for {string.Join(' ', view.Members)}");
        }
        return true;
    }

    public bool ConfirmView(string group, long term, long version)
    {
        if (!IsInForce(term))
            return false;
        var row = Of(group);
        if (!row.Views.Exists(v => v.Version == version))
            return false;
        row.Confirmed = Math.Max(row.Confirmed, version);
        return true;
    }

    private bool IsInForce(long term) => term == Leadership.Term || removed.HasFlag(Rule.S3Term);

    internal sealed class Row(Group group)
    {
        public Group Group { get; set; } = group;

        public string Retiring { get; set; } = "";

        public StoredOwnership Stored { get; set; } = new(group.Name, null, 0);

        public long Attempt { get; set; }

        public long Confirmed { get; set; }

        public bool IsConfirmed => Confirmed == Views[^1].Version;

        public List<View> Views { get; private init; } = [FailoverEngine.ViewOf(group, 1)];

        public Row Copy() => new(Group) { Stored = Stored, Attempt = Attempt, Confirmed = Confirmed, Views = [.. Views], Retiring = Retiring };

        /// <summary>C11: a group of the name of a deleted one.</summary>
        public static Row After(Row old, Group group, long floor)
        {
            var view = FailoverEngine.ViewOf(group, old.Views[^1].Version + 1);
            return new(group)
            {
                Stored = old.Stored.IsOver ? old.Stored with { Epoch = Math.Max(old.Stored.Epoch, floor) } : old.Stored,
                Attempt = old.Attempt,
                Confirmed = old.Stored.IsOver ? 0 : old.Confirmed,
                Views = old.Stored.IsOver ? [view] : [.. old.Views, view],
            };
        }
    }
}

/// <summary>A copy of the database.</summary>
internal sealed record SimBackup(
    LeadershipSeen Leadership,
    int TakenIn,
    ImmutableDictionary<string, string> Drained,
    IReadOnlyDictionary<string, SimDatabase.Row> Rows,
    IReadOnlyDictionary<string, SimDatabase.Row> Forgotten,
    long Floor);
