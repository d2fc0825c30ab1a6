using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>What goes wrong, and what operators do meanwhile.</summary>
internal sealed class Faults(
    World world, SimNetwork network, SimDatabase database, IReadOnlyList<SimControlPlane> planes, IReadOnlyList<SimHost> hosts)
{
    private const int Kinds = 30;
    private bool _healed;

    private SimControlPlane AnyPlane => planes[world.Random.Next(planes.Count)];

    private SimHost AnyHost => hosts[world.Random.Next(hosts.Count)];

    public void Next()
    {
        var host = AnyHost;
        switch (world.Random.Next(Kinds))
        {
            case 0:
                KillAgent(host, 5000);
                break;
            case 1:
                host.StopAgent(world.Between(50, 6000));
                break;
            case 2:
                host.Boot();
                world.After(world.Between(300, 5000), host.StartAgent);
                break;
            case 3:
                Cut(host, fromHost: true, toHost: true);
                break;
            case 4:
                Cut(host, fromHost: true, toHost: false);
                break;
            case 5:
                Cut(host, fromHost: false, toHost: true);
                break;
            case 6 or 7:
                network.Heal();
                break;
            case 8:
                KillPlane(AnyPlane);
                break;
            case 9:
                AnyPlane.Stop(world.Between(50, 6000));
                break;
            case 10 or 11:
                AskSwitchover(world.Chance(0.5) ? "g1" : "g2", world.Chance(0.5) ? host.Name : null);
                break;
            case 12:
                Change(AnyGroup(), g => g with { Locked = !g.Locked });
                break;
            case 13:
                Change(AnyGroup(), g => Lasting(g, world.Random.Next(1, 6)));
                break;
            case 14:
                host.StopAgent(world.Between(50, 3000));
                KillPlane(AnyPlane);
                break;
            case 15:
                LateWrite(host);
                break;
            case 16:
                host.StopShims(world.Between(100, 4000));
                break;
            case 17:
                database.Trouble(world.Between(500, 4000));
                LockAfterNextDecision();
                break;
            case 18:
                database.CutFrom(AnyPlane.Name, world.Between(500, 8000));
                break;
            case 19 or 20:
                ChangeBackAndForth();
                break;
            case 21:
                CrashLoop(host);
                break;
            case 22:
                CannotRun(host);
                break;
            case 23:
                Silence();
                break;
            case 24:
                CutFromPeers(host);
                break;
            case 25:
                Cut(host, fromHost: true, toHost: true);
                CutFromPeers(host);
                break;
            case 26:
                host.LoseDisk();
                world.After(world.Between(0, 3000), host.StartAgent);
                break;
            case 27:
                Vouched();
                break;
            case 28:
                ForgottenPromise();
                break;
            case 29:
                HalfOfThePromises();
                break;
            default:
                break;
        }
    }

    public void Heal()
    {
        world.Log("FAULT", $"no more of them: the core is healthy from here on");
        _healed = true;
        network.Heal();
        database.Heal();
        (network.Loss, network.Duplication, network.Slow) = (0, 0, 0);
        foreach (var plane in planes)
        {
            plane.Decided = _ => { };
            plane.Start();
            plane.Continue();
        }
        foreach (var host in hosts)
        {
            (host.SlowDiskUntil, host.Promised, host.Sealing) = (0, () => { }, () => { });
            host.Post(new FitnessChanged("g1", ""));
            host.Post(new FitnessChanged("g2", ""));
            // Never two at the same instant: no two hosts would be that exact.
            world.After(world.Between(0, 50), () =>
            {
                host.ContinueAgent();
                host.StartAgent();
            });
        }
        Unlock();
    }

    /// <summary>Until some control plane leads and does it.</summary>
    private void Unlock()
    {
        foreach (var group in database.Groups)
            Change(group.Name, g => g with { Locked = false });
        if (database.Groups.Any(g => g.Locked) || !planes.Any(p => p.Leads))
            world.After(world.Between(200, 300), Unlock);
    }

    /// <summary>A second fault of the same story; none comes when the core is healthy.</summary>
    private void Later(TimeSpan delay, Action fault) => world.After(delay, () =>
    {
        if (!_healed)
            fault();
    });

    private string AnyGroup() => world.Chance(0.5) ? "g1" : "g2";

    private void KillAgent(SimHost host, int atMostMs)
    {
        host.KillAgent();
        world.After(world.Between(0, atMostMs), host.StartAgent);
    }

    private void KillPlane(SimControlPlane plane)
    {
        plane.Kill();
        world.After(world.Between(0, 4000), plane.Start);
    }

    private void Cut(SimHost host, bool fromHost, bool toHost)
    {
        foreach (var plane in planes)
        {
            if (planes.Count > 1 && world.Chance(0.3))
                continue;
            if (fromHost)
                network.Cut(host.Name, plane.Name);
            if (toHost)
                network.Cut(plane.Name, host.Name);
        }
    }

    /// <summary>No control plane for a while, longer than any lease of an owner that has others.</summary>
    private void Silence()
    {
        var duration = world.Between(2000, 9000);
        foreach (var plane in planes)
        {
            plane.Kill();
            world.After(duration, plane.Start);
        }
    }

    private void CutFromPeers(SimHost host)
    {
        var (to, from) = world.Random.Next(3) switch { 0 => (true, true), 1 => (true, false), _ => (false, true) };
        foreach (var other in hosts.Where(h => h != host))
        {
            if (hosts.Count > 2 && world.Chance(0.4))
                continue;
            if (to)
                network.Cut(host.Name, other.Name);
            if (from)
                network.Cut(other.Name, host.Name);
        }
    }

    /// <summary>
    /// C4: an owner that is cut off asks the one member of its view; that one promises, and forgets it before the control plane
    /// hears of it. Meanwhile a third host comes back, which the view does not know, and may be promoted.
    /// </summary>
    private void ForgottenPromise()
    {
        var owner = hosts.FirstOrDefault(h => h.Name == database.Of("g1").Stored.Owner) ?? AnyHost;
        if (hosts.Count < 3)
            return;
        network.Heal();
        var others = hosts.Where(h => h != owner).ToArray();
        var (member, newcomer) = world.Chance(0.5) ? (others[0], others[1]) : (others[1], others[0]);
        var diesSealing = world.Chance(0.5);
        Cut(newcomer, fromHost: true, toHost: true);
        Later(TimeSpan.FromSeconds(5.5), () =>
        {
            network.Heal();
            foreach (var plane in planes)
            {
                network.Cut(owner.Name, plane.Name);
                network.Cut(plane.Name, owner.Name);
            }
            member.Promised = () =>
            {
                member.Promised = () => { };
                network.Cut(owner.Name, member.Name);
                member.KillAgent();
                world.After(world.Between(0, 50), member.StartAgent);
            };
            member.Sealing = () =>
            {
                member.Sealing = () => { };
                foreach (var plane in planes)
                    network.Cut(owner.Name, plane.Name);
                network.Mend(owner.Name, member.Name);
                if (!diesSealing)
                    return;
                // Between its word and the disk; what is told before is told.
                Later(world.Between(0, 3), member.KillAgent);
                world.After(world.Between(3, 50), member.StartAgent);
            };
        });
        Later(TimeSpan.FromSeconds(12), () => (member.Promised, member.Sealing) = (() => { }, () => { }));
        Later(TimeSpan.FromSeconds(12), network.Heal);
    }

    /// <summary>F3: of two members one hears the owner no more, and the other one cannot tell the control plane that it does.</summary>
    private void HalfOfThePromises()
    {
        var owner = hosts.FirstOrDefault(h => h.Name == database.Of("g1").Stored.Owner) ?? AnyHost;
        if (hosts.Count < 3)
            return;
        var others = hosts.Where(h => h != owner).ToArray();
        Cut(owner, fromHost: true, toHost: true);
        Later(world.Between(300, 2000), () =>
        {
            network.Cut(owner.Name, others[0].Name);
            foreach (var plane in planes)
                network.Cut(others[1].Name, plane.Name);
        });
        Later(world.Between(3000, 8000), network.Heal);
    }

    /// <summary>F1 to F4, C4: an owner that lives by promises, and something that happens to it, to those who promise, or to the
    /// control plane meanwhile.</summary>
    private void Vouched()
    {
        var which = AnyGroup();
        var owner = hosts.FirstOrDefault(h => h.Name == database.Of(which).Stored.Owner) ?? AnyHost;
        Cut(owner, fromHost: true, toHost: true);
        var rest = world.Between(200, 4000);
        var other = AnyHost;
        Later(rest, () =>
        {
            switch (world.Random.Next(7))
            {
                case 0:
                    CutFromPeers(owner);
                    break;
                case 1:
                    KillAgent(other, 500);
                    break;
                case 2:
                    other.StopAgent(world.Between(50, 3000));
                    break;
                case 3:
                    KillPlane(AnyPlane);
                    break;
                case 4:
                    other.LoseDisk();
                    world.After(world.Between(0, 500), other.StartAgent);
                    break;
                case 5:
                    owner.StopAgent(world.Between(500, 4000));
                    break;
                default:
                    break;
            }
        });
        Later(rest + world.Between(0, 1500), () =>
        {
            if (world.Chance(0.5))
                KillAgent(other, 300);
            if (world.Chance(0.5))
                CutFromPeers(owner);
        });
        Later(rest + world.Between(500, 4000), network.Heal);
    }

    private void AskSwitchover(string group, string? target)
    {
        foreach (var plane in planes.Where(p => p.Leads))
            plane.AskSwitchover(group, target);
    }

    private void Change(string which, Func<Group, Group> change)
    {
        foreach (var plane in planes.Where(p => p.Leads))
            plane.Apply(() => change(database.Of(which).Group));
        foreach (var host in hosts)
            world.After(world.Between(0, 500), () => host.Configure([.. database.Groups]));
    }

    private static Group Lasting(Group group, int seconds) =>
        group with { Timing = group.Timing with { Ttl = TimeSpan.FromSeconds(seconds) } };

    /// <summary>C5: a program is FATAL on a host, or on all of them, and perhaps mended later.</summary>
    private void CannotRun(SimHost host)
    {
        var which = AnyGroup();
        foreach (var unfit in world.Chance(0.2) ? hosts : [host])
        {
            world.Log("FAULT", $"{unfit.Name} cannot run {which}");
            unfit.Post(new FitnessChanged(which, "a program is FATAL there"));
            Later(world.Between(200, 8000), () => unfit.Post(new FitnessChanged(which, "")));
        }
    }

    /// <summary>W4: the agent is stopped inside a write to the gate, and the guard goes away, or not.</summary>
    private void LateWrite(SimHost host)
    {
        var duration = world.Between(50, 6000);
        var guards = world.Random.Next(3);
        host.InsideNextWrite(() =>
        {
            if (_healed)
                return;
            host.StopAgent(duration);
            if (guards == 0)
                host.KillGuards();
            else if (guards == 1)
                host.StopGuards(duration + world.Between(-40, 2000));
        });
    }

    /// <summary>
    /// C6, S3: an operator who sees the trouble locks the group while its new owner is being committed, and the control
    /// plane may not live to see what became of it.
    /// </summary>
    private void LockAfterNextDecision()
    {
        var armed = world.Chance(0.7);
        var dies = world.Chance(0.4);
        foreach (var plane in planes)
        {
            plane.Decided = commit =>
            {
                if (!armed)
                    return;
                armed = false;
                var locked = world.Between(0, dies ? 100 : 800);
                Later(locked, () => Change(commit.Group, g => g with { Locked = true }));
                if (!dies)
                    return;
                Later(locked + world.Between(1, 200), plane.Kill);
                world.After(locked + world.Between(201, 600), plane.Start);
            };
        }
    }

    /// <summary>L4, L5, V1, W1: leases become long and short again before everybody knows, and then the owner goes away.</summary>
    private void ChangeBackAndForth()
    {
        var which = AnyGroup();
        var host = hosts.FirstOrDefault(h => h.Name == database.Of(which).Stored.Owner) ?? AnyHost;
        if (world.Chance(0.4))
            host.SlowDiskUntil = world.Now + (2 * 1_000_000_000L);
        if (world.Chance(0.5))
            database.Trouble(world.Between(200, 1500));
        if (world.Chance(0.8))
            Change(which, g => Lasting(g, world.Random.Next(3, 6)));
        var rest = world.Between(0, 600);
        Later(rest, () => Change(which, g => Lasting(g, 1)));
        Later(rest + world.Between(0, world.Chance(0.5) ? 50 : 500), () =>
        {
            switch (world.Random.Next(5))
            {
                case 0:
                    Cut(host, fromHost: true, toHost: true);
                    break;
                case 1:
                    host.StopAgent(world.Between(2000, 6000));
                    break;
                case 2:
                    KillAgent(host, 300);
                    break;
                case 3:
                    Cut(host, fromHost: false, toHost: true);
                    break;
                default:
                    break;
            }
            if (world.Chance(0.4))
                KillPlane(AnyPlane);
        });
    }

    /// <summary>L2: short-lived agents whose heartbeats have the same numbers, and answers that come late.</summary>
    private void CrashLoop(SimHost host)
    {
        var slow = network.Slow;
        network.Slow = 0.5;
        var at = TimeSpan.Zero;
        for (var i = 0; i < 4; i++)
        {
            Later(at, host.KillAgent);
            at += world.Between(5, 50);
            world.After(at, host.StartAgent);
            at += world.Between(60, 500);
        }
        if (world.Chance(0.7))
            Later(at - world.Between(0, 60), host.KillAgent);
        var last = at + world.Between(0, 20);
        world.After(last, host.StartAgent);
        Later(last + world.Between(0, 60), () => Cut(host, fromHost: true, toHost: false));
        Later(last + world.Between(300, 900), () => network.Slow = slow);
    }
}
