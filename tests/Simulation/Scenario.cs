using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// One seeded run: two or three hosts, one or two control planes and a database under faults, then a healthy core until
/// every group is served and stays so.
/// </summary>
internal sealed class Scenario
{
    private const long Second = 1_000_000_000;
    private readonly ulong _seed;
    private readonly Rule _removed;
    private readonly World _world;
    private readonly SimNetwork _network;
    private readonly SimDatabase _database;
    private readonly Audit _audit;
    private readonly List<SimControlPlane> _planes = [];
    private readonly List<SimHost> _hosts = [];
    private readonly Faults _faults;
    private readonly Restores _restores;
    private readonly Drains _drains;
    private readonly Fences _fences;
    private readonly Weighings _weighings;
    private readonly Deletions _deletions;
    private readonly SyncGroups _syncGroups;

    public Scenario(ulong seed, Rule removed = Rule.None, bool tells = false)
    {
        (_seed, _removed) = (seed, removed);
        _world = new World(seed, tells);
        _network = new SimNetwork(_world);
        _database = new SimDatabase(_world, removed);
        _audit = new Audit(_world, _network, _database);
        foreach (var name in _world.Chance(0.4) ? new[] { "cp1", "cp2" } : ["cp1"])
            _planes.Add(new SimControlPlane(name, _world, _network, _database, _audit, removed));
        var names = _world.Chance(0.3) ? new[] { "a", "b", "c" } : ["a", "b"];
        var timing = _world.Random.Next(3) switch
        {
            0 => GroupTiming.Default,
            1 => GroupTiming.Fast,
            _ => GroupTiming.Default with { Ttl = TimeSpan.FromSeconds(2) },
        };
        timing = timing with { SoloTtl = TimeSpan.FromSeconds(6) };
        var failback = new Failback(
            _world.Chance(0.3) ? FailbackMode.Automatic : FailbackMode.Manual, TimeSpan.FromSeconds(3));
        _fences = new Fences(seed, _world, _database, _planes, _hosts);
        _syncGroups = new SyncGroups(seed, _database, _hosts);
        var first = Make("g1", names, timing, failback);
        _database.Register(_syncGroups.Register(first, first) with { Fencing = _fences.Choose() });
        _database.Register(_syncGroups.Register(Make("g2", [.. names.Reverse()], timing, failback), first) with { Fencing = _fences.Choose() });
        foreach (var name in names)
            _hosts.Add(new SimHost(name, _world, _network, _planes, _audit, removed));
        _audit.Hosts.AddRange(_hosts);
        _faults = new Faults(_world, _network, _database, _planes, _hosts);
        _restores = new Restores(_world, _network, _database, _planes, _hosts);
        _drains = new Drains(seed, _world, _database, _planes, _hosts);
        foreach (var plane in _planes)
            plane.Devices = _fences;
        _weighings = new Weighings(seed, _world, _database, _hosts);
        _deletions = new Deletions(seed, _world, _database, _audit, _planes, _hosts);
    }

    public IEnumerable<string> Lines => _world.Transcript.Select(l => l.ToString());

    /// <summary>Runs a seed; one that fails runs again to tell how it came about.</summary>
    /// <exception cref="InvariantBroken">With the seed and its transcript.</exception>
    public static int Run(ulong seed, Rule removed = Rule.None)
    {
        try
        {
            return new Scenario(seed, removed).Run();
        }
        catch (InvariantBroken)
        {
            throw new InvariantBroken(Tell(seed, removed, whole: false));
        }
    }

    /// <summary>The story of a seed, with every message when it is wanted whole.</summary>
    public static string Tell(ulong seed, Rule removed, bool whole)
    {
        var again = new Scenario(seed, removed, tells: true);
        var what = "every promise is kept";
        try
        {
            again.Run();
        }
        catch (InvariantBroken broken)
        {
            what = broken.Message;
        }
        return Transcript.Tell(seed, removed, what, again.Describe(), again._world, whole);
    }

