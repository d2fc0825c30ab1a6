using HaGrpc.Core.Ownership;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Scenarios;

/// <summary>
/// The owner's cable is pulled and the leading control plane is killed at the same time. The next leader has to see the row unchanged,
/// then to wait for what it may not know (rules S3, C1), and only then promotes.
/// </summary>
internal sealed class OwnerAndLeaderLost : LostOwner
{
    private ControlPlaneProcess _leader = null!;
    private HistoryAudit _history = null!;

    public override string Name => "owner-and-leader-kill";

    public override string Summary => "the owner's link is cut and the leading control plane is killed at once";

    public override int Replicas => 3;

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        _history = new(await cluster.Operator.Events(0));
        await base.Act(cluster, run);
        var outage = Outages.Longest(cluster.Prober.Probes, run.Began, Linux.BootClock.Nanoseconds);
        if (outage > Bound(cluster.Profile))
            run.Break($"the outage is {outage.TotalMilliseconds:0} ms, the bound {Bound(cluster.Profile).TotalMilliseconds:0} ms");
        run.Measure("  bound", Bound(cluster.Profile));
        await ReplicatedNothingMoves.CheckHistory(cluster, run, _history);
    }

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        (_leader, var term) = await cluster.ControlPlanes.Leader();
        run.StruckAt = _leader.Process.Signal(Kernel.Libc.SigKill);
        await Topology.CutLink(run.Owner.Host);
        await cluster.ControlPlanes.LeaderAfter(term, cluster.Profile.Takeover);
        run.Measure("  a control plane leads, after", TimeSpan.FromTicks((Linux.BootClock.Nanoseconds - run.StruckAt) / 100));
    }

    protected override Task Heal(LabCluster cluster, ScenarioRun run)
    {
        _leader.Start();
        return Topology.RestoreLink(run.Owner.Host);
    }

    /// <summary>The challenger's patience and its last look (S3), the wait of a new leader (C1), two heartbeats in which the backup shows
    /// that it is there and asks for its lease (C5, C7), and half a second for the programs and for a busy machine.</summary>
    private static TimeSpan Bound(Profile profile) =>
        LeadershipTerms.Default.Patience + LeadershipTerms.Default.Interval + (profile.Timing.Ttl * 1.01) + profile.Timing.TakeoverMargin
        + (2 * profile.Timing.Heartbeat) + TimeSpan.FromMilliseconds(500);
}
