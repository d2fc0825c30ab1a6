using System.Globalization;

namespace HaGrpc.Ctl.Import;

/// <summary>What an import has to say besides the manifest.</summary>
internal sealed class ImportReport
{
    /// <summary>From so many equal notes on, only the first is shown, with their number.</summary>
    private const int ManyNotes = 3;

    private readonly List<Finding> _findings = [];
    private readonly List<string> _problems = [];

    /// <summary>True when everything was carried over.</summary>
    internal bool IsComplete => !_findings.Any(finding => finding.IsLost);

    /// <summary>Why there is no manifest at all; empty when there is one.</summary>
    internal IReadOnlyList<string> Problems => _problems;

    /// <summary>Everything that was found, by file and line.</summary>
    internal IReadOnlyList<Finding> Findings
    {
        get
        {
            var files = _findings.Select(finding => finding.At.File).Distinct(StringComparer.Ordinal).ToList();
            return [.. _findings.Distinct().OrderBy(finding => files.IndexOf(finding.At.File)).ThenBy(finding => finding.At.Line)];
        }
    }

    /// <summary>Something was not carried over.</summary>
    internal void Lose(Origin at, string reason) => _findings.Add(new(true, at, reason));

    /// <summary>Nothing is lost, but it should be known.</summary>
    internal void Note(Origin at, string reason) => _findings.Add(new(false, at, reason));

    /// <summary>The input cannot be read; there will be no manifest.</summary>
    internal void Fail(Origin at, string reason) => _problems.Add(Finding.OneLine($"{at}: {reason}"));

    /// <summary>The report in lines: what is lost one by one, notes that repeat themselves once.</summary>
    internal IReadOnlyList<string> Lines()
    {
        var lost = Findings.Where(finding => finding.IsLost).Select(finding => $"  {finding}").ToArray();
        var notes = Findings.Where(finding => !finding.IsLost).GroupBy(finding => (OptionOf(finding), finding.Reason)).SelectMany(Shown).ToArray();
        var lines = new List<string>();
        if (lost.Length > 0)
            lines.AddRange([string.Create(CultureInfo.InvariantCulture, $"Not carried over ({lost.Length}):"), .. lost]);
        if (notes.Length > 0)
            lines.AddRange(["To know:", .. notes]);
        return lines;
    }

    private static IEnumerable<string> Shown(IGrouping<(string Option, string), Finding> same)
    {
        var count = same.Count();
        if (count < ManyNotes)
            return same.Select(finding => $"  {finding}");
        var first = same.First();
        var at = first.At with { Option = string.Create(CultureInfo.InvariantCulture, $"{first.At.Option} (and {count - 1} more such)") };
        return [$"  {first with { At = at }}"];
    }

    // The name of the section or the instance tells apart what is the same otherwise.
    private static string OptionOf(Finding finding) =>
        finding.At.Option.EndsWith(']') ? "" : finding.At.Option[(finding.At.Option.LastIndexOf(' ') + 1)..];
}
