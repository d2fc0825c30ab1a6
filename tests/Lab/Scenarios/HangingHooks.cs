using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Scenarios;

/// <summary>Hooks that never end, on both hosts: nothing waits for them.</summary>
internal static class HangingHooks
{
    /// <summary>Called first when an owner gives the group up.</summary>
    public const string Leaving = "leaving";

    private const string Set = "    programs:\n";

    private const string Hooks = """
            hooks:
              - {name: leaving, events: demote, phase: before, command: [/bin/sleep, "3600"], timeout: 1h}
              - {name: always, events: [promote, demote, fault, stop], command: [/bin/sleep, "3600"], timeout: 1h}

        """;

    public static async Task Add(LabCluster cluster)
    {
        var without = await File.ReadAllTextAsync(cluster.ManifestFile);
        if (!without.Contains(Hooks, StringComparison.Ordinal))
            await cluster.Operator.Apply(cluster.ManifestFile, without.Replace(Set, Hooks + Set, StringComparison.Ordinal));
    }
}

/// <summary>A planned change of owner with hooks that hang.</summary>
internal sealed class HangingHookSwitchover : PlannedMove
{
    public override string Name => "hanging-hook-switchover";

    public override string Summary => "hactl switchover while every hook hangs";

    protected override string[] Order(ScenarioRun run) => ["switchover", Manifest.Group, "--to", run.Other.Host.Name, "--yes", Manifest.Group];

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        await HangingHooks.Add(cluster);
        var last = await cluster.Operator.LastEvent();
        await base.Act(cluster, run);
        await Eventually.Until("the history shows the hook that was cut off", TimeSpan.FromSeconds(30), async () =>
            (await cluster.Operator.Events(last)).Any(e => e.Kind == "HookCutOff" && e.Message.Contains(HangingHooks.Leaving, StringComparison.Ordinal)));
    }
}

/// <summary>The owner is cut off while its hooks hang.</summary>
internal sealed class HangingHookCut : LostOwner
{
    public override string Name => "hanging-hook-cut";

    public override string Summary => "the owner's link loses carrier while every hook hangs";

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        await HangingHooks.Add(cluster);
        await base.Act(cluster, run);
    }

    protected override Task Strike(LabCluster cluster, ScenarioRun run) => Topology.CutLink(run.Owner.Host);

    protected override Task Heal(LabCluster cluster, ScenarioRun run) => Topology.RestoreLink(run.Owner.Host);
}
