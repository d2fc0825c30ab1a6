using HaGrpc.Lab.Reporting;

namespace HaGrpc.Lab.Comparison;

/// <summary>A column: a system with a configuration.</summary>
internal sealed record Column(string Name, bool Partly, Func<Task<IPair>> Start);

/// <summary>Runs every fault on every pair, one after the other, and makes the page's tables.</summary>
internal static class Contest
{
    private static readonly IReadOnlyList<Column> Columns =
    [
        new("keepalived as usual", false, async () => await KeepalivedPair.Start("usual.conf")),
        new("keepalived tuned", false, async () => await KeepalivedPair.Start("tuned.conf")),
        new("HaGrpc default", false, async () => await HaGrpcPair.Start("default")),
        new("HaGrpc fast", true, async () => await HaGrpcPair.Start("fast")),
    ];

    public static async Task<IReadOnlyList<ScenarioReport>> Run(IReadOnlyList<string> names, int runs, string? page)
    {
        var faults = names.Count == 0 ? ComparedFault.All : [.. names.Select(ComparedFault.Find)];
        List<ScenarioReport> reports = [];
        List<(string Column, string Host, long Kilobytes)> memory = [];
        foreach (var column in Columns)
        {
            await using var pair = await column.Start();
            var owner = await pair.Ready();
            foreach (var host in new[] { owner, owner == pair.Topology.A ? pair.Topology.B : pair.Topology.A, pair.Topology.Plane })
                memory.Add((column.Name, host == owner ? "owner" : host == pair.Topology.Plane ? "third host" : "backup", Footprint.Kilobytes(host)));
            foreach (var fault in faults.Where(f => f.Fast || !column.Partly))
            {
                List<RunReport> done = [];
                while (done.Count < runs)
                    done.Add(await Match.Run(pair, fault));
                reports.Add(new(fault.Name, column.Name, done));
                Console.WriteLine(reports[^1].Table());
            }
        }
        if (page is not null)
            await File.WriteAllTextAsync(page, ContestPage.Tables([.. Columns.Select(c => c.Name)], faults, reports, memory));
        return reports;
    }

    /// <summary>Whether keepalived's pair comes up at all: A answers, B stands by, nothing doubled.</summary>
    public static async Task<ScenarioReport> ComesUp()
    {
        await using var pair = await KeepalivedPair.Start("tuned.conf");
        var owner = await pair.Ready();
        List<string> broken = [];
        var strangers = pair.Observers.Hosts.Where(h => h.Host != owner).SelectMany(h => h.Programs.Alive).Count();
        if (strangers > 0)
            broken.Add($"{strangers} programs run on the host that stands by");
        if (pair.Observers.B.Addresses.Has(World.Topology.Vip4) || !pair.Observers.A.Addresses.Has(World.Topology.Vip4))
            broken.Add("not A alone has the address");
        return new("keepalived-itself", "tuned", [new(new Dictionary<string, double>(), broken)]);
    }
}
