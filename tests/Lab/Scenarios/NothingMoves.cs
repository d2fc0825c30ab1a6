using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>A fault that no client and no program may notice.</summary>
internal abstract class NothingMoves : Scenario
{
    protected abstract Task Strike(LabCluster cluster, ScenarioRun run);

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = BootClock.Nanoseconds;
        await Strike(cluster, run);
        // Whatever a lost lease would do has happened by then.
        var end = BootClock.Nanoseconds + (long)(3 * (cluster.Profile.Timing.Ttl + cluster.Profile.Timing.TakeoverMargin)).TotalNanoseconds;
        await Eventually.Until("three lease lengths have passed", cluster.Profile.Takeover + TimeSpan.FromMinutes(1), () => BootClock.Nanoseconds > end);
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

    public override string DefaultProfile => "calm";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = await cluster.ControlPlane.Kill();
        cluster.ControlPlane.Start();
        await Eventually.Until("the control plane answers again", TimeSpan.FromSeconds(30), cluster.Operator.Answers);
        run.Measure("control plane answers again, after", TimeSpan.FromTicks((BootClock.Nanoseconds - run.StruckAt) / 100));
    }
}
