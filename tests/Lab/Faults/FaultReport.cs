using System.Text.Json;

namespace HaGrpc.Lab.Faults;

/// <summary>Results as a file: the same form as the scenarios' report, so that whoever reads one reads the other, and the whole result.</summary>
internal static class FaultReport
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public static Task Write(string file, string profile, IEnumerable<FaultResult> results) => File.WriteAllTextAsync(file, JsonSerializer.Serialize(
        results.Select(r => new Entry(r.Name, profile, r.Broken.Count == 0, [new(Measures(r), r.Broken)], r)), Json));

    /// <summary>The results of several files, and the profile that they were run under.</summary>
    /// <exception cref="ArgumentException">There are none.</exception>
    public static (string Profile, IReadOnlyList<FaultResult> Results) Read(IEnumerable<string> files)
    {
        var entries = files.SelectMany(file => JsonSerializer.Deserialize<Entry[]>(File.ReadAllText(file)) ?? []).ToList();
        return entries.Count > 0
            ? (string.Join(", ", entries.Select(e => e.profile).Distinct()), [.. entries.Select(e => e.result)])
            : throw new ArgumentException("the reports hold no result");
    }

    private static Dictionary<string, double> Measures(FaultResult result)
    {
        Dictionary<string, double> measures = new()
        {
            ["changes of owner"] = result.Moves,
            ["client's outage, ms"] = result.OutageMilliseconds,
            ["answered after the healing, ms"] = result.HealedMilliseconds,
        };
        if (result.MarginMilliseconds is { } margin)
            measures["margin: old owner's last act to new owner's first, ms"] = margin;
        return measures;
    }

#pragma warning disable IDE1006, SA1300 // Names as they stand in the file.
    private sealed record Entry(string scenario, string profile, bool passed, IReadOnlyList<EntryRun> runs, FaultResult result);

    private sealed record EntryRun(IReadOnlyDictionary<string, double> measures, IReadOnlyList<string> broken);
#pragma warning restore IDE1006, SA1300
}
