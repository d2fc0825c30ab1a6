using System.Globalization;
using System.Text;
using System.Text.Json;

namespace HaGrpc.Lab.Reporting;

/// <summary>One run: what was measured (name with unit, value) and what was not as promised.</summary>
internal sealed record RunReport(IReadOnlyDictionary<string, double> Measures, IReadOnlyList<string> Broken);

/// <summary>All runs of a scenario.</summary>
internal sealed record ScenarioReport(string Scenario, string Profile, IReadOnlyList<RunReport> Runs)
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    public bool Passed => Runs.Count > 0 && Runs.All(r => r.Broken.Count == 0);

    /// <summary>By measure, in the order in which they were first seen.</summary>
    public IReadOnlyList<(string Measure, Distribution Distribution)> Distributions =>
        [.. Runs.SelectMany(r => r.Measures).GroupBy(m => m.Key).Select(g => (g.Key, Distribution.Of(g.Select(m => m.Value))))];

    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{Scenario}, profile {Profile}, runs: {Runs.Count}{(Passed ? "" : "  FAILED")}");
        text.AppendLine(CultureInfo.InvariantCulture, $"  {"",-52}{"min",10}{"median",10}{"max",10}");
        foreach (var (measure, d) in Distributions)
            text.AppendLine(CultureInfo.InvariantCulture, $"  {measure,-52}{d.Minimum,10:0.0}{d.Median,10:0.0}{d.Maximum,10:0.0}");
        foreach (var (run, index) in Runs.Select((r, i) => (r, i)))
        {
            foreach (var broken in run.Broken)
                text.AppendLine(CultureInfo.InvariantCulture, $"  BROKEN in run {index + 1}: {broken}");
        }
        return text.ToString();
    }

    /// <summary>For machines: every run's values and the distributions.</summary>
    public static string ToJson(IEnumerable<ScenarioReport> reports) => JsonSerializer.Serialize(
        reports.Select(r => new
        {
            scenario = r.Scenario,
            profile = r.Profile,
            passed = r.Passed,
            runs = r.Runs.Select(run => new { measures = run.Measures, broken = run.Broken }),
            distributions = r.Distributions.ToDictionary(
                d => d.Measure, d => new { min = d.Distribution.Minimum, median = d.Distribution.Median, max = d.Distribution.Maximum }),
        }),
        Json);
}