    /// <exception cref="InvariantBroken">With what is wrong, and nothing else.</exception>
    public int Run()
    {
        _deletions.Begin();
        foreach (var plane in _planes)
            _world.After(_world.Between(0, 50), plane.Start);
        foreach (var host in _hosts)
        {
            host.Configure([.. _database.Groups]);
            _world.After(_world.Between(0, 500), host.StartAgent);
        }
        _ = RunUntilServed(6);

        _network.Loss = _world.Chance(0.5) ? _world.Random.NextDouble() * 0.3 : 0;
        _network.Duplication = _world.Chance(0.5) ? 0.2 : 0;
        _network.Slow = _world.Chance(0.5) ? _world.Random.NextDouble() * 0.2 : 0;
        for (var i = 0; i < 16; i++)
        {
            _faults.Next();
            _drains.Next();
            _fences.Next();
            _weighings.Next();
            _deletions.Next();
            // Most harm is done by a fault that comes while the last one is being dealt with.
            _world.RunUntil(_world.Now + _world.Random.NextInt64(0, _world.Chance(0.4) ? Second / 2 : 4 * Second));
            // The other seeds take the course that they took before there were these.
            if (_seed % 8 == 5 && i is 4 or 9 or 12)
                RestoreAfter(i);
            if (_seed % 8 == 6 && i is 3 or 7 or 11)
                Suspend();
        }
        _faults.Heal();
        _drains.Heal();
        _fences.Heal();
        MustBeWhole();
        MustBeServed();
        MustBeEmptied();
        _audit.NothingChangesAnyMore();
        _world.RunUntil(_world.Now + (4 * Second));
        MustBeServed();
        MustBeTogether();
        MustOutliveTheControlPlane();
        return _audit.Claims;
    }

    /// <summary>S4: a backup, moves that it does not know of, and its restore.</summary>
    private void RestoreAfter(int fault)
    {
        if (fault == 4)
        {
            _restores.BackUp();
            return;
        }
        _restores.Restore();
        _deletions.Restored();
        // Locks are lost with the rest.
        foreach (var group in _database.Groups)
            _audit.Unlocked(group.Name);
        _world.RunUntil(_world.Now + (_world.Random.NextInt64(1, 12) * Second));
        _restores.End();
        var (loss, slow) = (_network.Loss, _network.Slow);
        (_network.Loss, _network.Slow) = (0, 0);
        // Until everything is settled, agents must not forget what only they know.
        for (var i = 0; i < 60 && !IsCalm(); i++)
            _world.RunUntil(_world.Now + (Second / 2));
        if (!IsCalm())
            Audit.Fail("not everything is settled half a minute after a restore");
        (_network.Loss, _network.Slow) = (loss, slow);
        _restores.BackUp();
    }

    /// <summary>W6: for less than a lease, or more; then the agent and the guards, so that only the kernel's timeouts are left.</summary>
    private void Suspend()
    {
        var host = _hosts[_world.Random.Next(_hosts.Count)];
        if (!host.Suspend(_world.Between(50, _world.Chance(0.5) ? 1000 : 6000)))
            return;
        while (host.IsAsleep || host.IsWaking)
            _world.RunUntil(_world.Now + (Second / 100));
        if (_world.Chance(0.5))
            return;
        host.StopAgent(_world.Between(2000, 6000));
        host.KillGuards();
        _world.RunUntil(_world.Now + (_world.Random.NextInt64(1, 4) * Second));
    }

    /// <summary>Losing the control plane costs nothing: no owner changes, and none stops for an instant (rules F1 to F3).</summary>
    private void MustOutliveTheControlPlane()
    {
        for (var i = 0; i < 60 && !IsCalm(); i++)
            _world.RunUntil(_world.Now + (Second / 4));
        if (!IsCalm())
            Audit.Fail("something is still about to happen after the core was healthy for long");
        var owners = new SortedDictionary<string, SimHost>(StringComparer.Ordinal);
        foreach (var group in _database.Groups)
        {
            if (_hosts.Find(h => h.Acts(group.Name)) is not { } owner)
                Audit.Fail($"nobody serves {group.Name} any more");
            else
                owners[group.Name] = owner;
        }
        foreach (var plane in _planes)
            plane.LoseForGood();
        for (var end = _world.Now + (5 * Second); _world.Now < end;)
        {
            _world.RunUntil(_world.Now + (Second / 20));
            foreach (var (group, owner) in owners)
            {
                if (!owner.Acts(group))
                    Audit.Fail($"{owner.Name} has stopped serving {group} because the control plane was lost");
            }
        }
    }

