using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>A fault that no client and no program may notice.</summary>
internal abstract class NothingMoves : Scenario
{
    protected abstract Task Strike(LabCluster cluster, ScenarioRun run);

    /// <summary>After three lease lengths of it.</summary>
    protected virtual Task Restore(LabCluster cluster, ScenarioRun run) => Task.CompletedTask;

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = BootClock.Nanoseconds;
        await Strike(cluster, run);
        // Whatever a lost lease would do has happened by then.
        var end = BootClock.Nanoseconds + (long)(3 * (cluster.Profile.Timing.Ttl + cluster.Profile.Timing.TakeoverMargin)).TotalNanoseconds;
        await Eventually.Until("three lease lengths have passed", cluster.Profile.Takeover + TimeSpan.FromMinutes(1), () => BootClock.Nanoseconds > end);
        await Restore(cluster, run);
        await cluster.Settled();
        run.MeasureOutage();
        run.RequireNoFailedProbe(run.Began, "though nothing should have been noticed");
        await run.RequireNothingMoved();
    }
}

/// <summary>kill -9 of the owner's agent, restarted at once as systemd would.</summary>
internal sealed class AgentRestarted : NothingMoves
{
    public override string Name => "agent-kill-restart";

    public override string Summary => "kill -9 of the owner's agent, restarted at once";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = await run.Owner.Kill();
        run.Owner.Start();
    }
}

/// <summary>kill -9 of the backup's agent, restarted at once.</summary>
internal sealed class BackupRestarted : NothingMoves
{
    public override string Name => "backup-kill-restart";

    public override string Summary => "kill -9 of the backup's agent, restarted at once";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = await run.Other.Kill();
        run.Other.Start();
    }
}

/// <summary>kill -9 of the control plane, restarted at once.</summary>
internal sealed class ControlPlaneRestarted : NothingMoves
{
    public override string Name => "plane-kill-restart";

    public override string Summary => "kill -9 of the control plane, restarted at once";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = await cluster.ControlPlane.Kill();
        cluster.ControlPlane.Start();
        await Eventually.Until("the control plane answers again", TimeSpan.FromSeconds(30), cluster.Operator.Answers);
        run.Measure("control plane answers again, after", TimeSpan.FromTicks((BootClock.Nanoseconds - run.StruckAt) / 100));
    }
}

/// <summary>kill -9 of the control plane, which stays away for three lease lengths (rules F1 to F3).</summary>
internal sealed class ControlPlaneLost : NothingMoves
{
    public override string Name => "plane-loss";

    public override string Summary => "kill -9 of the control plane, away for three leases";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run) => run.StruckAt = await cluster.ControlPlane.Kill();

    protected override Task Restore(LabCluster cluster, ScenarioRun run)
    {
        cluster.ControlPlane.Start();
        return Task.CompletedTask;
    }
}

/// <summary>The control plane does not hear the owner, but the backup does, and vouches for it (rule F4).</summary>
internal sealed class OwnerCutFromPlane : NothingMoves
{
    public override string Name => "owner-plane-cut";

    public override string Summary => "no traffic between the owner and the control plane";

    protected override Task Strike(LabCluster cluster, ScenarioRun run) =>
        Task.WhenAll(cluster.Topology.Planes.Select(plane => Topology.CutBetween(run.Owner.Host, plane)));

    protected override Task Restore(LabCluster cluster, ScenarioRun run) =>
        Task.WhenAll(cluster.Topology.Planes.Select(plane => Topology.EndCutBetween(run.Owner.Host, plane)));
}

/// <summary>The backup does not reach the control plane.</summary>
internal sealed class BackupCutFromPlane : NothingMoves
{
    public override string Name => "backup-plane-cut";

    public override string Summary => "no traffic between the backup and the control plane";

    protected override Task Strike(LabCluster cluster, ScenarioRun run) =>
        Task.WhenAll(cluster.Topology.Planes.Select(plane => Topology.CutBetween(run.Other.Host, plane)));

    protected override Task Restore(LabCluster cluster, ScenarioRun run) =>
        Task.WhenAll(cluster.Topology.Planes.Select(plane => Topology.EndCutBetween(run.Other.Host, plane)));
}

/// <summary>Owner and backup do not reach each other; the control plane reaches both.</summary>
internal sealed class PeersCut : NothingMoves
{
    public override string Name => "peer-cut";

    public override string Summary => "no traffic between owner and backup";

    protected override Task Strike(LabCluster cluster, ScenarioRun run) => Topology.CutBetween(run.Owner.Host, run.Other.Host);

    protected override Task Restore(LabCluster cluster, ScenarioRun run) => Topology.EndCutBetween(run.Owner.Host, run.Other.Host);
}

/// <summary>The backup's cable is pulled.</summary>
internal sealed class BackupLost : NothingMoves
{
    public override string Name => "backup-link-cut";

    public override string Summary => "the backup's link loses carrier";

    protected override Task Strike(LabCluster cluster, ScenarioRun run) => Topology.CutLink(run.Other.Host);

    protected override Task Restore(LabCluster cluster, ScenarioRun run) => Topology.RestoreLink(run.Other.Host);
}
