using System.Globalization;
using System.Text;
using HaGrpc.Lab.Reporting;

namespace HaGrpc.Lab.Comparison;

/// <summary>The tables of docs/comparison.md, from the runs alone.</summary>
internal static class ContestPage
{
    public static string Tables(
        IReadOnlyList<string> columns, IReadOnlyList<ComparedFault> faults, IReadOnlyList<ScenarioReport> reports,
        IReadOnlyList<(string Column, string Host, long Kilobytes)> memory)
    {
        var text = new StringBuilder();
        Table(text, "fault", columns, faults, reports, Faulty);
        text.AppendLine().AppendLine("## After healing, and how often it moved").AppendLine()
            .AppendLine("Each cell: the client's longest outage since the healing began, median (greatest), in seconds / time with two holders since then,")
            .AppendLine("greatest, in seconds / changes of owner from the fault to the end, greatest of all runs.").AppendLine();
        Table(text, "fault", columns, faults, reports, Healed);
        text.AppendLine().AppendLine("## Memory").AppendLine()
            .AppendLine("Proportional set size of all processes except the programs, in MiB, taken once before the faults.").AppendLine()
            .AppendLine($"| | {string.Join(" | ", columns)} |")
            .AppendLine($"|---|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var host in memory.Select(m => m.Host).Distinct())
        {
            var cells = columns.Select(c => memory.Single(m => m.Column == c && m.Host == host).Kilobytes)
                .Select(kilobytes => kilobytes == 0 ? "none" : string.Create(CultureInfo.InvariantCulture, $"{kilobytes / 1024.0:0.0}"));
            text.AppendLine($"| {host} | {string.Join(" | ", cells)} |");
        }
        return text.ToString();
    }

    private static void Table(
        StringBuilder text, string first, IReadOnlyList<string> columns, IReadOnlyList<ComparedFault> faults,
        IReadOnlyList<ScenarioReport> reports, Func<ScenarioReport, string> cell)
    {
        text.AppendLine($"| {first} | {string.Join(" | ", columns)} |").AppendLine($"|---|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var fault in faults)
        {
            var cells = columns.Select(c => reports.SingleOrDefault(r => r.Scenario == fault.Name && r.Profile == c))
                .Select(r => r is null ? "not run" : cell(r));
            text.AppendLine($"| {fault.Title} | {string.Join(" | ", cells)} |");
        }
    }

    private static string Faulty(ScenarioReport report)
    {
        var outage = Of(report, Measure.Outage);
        var marks = Count(report, Measure.NotServed, "†") + Count(report, Measure.NotReturned, "‡");
        var holders = Longest(report, Measure.TwoHolders) + Count(report, Measure.TwoUntilHealed, "§");
        return $"{Seconds(outage.Median)} ({Seconds(outage.Maximum)}){marks} / {holders} / {Longest(report, Measure.TwoCopies)}";
    }

    private static string Healed(ScenarioReport report)
    {
        var outage = Of(report, Measure.OutageHealed);
        return string.Create(CultureInfo.InvariantCulture,
            $"{Seconds(outage.Median)} ({Seconds(outage.Maximum)}) / {Longest(report, Measure.TwoHoldersHealed)} / {Of(report, Measure.Moves).Maximum:0}");
    }

    /// <summary>A mark with the number of runs in which something was so; nothing when there was none.</summary>
    private static string Count(ScenarioReport report, string measure, string mark)
    {
        var count = report.Runs.Count(r => r.Measures[measure] > 0);
        return count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {mark}{count}");
    }

    /// <summary>The greatest of all runs, set off when it is not zero.</summary>
    private static string Longest(ScenarioReport report, string measure) =>
        Of(report, measure).Maximum is var greatest && greatest > 0 ? $"**{Seconds(greatest)}**" : "0";

    private static Distribution Of(ScenarioReport report, string measure) => Distribution.Of(report.Runs.Select(r => r.Measures[measure]));

    private static string Seconds(double milliseconds) =>
        (milliseconds / 1000).ToString(milliseconds < 1000 ? "0.000" : "0.00", CultureInfo.InvariantCulture);
}
