using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Output;

/// <summary>Columns for people: two spaces between them, the last one as long as it likes. A head that begins with + is shown by <c>-o wide</c> only.</summary>
internal sealed class Table
{
    // Their cells are words of state, which have colours.
    private static readonly string[] States = ["STATE", "PHASE", "ROLE", "VERDICT", "RESULT", "DATABASE"];

    private readonly string[] _heads;
    private readonly List<string[]> _rows = [];

    internal Table(params string[] heads) => _heads = heads;

    internal void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Length == 0 ? "-" : cell)]);

    internal void Print(TextWriter output)
    {
        var page = Page.Of(output);
        var columns = Enumerable.Range(0, _heads.Length).Where(i => page.IsWide || _heads[i][0] != '+').ToArray();
        string[] heads = [.. _heads.Select(head => Speech.Of(head.TrimStart('+')))];
        var rows = _rows.Prepend(heads).ToArray();
        var widths = columns.Select(i => rows.Max(row => TextWidth.Of(row[i]))).ToArray();
        // Where lines are cut off, the names in the first column give way to what is said of them.
        if (page.Columns > 0)
            widths[0] = Math.Min(widths[0], Math.Max(12, page.Columns - 1 - widths.Skip(1).Sum(width => width + 2)));
        foreach (var row in rows)
        {
            var line = string.Join("  ", columns.Select((column, at) =>
            {
                // The last column needs no spaces behind it, and colours would hide them from being trimmed.
                var cell = at == columns.Length - 1 ? row[column] : TextWidth.Padded(at == 0 ? TextWidth.CutFront(row[column], widths[0]) : row[column], widths[at]);
                return row != heads && States.Contains(_heads[column].TrimStart('+'), StringComparer.Ordinal) ? page.Ink.Paint(cell, StateHue.Of(row[column])) : cell;
            }));
            output.WriteLine(line.TrimEnd());
        }
    }
}
