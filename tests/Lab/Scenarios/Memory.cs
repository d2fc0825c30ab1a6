using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>What the agent and its shims take while ten programs idle.</summary>
internal sealed class Memory : Scenario
{
    public override string Name => "memory";

    public override string Summary => "agent's resident set and shims' private memory, ten programs idle";

    public override int ExtraPrograms => 5;

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        var end = BootClock.Nanoseconds + 5_000_000_000;
        await Eventually.Until("five seconds of heartbeats have passed", TimeSpan.FromSeconds(60), () => BootClock.Nanoseconds > end);
        run.Measure("agent of the owner: resident, MiB", run.Owner.Process.ResidentKilobytes() / 1024.0);
        run.Measure("agent of the backup: resident, MiB", run.Other.Process.ResidentKilobytes() / 1024.0);
        var mine = ProcFile.Named("ha-shim").Where(pid => ProcFile.Namespace(pid, "net") == run.Owner.Host.NetworkNamespace).ToList();
        if (mine.Count < 10)
            run.Break($"only {mine.Count} shims run for ten programs");
        var memory = mine.Select(pid => ProcFile.Kilobytes(pid, "smaps_rollup", "Private_Clean:", "Private_Dirty:") / 1024.0).Order().ToList();
        if (memory.Count == 0)
            return;
        run.Measure("shims", memory.Count);
        run.Measure("shim: private, MiB (median of shims)", memory[memory.Count / 2]);
        run.Measure("shim: private, MiB (largest)", memory[^1]);
    }
}
