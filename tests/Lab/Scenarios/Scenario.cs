using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.Reporting;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>A fault or an operator's act, what it has to lead to, and how the lab becomes whole again.</summary>
internal abstract class Scenario
{
    /// <summary>As it is given on the command line.</summary>
    public abstract string Name { get; }

    public abstract string Summary { get; }

    public virtual string DefaultProfile => "default";

    /// <summary>Idle programs beside the five of the set.</summary>
    public virtual int ExtraPrograms => 0;

    /// <summary>How many control planes it wants; more than one share a PostgreSQL.</summary>
    public virtual int Replicas => 1;

    /// <summary>How many control planes it gets.</summary>
    /// <param name="asked">On the command line; null for nothing.</param>
    /// <exception cref="ArgumentException">It needs others than the only one that was asked for.</exception>
    public int Wanted(int? asked) => asked is 1 && Replicas > 1
        ? throw new ArgumentException($"{Name} needs several control planes: --replicas 2 or more", nameof(asked))
        : asked ?? Replicas;

    /// <summary>One run on a settled cluster; measures and what was broken go into the run.</summary>
    protected abstract Task Act(LabCluster cluster, ScenarioRun run);

    /// <summary>Undoes the fault.</summary>
    protected virtual Task Heal(LabCluster cluster, ScenarioRun run) => Task.CompletedTask;

    /// <summary>What must hold once the cluster is whole again, the healing included.</summary>
    protected virtual void CheckHealed(LabCluster cluster, ScenarioRun run)
    {
    }

    public async Task<RunReport> Run(LabCluster cluster)
    {
        var owner = await cluster.Settled();
        var run = new ScenarioRun(cluster, owner, (await cluster.Operator.Group(Manifest.Group)).Epoch);
        foreach (var host in cluster.Observers.Hosts)
            host.Answers.Clear(run.Began);
        try
        {
            // An outage is counted from the last success before it: there has to be one.
            await cluster.Prober.Answered(run.Began, owner.Host.Name, cluster.Profile.Takeover);
            await Act(cluster, run);
            run.ServedAt = BootClock.Nanoseconds;
            await Heal(cluster, run);
            await cluster.Settled();
            CheckHealed(cluster, run);
        }
        catch (TimeoutException failure)
        {
            run.Break(failure.Message);
        }
        var audit = new Auditor(cluster.Observers).Check(run.Began, BootClock.Nanoseconds);
        foreach (var violation in audit.Violations.Take(10))
            run.Break(violation);
        return run.Report();
    }
}
