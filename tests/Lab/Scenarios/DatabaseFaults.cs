using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>The primary is stopped for three lease lengths, nobody promotes the standby, and it comes back.</summary>
internal sealed class DatabaseStopped : ReplicatedNothingMoves
{
    private long _term;

    public override string Name => "database-stop";

    public override string Summary => "immediate stop of the database's primary, away for three leases";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        (_, _term) = await cluster.ControlPlanes.Leader();
        run.StruckAt = await cluster.SharedDatabases.Primary.StopImmediately();
    }

    protected override async Task Restore(LabCluster cluster, ScenarioRun run)
    {
        var asked = BootClock.Nanoseconds;
        await cluster.SharedDatabases.Primary.Start();
        var started = BootClock.Nanoseconds;
        run.Measure("the primary accepts connections again, after its start", TimeSpan.FromTicks((started - asked) / 100));
        // Three leases are longer than the leadership's row: whoever led has stopped by himself.
        await MeasureSuccession(cluster, run, _term, started);
    }
}

/// <summary>The primary is killed and its standby promoted: service and history go on (rule S4). Then a new standby is made of the former primary.</summary>
internal sealed class PrimaryPromoted : ReplicatedNothingMoves
{
    public override string Name => "primary-promotion";

    public override string Summary => "kill -9 of the database's primary, its standby is promoted";

    protected override async Task Strike(LabCluster cluster, ScenarioRun run)
    {
        var (_, term) = await cluster.ControlPlanes.Leader();
        run.StruckAt = await cluster.SharedDatabases.Primary.Kill();
        await cluster.SharedDatabases.PromoteStandby();
        run.Measure("the standby is promoted, after", TimeSpan.FromTicks((BootClock.Nanoseconds - run.StruckAt) / 100));
        // In another database than it was taken in the row is taken anew, also by whoever led.
        await MeasureSuccession(cluster, run, term, run.StruckAt);
        await Eventually.Until("the history says that the database is another one", TimeSpan.FromSeconds(30), async () =>
            (await cluster.Operator.Events(History.Last)).Any(e => e.Kind == "DatabaseChanged"));
    }

    protected override async Task Restore(LabCluster cluster, ScenarioRun run)
    {
        var begun = BootClock.Nanoseconds;
        await cluster.SharedDatabases.AddStandby();
        run.Measure("a new standby is synchronous, after its copy began", TimeSpan.FromTicks((BootClock.Nanoseconds - begun) / 100));
    }
}
