using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>The owner is lost in one way or another: the other host must serve, and never both.</summary>
internal abstract class LostOwner : Scenario
{
    protected abstract Task Strike(LabCluster cluster, ScenarioRun run);

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = BootClock.Nanoseconds;
        await Strike(cluster, run);
        await cluster.Prober.Answered(run.StruckAt, run.Other.Host.Name, cluster.Profile.Takeover);
        run.MeasureOutage();
        await run.RequireMoved();
        await Eventually.Until("the old owner's gate is shut and its programs are dead", TimeSpan.FromSeconds(30), () =>
            cluster.Observers.Of(run.Owner.Host.Name).Programs.Alive.Count == 0);
        run.MeasureTakeover();
    }

    // A returning host must not disturb the service, nor may the new owner go unnoticed by anybody.
    protected override void CheckHealed(LabCluster cluster, ScenarioRun run)
    {
        run.RequireNoFailedProbe(run.ServedAt, "after the new owner served, during the old one's return");
        run.RequireStartedOnce();
    }
}

/// <summary>The owner's cable is pulled.</summary>
internal sealed class LinkCut : LostOwner
{
    public override string Name => "link-cut";

    public override string Summary => "the owner's link loses carrier";

    protected override Task Strike(LabCluster cluster, ScenarioRun run) => Topology.CutLink(run.Owner.Host);

    protected override Task Heal(LabCluster cluster, ScenarioRun run) => Topology.RestoreLink(run.Owner.Host);
}

/// <summary>Every frame from and to the owner is lost while its carrier stays.</summary>
internal sealed class SilentDrop : LostOwner
{
    public override string Name => "silent-drop";

    public override string Summary => "all traffic of the owner is dropped, carrier stays";

    protected override Task Strike(LabCluster cluster, ScenarioRun run) => Topology.IsolateSilently(run.Owner.Host);

    protected override Task Heal(LabCluster cluster, ScenarioRun run) => Topology.EndSilentIsolation(run.Owner.Host);
}

/// <summary>The owner hears everybody, nobody hears the owner.</summary>
internal sealed class OneWayCut : LostOwner
{
    public override string Name => "one-way-cut";

    public override string Summary => "what the owner sends is dropped, what it is sent arrives";

    protected override Task Strike(LabCluster cluster, ScenarioRun run) => Topology.CutOutgoing(run.Owner.Host);

    protected override Task Heal(LabCluster cluster, ScenarioRun run) => Topology.EndOutgoingCut(run.Owner.Host);
}

/// <summary>kill -9 of the owner's agent; nobody restarts it.</summary>
internal sealed class AgentKilled : LostOwner
{
    public override string Name => "agent-kill";

    public override string Summary => "kill -9 of the owner's agent, not restarted";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run) => run.StruckAt = await run.Owner.Kill();

    protected override Task Heal(LabCluster cluster, ScenarioRun run)
    {
        run.Owner.Start();
        return Task.CompletedTask;
    }
}

/// <summary>The owner's agent is stopped in its tracks and later goes on as if nothing had been.</summary>
internal sealed class AgentFrozen : LostOwner
{
    public override string Name => "agent-freeze";

    public override string Summary => "SIGSTOP of the owner's agent, SIGCONT once the other serves";

    protected override Task Strike(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = run.Owner.Process.Signal(Libc.SigStop);
        return Task.CompletedTask;
    }

    protected override Task Heal(LabCluster cluster, ScenarioRun run)
    {
        run.Owner.Process.Signal(Libc.SigCont);
        return Task.CompletedTask;
    }
}
