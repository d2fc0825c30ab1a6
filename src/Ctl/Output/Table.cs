namespace HaGrpc.Ctl.Output;

/// <summary>Columns for people: two spaces between them, the last one as long as it likes.</summary>
internal sealed class Table
{
    private readonly List<string[]> _rows = [];

    internal Table(params string[] heads) => _rows.Add(heads);

    internal void Add(params string[] cells) => _rows.Add([.. cells.Select(cell => cell.Length == 0 ? "-" : cell)]);

    internal void Print(TextWriter output)
    {
        var widths = new int[_rows[0].Length];
        foreach (var row in _rows)
        {
            for (var i = 0; i < row.Length; i++)
                widths[i] = Math.Max(widths[i], row[i].Length);
        }
        foreach (var row in _rows)
            output.WriteLine(string.Join("  ", row.Select((cell, i) => cell.PadRight(widths[i]))).TrimEnd());
    }
}
