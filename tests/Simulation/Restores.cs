namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Rule S4: the database becomes what it was some seconds ago, while groups have moved since. What nobody can tell the control plane
/// cannot be known: a story cuts off a host only when another one knows of its epoch.
/// </summary>
internal sealed class Restores(
    World world, SimNetwork network, SimDatabase database, IReadOnlyList<SimControlPlane> planes, IReadOnlyList<SimHost> hosts)
{
    private SimBackup? _backup;
    private long _backedUpAt;
    private bool _over;

    public void BackUp() => (_backup, _backedUpAt) = (database.BackUp(), world.Now);

    /// <summary>Restores what was backed up, and lets one more thing go wrong before or while the control plane finds out.</summary>
    public void Restore()
    {
        _over = false;
        network.Heal();
        foreach (var plane in planes)
            plane.Continue();
        foreach (var host in hosts)
        {
            host.ContinueAgent();
            host.StartAgent();
        }
        // An agent that has heard nothing since it started cannot tell that the database is older than what it has heard.
        world.RunUntil(Math.Max(world.Now + 6_000_000_000, _backedUpAt + 20_000_000_000));
        if (world.Chance(0.4))
            BecomeAlone();
        database.Restore(_backup!);
        if (world.Chance(0.3) && hosts.FirstOrDefault(IsKnownOf) is { } hidden)
            CutFromPlanes(hidden, both: true);
        foreach (var plane in planes.Where(_ => world.Chance(0.4)))
        {
            plane.Kill();
            world.After(world.Between(0, 1000), plane.Start);
        }
        switch (world.Random.Next(4))
        {
            case 0:
                WhenFound(plane =>
                {
                    plane.Kill();
                    world.After(world.Between(0, 1000), plane.Start);
                });
                break;
            case 1:
                WhenFound(_ => HolderGoes());
                break;
            case 2:
                WhenLanded();
                break;
            default:
                break;
        }
    }

    /// <summary>What the story broke is whole again.</summary>
    public void End()
    {
        _over = true;
        network.Heal();
        database.Heal();
        foreach (var plane in planes)
        {
            (plane.Told, plane.Landed) = (_ => { }, _ => { });
            plane.Continue();
            plane.Start();
        }
        foreach (var host in hosts)
        {
            host.ContinueAgent();
            host.StartAgent();
        }
    }

    /// <summary>The others are away until the owner has a long lease of its own, of which the backup knows nothing (L6).</summary>
    private void BecomeAlone()
    {
        var owner = hosts.FirstOrDefault(h => h.Acts("g1"));
        foreach (var other in hosts.Where(h => h != owner))
            CutFromPlanes(other, both: true);
        world.RunUntil(world.Now + 6_500_000_000);
        network.Heal();
    }

    /// <summary>What is lost about this host's groups somebody else can tell.</summary>
    private bool IsKnownOf(SimHost host) => database.Groups.All(group =>
    {
        var epoch = database.Of(group.Name).Stored.Epoch;
        return hosts.Any(h => h != host && Knows(h, group.Name) > epoch) || (!host.Acts(group.Name) && Knows(host, group.Name) <= epoch);
    });

    private static long Knows(SimHost host, string group) =>
        host.Disk.TryGetValue(group, out var disk) ? Math.Max(disk.Accepted, disk.Ended) : 0;

    private void CutFromPlanes(SimHost host, bool both)
    {
        foreach (var plane in planes)
        {
            network.Cut(host.Name, plane.Name);
            if (both)
                network.Cut(plane.Name, host.Name);
        }
    }

    private void WhenFound(Action<SimControlPlane> then)
    {
        var armed = true;
        foreach (var plane in planes)
        {
            plane.Told = line =>
            {
                if (!armed || line.Kind != "OlderDatabaseFound")
                    return;
                armed = false;
                world.After(world.Between(0, 300), () =>
                {
                    if (!_over)
                        then(plane);
                });
            };
        }
    }

    /// <summary>The one that holds the lease is not heard any more, or is gone.</summary>
    private void HolderGoes()
    {
        if (hosts.FirstOrDefault(h => h.Acts("g1")) is not { } holder)
            return;
        switch (world.Random.Next(3))
        {
            case 0:
                CutFromPlanes(holder, both: world.Chance(0.5));
                break;
            case 1:
                holder.KillAgent();
                world.After(world.Between(500, 3000), holder.StartAgent);
                break;
            default:
                holder.StopAgent(world.Between(500, 5000));
                break;
        }
    }

    /// <summary>The owner has its new epoch, perhaps without knowing it, and the next control plane knows only what is stored.</summary>
    private void WhenLanded()
    {
        var armed = true;
        foreach (var plane in planes)
        {
            plane.Landed = commit =>
            {
                if (!armed || commit.Epoch == commit.ExpectedEpoch + 1)
                    return;
                armed = false;
                if (hosts.FirstOrDefault(h => h.Name == commit.Owner) is { } owner)
                    CutFromPlanes(owner, both: true);
                plane.Kill();
                world.After(world.Between(0, 1000), plane.Start);
            };
        }
    }
}
