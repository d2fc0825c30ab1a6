using System.Globalization;
using System.Text;
using HaGrpc.Lab.Reporting;

namespace HaGrpc.Bench;

/// <summary>All samples, as a table in Markdown.</summary>
internal sealed class Results
{
    private readonly List<(string Who, string What, string Unit, double Value)> _samples = [];

    public void Add(string who, string what, string unit, double value) => _samples.Add((who, what, unit, value));

    /// <summary>A row per work and supervisor.</summary>
    public string Table()
    {
        var text = new StringBuilder();
        text.AppendLine("| work | supervisor | unit | n | min | median | p99 | max |");
        text.AppendLine("|---|---|---|---:|---:|---:|---:|---:|");
        foreach (var row in _samples.GroupBy(s => (s.What, s.Who, s.Unit)).OrderBy(g => g.Key.What, StringComparer.Ordinal))
        {
            var sorted = row.Select(s => s.Value).Order().ToArray();
            var d = Distribution.Of(sorted);
            var p99 = sorted[(int)Math.Ceiling(sorted.Length * 0.99) - 1];
            text.AppendLine(CultureInfo.InvariantCulture,
                $"| {row.Key.What} | {row.Key.Who} | {row.Key.Unit} | {d.Count} | {d.Minimum:0.00} | {d.Median:0.00} | {p99:0.00} | {d.Maximum:0.00} |");
        }
        return text.ToString();
    }
}
