using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Kernel;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>An operator moves the group.</summary>
internal abstract class PlannedMove : Scenario
{
    /// <summary>What the operator types.</summary>
    protected abstract string[] Order(ScenarioRun run);

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = BootClock.Nanoseconds;
        await cluster.Operator.Hactl(Order(run));
        run.Measure("hactl took", TimeSpan.FromTicks((BootClock.Nanoseconds - run.StruckAt) / 100));
        await cluster.Prober.Answered(BootClock.Nanoseconds, run.Other.Host.Name, cluster.Profile.Takeover);
        await run.RequireMoved();
        var outage = run.MeasureOutage();
        if (OwnTime(cluster, run) is { } own)
        {
            run.Measure("programs' own stop and start", own);
            run.Measure("client's outage beyond the programs' own time", outage - own);
        }
        run.MeasureTakeover();
    }

    protected override void CheckHealed(LabCluster cluster, ScenarioRun run)
    {
        run.RequireNoFailedProbe(run.ServedAt, $"after the {Name}");
        run.RequireStartedOnce();
    }

    /// <summary>From the first program's end to the last one's on the old owner, and from the first start to http serving on the new.</summary>
    private static TimeSpan? OwnTime(LabCluster cluster, ScenarioRun run)
    {
        var ended = cluster.Observers.Of(run.Owner.Host.Name).Programs.Lives.Select(l => l.EndedAt)
            .Where(at => at > run.StruckAt && at <= BootClock.Nanoseconds).ToList();
        var begun = cluster.Observers.Of(run.Other.Host.Name).Programs.Lives.Where(l => l.StartedAt > run.StruckAt).ToList();
        var http = begun.FirstOrDefault(l => l.Role == "http" && l.ReadyAt > 0);
        return ended.Count == 0 || http is null
            ? null
            : TimeSpan.FromTicks((ended.Max() - ended.Min() + http.ReadyAt - begun.Min(l => l.StartedAt)) / 100);
    }
}

/// <summary>The group is moved to a host that the operator names.</summary>
internal sealed class Switchover : PlannedMove
{
    public override string Name => "switchover";

    public override string Summary => "hactl switchover to the other host";

    protected override string[] Order(ScenarioRun run) => ["switchover", Manifest.Group, "--to", run.Other.Host.Name, "--yes", Manifest.Group];
}

/// <summary>The owner's host is emptied, and may own groups again afterwards.</summary>
internal sealed class Drain : PlannedMove
{
    public override string Name => "drain";

    public override string Summary => "hactl drain of the owner's host";

    protected override string[] Order(ScenarioRun run) => ["drain", run.Owner.Host.Name, "--reason", "new kernel"];

    protected override Task Heal(LabCluster cluster, ScenarioRun run) => cluster.Operator.Hactl("undrain", run.Owner.Host.Name);
}

/// <summary>The owner's agent is asked to end, as by systemctl stop: it hands over instead of leaving clients waiting.</summary>
internal sealed class AgentTerminated : LostOwner
{
    public override string Name => "agent-stop";

    public override string Summary => "SIGTERM of the owner's agent: a clean stop";

    protected override Task Strike(LabCluster cluster, ScenarioRun run)
    {
        run.StruckAt = run.Owner.Process.Signal(Libc.SigTerm);
        return Task.CompletedTask;
    }

    protected override async Task Heal(LabCluster cluster, ScenarioRun run)
    {
        await run.Owner.Process.WaitForExit(TimeSpan.FromSeconds(60));
        run.Owner.Start();
    }
}
