using HaGrpc.Core.Ownership;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Scenarios;

/// <summary>The leader of three control planes is lost, and another one leads: no client and no program may notice (rules S3, F1 to F3).</summary>
internal abstract class LostLeader : ReplicatedNothingMoves
{
    /// <summary>Takes the leader away.</summary>
    /// <returns>When.</returns>
    protected abstract Task<long> Take(ControlPlaneProcess leader);

    /// <summary>Brings it back.</summary>
    protected abstract Task Return(ControlPlaneProcess leader);

    protected sealed override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        (Former, var term) = await cluster.ControlPlanes.Leader();
        run.StruckAt = await Take(Former);
        if (await MeasureSuccession(cluster, run, term, run.StruckAt) == Former)
            run.Break($"{Former.Host.Name} leads again instead of another one");
        // The last renewal was an interval before the strike, or a little more. Whoever is sooner has looked at what he can see only because
        // the lab is one machine.
        if (Leaderless < LeadershipTerms.Default.Patience - (2 * LeadershipTerms.Default.Interval))
            run.Break($"another one led after {Leaderless.TotalMilliseconds:0} ms: nobody on another machine may take the row so soon");
        if (Leaderless > cluster.Profile.Timing.Ttl)
            await Eventually.Until("the history says that the backup vouched for the owner", TimeSpan.FromSeconds(30), async () =>
                (await cluster.Operator.Events(History.Last)).Any(e => e.Kind == "LeaseVouched"));
    }

    protected sealed override Task Restore(LabCluster cluster, ScenarioRun run) => Return(Former);

    private ControlPlaneProcess Former { get; set; } = null!;
}

/// <summary>kill -9 of the leader, which is alone on its host.</summary>
internal sealed class LeaderKilled : LostLeader
{
    public override string Name => "leader-kill";

    public override string Summary => "kill -9 of the leading one of three control planes, away for three leases";

    protected override Task<long> Take(ControlPlaneProcess leader) => leader.Kill();

    protected override Task Return(ControlPlaneProcess leader)
    {
        leader.Start();
        return Task.CompletedTask;
    }
}

/// <summary>The leader's cable is pulled: it lives and tries, and the database still holds its row.</summary>
internal sealed class LeaderLinkCut : LostLeader
{
    public override string Name => "leader-link-cut";

    public override string Summary => "the leading control plane's link loses carrier";

    protected override async Task<long> Take(ControlPlaneProcess leader)
    {
        var at = Linux.BootClock.Nanoseconds;
        await Topology.CutLink(leader.Host);
        return at;
    }

    protected override Task Return(ControlPlaneProcess leader) => Topology.RestoreLink(leader.Host);
}

/// <summary>The leader is stopped beyond its term and goes on as if nothing had been.</summary>
internal sealed class LeaderStopped : LostLeader
{
    public override string Name => "leader-stop";

    public override string Summary => "SIGSTOP of the leading control plane beyond its term, then SIGCONT";

    protected override Task<long> Take(ControlPlaneProcess leader) => Task.FromResult(leader.Process.Signal(Libc.SigStop));

    protected override Task Return(ControlPlaneProcess leader)
    {
        leader.Process.Signal(Libc.SigCont);
        return Task.CompletedTask;
    }
}
