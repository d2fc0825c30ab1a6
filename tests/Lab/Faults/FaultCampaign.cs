using System.Globalization;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Faults;

/// <summary>Strikes one fault or pair after the other on one cluster, which is built anew only when it did not become whole again.</summary>
internal static class FaultCampaign
{
    /// <summary>Runs all that the options name; 0 when everything was as it had to be.</summary>
    public static async Task<int> Run(Profile profile, FaultOptions options, string? jsonFile)
    {
        var seed = options.Seed ?? (int)(BootClock.Nanoseconds & int.MaxValue);
        var runs = options.Runs(seed);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"faults: {runs.Count} runs, profile {profile.Name}, seed {seed}, part {options.Part} of {options.Parts}"));
        List<FaultResult> results = [];
        LabCluster? cluster = null;
        try
        {
            foreach (var kinds in runs)
            {
                cluster ??= await LabCluster.Start(profile, wallClocks: options.Replicas == 1, replicas: options.Replicas);
                var run = await FaultRun.Of(cluster, kinds, SeedOf(seed, kinds));
                results.Add(run.Result);
                Console.WriteLine($"{results.Count.ToString(CultureInfo.InvariantCulture),4} {run.Result.Line()}");
                if (run.Result.Broken.Count > 0 && options.Keep is { } keep)
                    await Save(cluster, run, Path.Combine(keep, $"{run.Result.Name.Replace(" ", "", StringComparison.Ordinal)}-{run.Result.Seed}"));
                if (jsonFile is not null)
                    await FaultReport.Write(jsonFile, profile.Name, results);
                if (!run.IsWhole)
                {
                    await Clear(cluster);
                    cluster = null;
                }
            }
        }
        finally
        {
            if (cluster is not null)
                await cluster.DisposeAsync();
        }
        Console.WriteLine();
        Console.Write(FaultTable.Of((profile.Name, results)));
        return results.Count > 0 && results.All(r => r.Broken.Count == 0) ? 0 : 1;
    }

    /// <summary>The same for the same faults, whatever else is run (FNV-1a).</summary>
    private static int SeedOf(int seed, IReadOnlyList<FaultKind> kinds) => string.Join('+', kinds.Select(k => k.Name))
        .Aggregate((int)(seed ^ 2166136261), (hash, c) => unchecked((hash ^ c) * 16777619)) & int.MaxValue;

    /// <summary>Keeps what would vanish with the lab: every host's logs, and all instants.</summary>
    private static async Task Save(LabCluster cluster, FaultRun run, string directory)
    {
        foreach (var host in cluster.Topology.All)
        {
            var to = Path.Combine(directory, host.Name);
            Directory.CreateDirectory(to);
            foreach (var file in Directory.EnumerateFiles(host.Directory).Where(f => Path.GetExtension(f) is ".log" or ".json"))
                File.Copy(file, Path.Combine(to, Path.GetFileName(file)), overwrite: true);
        }
        await File.WriteAllLinesAsync(Path.Combine(directory, "timeline.txt"), [run.Result.Line(), .. run.Timeline()]);
        if (run.IsWhole)
        {
            var events = await cluster.Operator.Events(0);
            await File.WriteAllLinesAsync(Path.Combine(directory, "events.txt"), events.Select(e => e.ToString()));
        }
    }

    /// <summary>Takes a lab down that is of no use any more, with what outlives its agents.</summary>
    public static async Task Clear(LabCluster cluster)
    {
        var root = cluster.Topology.Root;
        await cluster.DisposeAsync();
        foreach (var pid in new[] { "ha-shim", "lab-program" }.SelectMany(ProcFile.Named))
            _ = Libc.Kill(pid, Libc.SigKill);
        await Eventually.Until("nothing of the former lab runs", TimeSpan.FromSeconds(60),
            () => !new[] { "ha-shim", "lab-program" }.SelectMany(ProcFile.Named).Any());
        Directory.Delete(root, recursive: true);
        Directory.CreateDirectory(root);
    }
}