    /// <summary>No change is under way, and none is being carried out. One that acts under the epoch before has not heard of its next one yet (C8), and
    /// nobody can vouch for it then (seed 547020).</summary>
    private bool IsCalm() =>
        _planes.Exists(p => p.IsCalm) && _database.Groups.All(g => _hosts.Exists(h => h.Acts(g.Name, _database.Of(g.Name).Stored.Epoch)));

    private static Group Make(string name, string[] hosts, GroupTiming timing, Failback failback) => new(
        name,
        [.. hosts.Select((h, i) => new Member(h, 120 - i))],
        [new Vip("192.0.2.1/32", "eth0")],
        [],
        timing,
        failback);

    /// <summary>C11: what is being deleted ends, and what is registered again is there.</summary>
    private void MustBeWhole()
    {
        _deletions.Heal();
        for (var i = 0; i < 50 && _deletions.Missing is not null; i++)
            _world.RunUntil(_world.Now + (Second / 2));
        if (_deletions.Missing is { } group)
            Audit.Fail($"{group} is not deleted and registered again after the core was healthy for 25 s");
    }

    private void MustBeServed()
    {
        if (RunUntilServed(25) is { } unserved)
            Audit.Fail($"{unserved} is not served after the core was healthy for 25 s");
    }

    /// <summary>C5: nothing stays on a drained host when others are there.</summary>
    private void MustBeEmptied()
    {
        for (var i = 0; i < 50 && _drains.Undrained() is not null; i++)
            _world.RunUntil(_world.Now + (Second / 2));
        if (_drains.Undrained() is { } group)
            Audit.Fail($"{group} is still on a drained host after the core was healthy for 25 s");
        _drains.End();
    }

    /// <summary>C5, C9: groups of one sync group end up on one host.</summary>
    private void MustBeTogether()
    {
        for (var i = 0; i < 50 && _syncGroups.Apart() is not null; i++)
            _world.RunUntil(_world.Now + (Second / 2));
        if (_syncGroups.Apart() is { } places)
            Audit.Fail($"a sync group is apart after the core was healthy for 25 s: {places}");
    }

    private string? RunUntilServed(int seconds)
    {
        string? unserved = null;
        for (var i = 0; i < seconds * 2; i++)
        {
            _world.RunUntil(_world.Now + (Second / 2));
            unserved = _database.Groups.FirstOrDefault(g => _hosts.Count(h => h.Acts(g.Name)) != 1)?.Name;
            if (unserved is null)
                break;
        }
        return unserved;
    }

    private IEnumerable<string> Describe()
    {
        foreach (var line in _hosts.SelectMany(h => h.Describe()).Concat(_planes.SelectMany(p => p.Describe())))
            yield return line;
        yield return $"db    term {_database.Leadership.Term} is {_database.Leadership.Holder}'s";
        foreach (var group in _database.Groups)
        {
            var row = _database.Of(group.Name);
            var views = row.Views.Where(v => v.Version >= row.Confirmed).Select(v => string.Create(
                CultureInfo.InvariantCulture, $"{v.Version} ({v.Length?.TotalSeconds} s)"));
            yield return $"      {group.Name}@{row.Stored.Epoch}: owner {row.Stored.Owner ?? "none"}{(group.Locked ? ", locked" : "")}, "
                + $"attempt {row.Attempt}, view {row.Confirmed} confirmed of {string.Join(", ", views)}";
        }
        yield return string.Create(
            CultureInfo.InvariantCulture,
            $"net   {string.Join(", ", _network.Cuts.DefaultIfEmpty("nothing cut"))}; {_network.Loss:P0} lost, {_network.Slow:P0} slow, {_network.Duplication:P0} doubled");
    }
}
