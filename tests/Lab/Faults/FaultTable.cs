using System.Globalization;
using System.Text;

namespace HaGrpc.Lab.Faults;

/// <summary>Results as Markdown.</summary>
internal static class FaultTable
{
    public static string Of((string Profile, IReadOnlyList<FaultResult> Results) report)
    {
        var text = new StringBuilder();
        var singles = report.Results.Where(r => r.Faults.Count == 1).OrderBy(Rank).ToList();
        var pairs = report.Results.Where(r => r.Faults.Count == 2).OrderBy(Rank).ToList();
        var broken = report.Results.Where(r => r.Broken.Count > 0).ToList();
        var margins = report.Results.Select(r => r.MarginMilliseconds).OfType<double>().ToList();
        Line($"Profile {report.Profile}: {singles.Count} single faults, {pairs.Count} pairs, {broken.Count} broken.");
        if (margins.Count > 0)
            Line($"Smallest margin between two owners: {margins.Min():0} ms, in {margins.Count} runs in which the owner changed.");
        if (broken.Count > 0)
        {
            Line($"\n## Broken\n");
            foreach (var result in broken)
                Line($"- {result.Name} (seed {result.Seed}): {string.Join("; ", result.Broken)}. Expected: {result.Expected}.");
        }
        if (singles.Count > 0)
            Rows("Single faults", singles);
        var told = singles.Where(r => r.Why.Length > 0).ToList();
        if (told.Count > 0)
        {
            Line($"\n## What `hactl why` says after a single fault\n");
            Line($"| struck | answer |");
            Line($"|---|---|");
            foreach (var r in told)
                Line($"| {r.Name} | {r.Why} |");
        }
        if (pairs.Count > 0)
            Rows("Pairs, in the order in which they were struck", pairs);
        return text.ToString();

        void Rows(string title, List<FaultResult> results)
        {
            Line($"\n## {title}\n");
            Line($"| struck | gap, ms | expected | changes of owner | outage, ms | after healing, ms | margin, ms | |");
            Line($"|---|---:|---|---:|---:|---:|---:|---|");
            foreach (var r in results)
                Line($"| {r.Name} | {r.GapMilliseconds:0} | {r.Expected} | {r.Moves} | {r.OutageMilliseconds:0} | {r.HealedMilliseconds:0} | {r.MarginMilliseconds:0} | {(r.Broken.Count == 0 ? "ok" : "**BROKEN**")} |");
        }

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    /// <summary>As in the catalogues.</summary>
    private static int Rank(FaultResult result)
    {
        var names = FaultCatalogue.All.Concat(ReplicatedFaults.All).Select(f => f.Name).Distinct().ToList();
        return result.Faults.Aggregate(0, (rank, name) => (rank * names.Count) + names.IndexOf(name));
    }
}
