using HaGrpc.Lab.Cluster;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>Somebody restores a backup of the database from before the last change of owner (rule S4): the agents know better, the owner
/// stays, and no epoch comes twice.</summary>
internal sealed class OlderDatabase : Scenario
{
    /// <summary>Epochs that are given after a restore are above this (docs/adr/0017).</summary>
    private const long AboveAll = 1_000_000;

    public override string Name => "older-database";

    public override string Summary => "a backup of the database from before the last move is restored";

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        var backup = Path.Combine(cluster.Topology.Root, "backup");
        await cluster.ControlPlane.Kill();
        Copy(cluster.Topology.Plane.Directory, backup);
        cluster.ControlPlane.Start();
        await cluster.Settled();
        await cluster.Operator.Hactl("switchover", Manifest.Group, "--to", run.Other.Host.Name, "--yes", Manifest.Group);
        await cluster.Settled();
        var programs = Programs(cluster, run);

        run.StruckAt = await cluster.ControlPlane.Kill();
        Copy(backup, cluster.Topology.Plane.Directory);
        cluster.ControlPlane.Start();
        await cluster.Settled();
        run.Measure("whole again, after", TimeSpan.FromTicks((BootClock.Nanoseconds - run.StruckAt) / 100));
        run.RequireNoFailedProbe(run.StruckAt, "though the owner had no reason to stop");
        if (!Programs(cluster, run).SetEquals(programs))
            run.Break("programs were restarted");
        var group = await cluster.Operator.Group(Manifest.Group);
        if (group.Owner != run.Other.Host.Name || group.Epoch < AboveAll)
            run.Break($"owner {group.Owner}, epoch {group.Epoch}: {group.LastReason}");
        var events = await cluster.Operator.Events(0);
        if (!events.Any(e => e.Kind == "OlderDatabaseFound"))
            run.Break("the history does not say that an older database was found");
    }

    private static HashSet<int> Programs(LabCluster cluster, ScenarioRun run) =>
        [.. cluster.Observers.Of(run.Other.Host.Name).Programs.Alive.Select(life => life.Pid)];

    /// <summary>The database as its process has left it: the file, and what is not in the file yet.</summary>
    private static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var old in Directory.EnumerateFiles(to, "controlplane.db*"))
            File.Delete(old);
        foreach (var file in Directory.EnumerateFiles(from, "controlplane.db*"))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
    }
}
