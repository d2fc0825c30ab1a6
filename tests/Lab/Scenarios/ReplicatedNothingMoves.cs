using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>A fault of control planes or their database that no client, no program and no reader of the history may notice.</summary>
internal abstract class ReplicatedNothingMoves : NothingMoves
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    public override int Replicas => 3;

    /// <summary>How long it took until somebody led again.</summary>
    protected TimeSpan Leaderless { get; private set; }

    /// <summary>What stood in it before the act.</summary>
    protected HistoryAudit History { get; private set; } = new([]);

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        History = new(await cluster.Operator.Events(0));
        await base.Act(cluster, run);
        await CheckHistory(cluster, run, History);
    }

    /// <summary>Waits until somebody leads under a later term, and until hactl has got an answer that only a leader gives.</summary>
    /// <param name="cluster">The lab.</param>
    /// <param name="run">Gets the measures.</param>
    /// <param name="term">The former one.</param>
    /// <param name="since">From when it is counted; CLOCK_BOOTTIME, ns.</param>
    /// <returns>Who leads.</returns>
    protected async Task<ControlPlaneProcess> MeasureSuccession(LabCluster cluster, ScenarioRun run, long term, long since)
    {
        var answered = AskByHactl(cluster);
        var (next, _) = await cluster.ControlPlanes.LeaderAfter(term, Limit);
        Leaderless = Since(since, BootClock.Nanoseconds);
        run.Measure("a control plane leads, after", Leaderless);
        run.Measure("hactl apply is answered, after", Since(since, await answered));
        return next;
    }

    /// <summary>Checks what the history owes after the fault.</summary>
    public static async Task CheckHistory(LabCluster cluster, ScenarioRun run, HistoryAudit history)
    {
        var group = await cluster.Operator.Group(Manifest.Group);
        foreach (var breach in history.Check(Manifest.Group, run.Epoch, group.Epoch, await cluster.Operator.Events(0)))
            run.Break(breach);
    }

    /// <summary>Asks again and again, as an operator would: hactl itself gives up after some seconds without a leader.</summary>
    private static async Task<long> AskByHactl(LabCluster cluster)
    {
        await World.Eventually.Until("hactl apply is answered", Limit, () => cluster.Operator.TryHactl("apply", "--dry-run", "-f", cluster.ManifestFile));
        return BootClock.Nanoseconds;
    }

    private static TimeSpan Since(long from, long to) => TimeSpan.FromTicks((to - from) / 100);
}
