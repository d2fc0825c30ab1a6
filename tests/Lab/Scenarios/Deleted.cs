using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>An operator deletes the group (rule C11): address, gate and programs are gone before it is, and it comes back under a later epoch.</summary>
internal class GroupDeleted : Scenario
{
    public override string Name => "delete";

    public override string Summary => "hactl delete group, and the group registered again";

    /// <summary>What happens before.</summary>
    protected virtual Task Before(ScenarioRun run) => Task.CompletedTask;

    /// <summary>Begins to mend what happened before.</summary>
    protected virtual void Mend(ScenarioRun run)
    {
    }

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        await Before(run);
        run.StruckAt = BootClock.Nanoseconds;
        await cluster.Operator.Hactl("delete", "group", Manifest.Group, "--yes", Manifest.Group);
        run.Measure("hactl took", TimeSpan.FromTicks((BootClock.Nanoseconds - run.StruckAt) / 100));
        var returned = BootClock.Nanoseconds;
        if (await cluster.Operator.Knows(Manifest.Group))
            run.Break("hactl has returned, and the group is still there");
        foreach (var host in cluster.Observers.Hosts)
        {
            // The kernel takes an address whose owner is dead away up to 2 s after the gate has shut (rule W3).
            await Eventually.Until($"{host.Host.Name} has nothing of the group", cluster.Profile.Takeover, () =>
                !host.Addresses.Has(Topology.Vip4) && !host.Addresses.Has(Topology.Vip6) && host.Programs.Alive.Count == 0);
            if (host.Gate.Intervals(Topology.Vip4).Any(i => i.To > returned))
                run.Break($"the group is gone, and the gate of {host.Host.Name} is open");
            if (host.Programs.Lives.FirstOrDefault(l => l.EndedAt > returned) is { } late)
                run.Break($"the group is gone, and a program of it lives on {host.Host.Name}: {late}");
        }
        var gone = cluster.Observers.Of(run.Owner.Host.Name).Addresses.Intervals(Topology.Vip4).Max(i => i.To);
        if (cluster.Observers.Announcements.Seen.Any(a => a.At > gone))
            run.Break("an address was announced that is on no host any more");
    }

    protected override async Task Heal(LabCluster cluster, ScenarioRun run)
    {
        Mend(run);
        await cluster.Operator.Hactl("apply", "-f", cluster.ManifestFile);
        await cluster.Settled();
        var group = await cluster.Operator.Group(Manifest.Group);
        if (group.Epoch <= run.Epoch)
            run.Break($"the group that was registered again has epoch {group.Epoch}; before it was deleted it had {run.Epoch}");
    }
}

/// <summary>The same, when the owner's agent is dead: its lease ends everything there, and the group waits for that.</summary>
internal sealed class GroupDeletedWithoutAgent : GroupDeleted
{
    public override string Name => "delete-agent-killed";

    public override string Summary => "kill -9 of the owner's agent, then hactl delete group";

    protected override async Task Before(ScenarioRun run) => await run.Owner.Kill();

    protected override void Mend(ScenarioRun run) => run.Owner.Start();
}
