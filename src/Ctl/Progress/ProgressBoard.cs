using System.Globalization;
using HaGrpc.Ctl.Language;
using HaGrpc.Ctl.Output;

namespace HaGrpc.Ctl.Progress;

/// <summary>One line for each program with its state and for how long it has been in it; what has changed, and what is shown of many. Knows no terminal.</summary>
/// <param name="begun">When the work began.</param>
internal sealed class ProgressBoard(TimeSpan begun)
{
    private readonly Dictionary<string, (ProgressLine Line, TimeSpan Since)> _lines = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    /// <summary>Takes what is so now.</summary>
    /// <returns>The lines whose state is another than before, or that are new and not as they were when the work began.</returns>
    internal IReadOnlyList<ProgressLine> Take(IEnumerable<ProgressLine> now, TimeSpan at)
    {
        var changed = new List<ProgressLine>();
        foreach (var line in now)
        {
            var key = $"{line.Name}\0{(line.State.Length > 0 ? "" : line.Host)}";
            if (!_lines.TryGetValue(key, out var known))
            {
                _order.Add(key);
                _lines[key] = (line, begun);
                changed.Add(line);
            }
            else if (known.Line != line)
            {
                _lines[key] = (line, at);
                changed.Add(line);
            }
        }
        return changed;
    }

    /// <summary>What is shown in so many rows, what changed last first among what finds no room.</summary>
    internal IReadOnlyList<string> Rows(TimeSpan at, int rows, int columns, Ink ink)
    {
        var shown = _order.Count <= rows ? _order
            : [.. _order.OrderByDescending(key => _lines[key].Since).Take(Math.Max(1, rows - 1)).OrderBy(key => _order.IndexOf(key))];
        var width = shown.Select(key => TextWidth.Of(_lines[key].Line.Name)).DefaultIfEmpty().Max();
        List<string> text = [.. shown.Select(key => Row(_lines[key].Line, at - _lines[key].Since, width, columns, ink))];
        if (shown.Count < _order.Count)
            text.Add(TextWidth.Cut(Speech.Of($"… and {_order.Count - shown.Count} more"), columns - 1));
        return text;
    }

    /// <summary>A line alone, for a log.</summary>
    internal static string Plain(ProgressLine line, TimeSpan at) => line.Host.Length > 0
        ? Speech.Of($"{line.Name} {line.State} on {line.Host}, after {Seconds(at)} s")
        : Speech.Of($"{line.Name} {line.State}, after {Seconds(at)} s");

    private static string Row(ProgressLine line, TimeSpan since, int width, int columns, Ink ink)
    {
        var head = $"{TextWidth.Padded(line.Name, width)}  ";
        var tail = $"{Seconds(since),6} s  {line.Host}".TrimEnd();
        var state = $"{line.State,-10}";
        return TextWidth.Of(head) + state.Length + TextWidth.Of(tail) < columns
            ? $"{head}{ink.Paint(state, StateHue.Of(line.State))}{tail}"
            : TextWidth.Cut($"{head}{state}{tail}", columns - 1);
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("F1", CultureInfo.InvariantCulture);
}
