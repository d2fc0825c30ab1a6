using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>The owner is alive and its lease is renewed, but it has lost its gateway, which is the client here. Its check of the host fails, the other
/// one's does not: the group is given up in order.</summary>
internal sealed class GatewayLost : LostOwner
{
    private const string Set = "    programs:\n";

    private const string Checks = $$"""
            checks:
              - {name: gateway, ping: {{Topology.Prefix4}}.100, interval: 200ms, timeout: 200ms}

        """;

    public override string Name => "gateway-lost";

    public override string Summary => "the owner's gateway, which is the client, answers only the other host";

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        await base.Act(cluster, run);
        var reason = (await cluster.Operator.Group(Manifest.Group)).LastReason;
        if (!reason.StartsWith("check gateway fails there: ", StringComparison.Ordinal))
            run.Break($"the group moved for another reason: {reason}");
    }

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        var without = await File.ReadAllTextAsync(cluster.ManifestFile);
        await cluster.Operator.Apply(cluster.ManifestFile, without.Replace(Set, Checks + Set, StringComparison.Ordinal));
        run.StruckAt = BootClock.Nanoseconds;
        await Topology.CutBetween(run.Owner.Host, cluster.Topology.Client);
    }

    protected override async Task Heal(LabCluster cluster, ScenarioRun run)
    {
        await Topology.EndCutBetween(run.Owner.Host, cluster.Topology.Client);
        var with = await File.ReadAllTextAsync(cluster.ManifestFile);
        await cluster.Operator.Apply(cluster.ManifestFile, with.Replace(Checks, "", StringComparison.Ordinal));
    }
}
