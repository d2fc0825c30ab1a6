using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>One seeded run: a mutual pair (or three hosts) under faults, then a healthy core for long enough.</summary>
internal sealed class Scenario
{
    private static readonly long Second = 1_000_000_000;
    private readonly World _world;
    private readonly SimNetwork _network;
    private readonly SimDatabase _database = new();
    private readonly Audit _audit;
    private readonly SimControlPlane _plane;
    private readonly List<SimHost> _hosts = [];

    public Scenario(ulong seed, Rule removed = Rule.None)
    {
        _world = new World(seed);
        _network = new SimNetwork(_world);
        _audit = new Audit(_world);
        _plane = new SimControlPlane(_world, _network, _database, _audit, removed);
        var names = _world.Chance(0.3) ? new[] { "a", "b", "c" } : ["a", "b"];
        var timing = _world.Random.Next(3) switch
        {
            0 => GroupTiming.Default,
            1 => GroupTiming.Fast,
            _ => GroupTiming.Default with { Ttl = TimeSpan.FromSeconds(2) },
        };
        var failback = new Failback(
            _world.Chance(0.3) ? FailbackMode.Automatic : FailbackMode.Manual, TimeSpan.FromSeconds(3));
        _database.Register(Make("g1", names, timing, failback));
        _database.Register(Make("g2", [.. names.Reverse()], timing, failback));
        foreach (var name in names)
            _hosts.Add(new SimHost(name, _world, _network, _plane, _audit, removed));
        _audit.Hosts.AddRange(_hosts);
    }

    public IReadOnlyList<string> Transcript => _world.Transcript;

    /// <exception cref="InvariantBroken">With seed and transcript.</exception>
    public int Run()
    {
        _plane.Start();
        foreach (var host in _hosts)
        {
            host.Configure([.. _database.Groups]);
            _world.After(_world.Between(0, 500), host.StartAgent);
        }
        _world.RunUntil(6 * Second);

        _network.Loss = _world.Chance(0.5) ? _world.Random.NextDouble() * 0.3 : 0;
        _network.Duplication = _world.Chance(0.5) ? 0.2 : 0;
        _network.Slow = _world.Chance(0.5) ? _world.Random.NextDouble() * 0.2 : 0;
        for (var i = 0; i < 12; i++)
        {
            Fault();
            _world.RunUntil(_world.Now + _world.Random.NextInt64(Second / 20, 4 * Second));
        }
        Heal();
        _world.RunUntil(_world.Now + (25 * Second));
        foreach (var group in _database.Groups)
        {
            if (_hosts.Count(h => h.Acts(group.Name)) != 1)
                _audit.Fail($"{group.Name} is not served after the core was healthy for 25 s");
        }
        return _audit.Claims;
    }

    private static Group Make(string name, string[] hosts, GroupTiming timing, Failback failback) => new(
        name,
        [.. hosts.Select((h, i) => new Member(h, 120 - i))],
        [new Vip("192.0.2.1/32", "eth0")],
        [],
        timing,
        failback);

    private void Fault()
    {
        var host = _hosts[_world.Random.Next(_hosts.Count)];
        switch (_world.Random.Next(15))
        {
            case 0:
                host.KillAgent();
                _world.After(_world.Between(0, 5000), host.StartAgent);
                break;
            case 1:
                host.StopAgent();
                _world.After(_world.Between(50, 6000), host.ContinueAgent);
                break;
            case 2:
                host.Boot();
                _world.After(_world.Between(300, 5000), host.StartAgent);
                break;
            case 3:
                Cut(host.Name, "cp");
                Cut("cp", host.Name);
                break;
            case 4:
                Cut(host.Name, "cp");
                break;
            case 5:
                Cut("cp", host.Name);
                break;
            case 6:
                _network.Heal();
                break;
            case 7:
                _plane.Kill();
                _world.After(_world.Between(0, 4000), RestartPlane);
                break;
            case 8:
                _plane.Process.Stop();
                _world.After(_world.Between(50, 4000), _plane.Process.Continue);
                break;
            case 9 or 10:
                _plane.AskSwitchover(_world.Chance(0.5) ? "g1" : "g2", _world.Chance(0.5) ? host.Name : null);
                break;
            case 11:
                Change(g => g with { Locked = !g.Locked });
                break;
            case 12:
                Change(g => g with { Timing = g.Timing with { Ttl = TimeSpan.FromSeconds(_world.Random.Next(1, 6)) } });
                break;
            case 13:
                host.StopAgent();
                _plane.Kill();
                _world.After(_world.Between(50, 3000), host.ContinueAgent);
                _world.After(_world.Between(50, 3000), RestartPlane);
                break;
            default:
                break;
        }
    }

    private void RestartPlane()
    {
        if (!_plane.Process.Alive)
            _plane.Start();
    }

    private void Cut(string from, string to)
    {
        _world.Log("net", $"cut {from} -> {to}");
        _network.Cut(from, to);
    }

    private void Change(Func<Group, Group> change)
    {
        var which = _world.Random.Next(2);
        _plane.Apply(() => change(_database.Groups.ElementAt(which)));
        foreach (var host in _hosts)
            _world.After(_world.Between(0, 500), () => host.Configure([.. _database.Groups]));
    }

    private void Heal()
    {
        _world.Log("net", "healthy core from here");
        _network.Heal();
        (_network.Loss, _network.Duplication, _network.Slow) = (0, 0, 0);
        RestartPlane();
        _plane.Process.Continue();
        foreach (var group in _database.Groups)
            _plane.Apply(() => _database.Of(group.Name).Group with { Locked = false });
        foreach (var host in _hosts)
        {
            host.ContinueAgent();
            host.StartAgent();
            host.Configure([.. _database.Groups]);
        }
    }
}
