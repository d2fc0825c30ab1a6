using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace HaGrpc.Core.Model;

/// <summary>What an expansion stands for: a text, or a number, which alone can be written with <c>d</c> and a width.</summary>
/// <param name="Text">As <c>s</c> writes it.</param>
/// <param name="Number">The number; null for a text.</param>
public readonly record struct ExpansionValue(string Text, int? Number = null)
{
    /// <summary>A number.</summary>
    public static ExpansionValue Of(int number) => new(number.ToString(CultureInfo.InvariantCulture), number);
}

/// <summary>
/// Supervisor's expansions, which are Python's: <c>%(name)s</c>, <c>%(name)d</c>, <c>%(name)02d</c>, and <c>%%</c> for a percent
/// sign. They are worked off in two passes: the names that are known everywhere when a program is registered, the rest on the host
/// that runs it.
/// </summary>
public static class Expansion
{
    /// <summary>Says what is wrong with a text's expansions; null when nothing is.</summary>
    /// <param name="text">The text.</param>
    /// <param name="isKnown">True for a name that will have a value.</param>
    /// <param name="isNumber">True for a name whose value is a number.</param>
    /// <param name="unknown">The message about a name that is not known.</param>
    public static string? Problem(
        string text, Func<string, bool> isKnown, Func<string, bool> isNumber, Func<string, string> unknown)
    {
        foreach (var piece in Pieces(text))
        {
            if (piece.Problem is not null)
                return piece.Problem;
            if (piece.Name is not { } name)
                continue;
            if (!isKnown(name))
                return unknown(name);
            if (piece.Conversion != 's' && !isNumber(name))
                return $"%({name}){piece.Conversion} needs a number: write %({name})s";
        }
        return null;
    }

    /// <summary>True when the text refers to a name.</summary>
    public static bool Mentions(string text, string name) => Pieces(text).Any(piece => piece.Name == name);

    /// <summary>Replaces the names that have a value and leaves everything else as it is, for a later pass.</summary>
    public static string Prepare(string text, IReadOnlyDictionary<string, ExpansionValue> values)
    {
        var result = new StringBuilder();
        foreach (var piece in Pieces(text))
        {
            var isKnown = piece.Name is not null && values.ContainsKey(piece.Name);
            result.Append(isKnown
                ? piece.Format(values[piece.Name!]).Replace("%", "%%", StringComparison.Ordinal)
                : piece.Source);
        }
        return result.ToString();
    }

    /// <summary>Replaces everything that is left; false, and why, when a name has no value.</summary>
    public static bool TryFinish(
        string text,
        IReadOnlyDictionary<string, ExpansionValue> values,
        out string expanded,
        [NotNullWhen(false)] out string? error)
    {
        var result = new StringBuilder();
        (expanded, error) = ("", null);
        foreach (var piece in Pieces(text))
        {
            if (piece.Problem is not null)
                error = piece.Problem;
            else if (piece.Name is not { } name)
                result.Append(piece.Source == "%%" ? "%" : piece.Source);
            else if (values.TryGetValue(name, out var value))
                result.Append(piece.Format(value));
            else
                error = $"%({name}){piece.Conversion} has no value on this host";
            if (error is not null)
                return false;
        }
        expanded = result.ToString();
        return true;
    }

    private static IEnumerable<Piece> Pieces(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var percent = text.IndexOf('%', at);
            var piece = percent == at ? Reference(text, at) : new Piece(text[at..(percent < 0 ? text.Length : percent)]);
            yield return piece;
            at += piece.Source.Length;
        }
    }

    private static Piece Reference(string text, int at)
    {
        if (at + 1 < text.Length && text[at + 1] == '%')
            return new("%%");
        var close = at + 1 < text.Length && text[at + 1] == '(' ? text.IndexOf(')', at) : -1;
        if (close < 0)
            return new(text[at..(at + 1)]) { Problem = $"the % at position {at + 1} begins no expansion: write %% for a percent sign" };
        var flags = close + 1;
        while (flags < text.Length && text[flags] is '0' or '-' or '+' or ' ')
            flags++;
        var end = flags;
        while (end < text.Length && char.IsAsciiDigit(text[end]))
            end++;
        var name = text[(at + 2)..close];
        var isWidth = int.TryParse(text.AsSpan(flags, end - flags), NumberStyles.None, CultureInfo.InvariantCulture, out var width);
        if (end >= text.Length || text[end] is not ('s' or 'd' or 'i') || (!isWidth && end > flags) || width > 100)
            return new(text[at..(close + 1)]) { Problem = $"%({name}) must be followed by s or d, or by a width up to 100 and d: %({name})s, %({name})02d" };
        return new(text[at..(end + 1)]) { Name = name, Flags = text[(close + 1)..flags], Width = width, Conversion = text[end] };
    }

    /// <summary>A stretch of plain text, <c>%%</c>, a reference, or something broken.</summary>
    private sealed record Piece(string Source)
    {
        public string? Name { get; init; }

        public string Flags { get; init; } = "";

        public int Width { get; init; }

        public char Conversion { get; init; }

        public string? Problem { get; init; }

        public string Format(ExpansionValue value)
        {
            var isNumber = Conversion != 's' && value.Number is not null;
            var sign = !isNumber ? "" : value.Number < 0 ? "-" : Sign();
            var text = isNumber ? value.Text.TrimStart('-') : value.Text;
            if (Flags.Contains('-', StringComparison.Ordinal))
                return (sign + text).PadRight(Width);
            if (isNumber && Flags.Contains('0', StringComparison.Ordinal))
                text = text.PadLeft(Math.Max(0, Width - sign.Length), '0');
            return (sign + text).PadLeft(Width);
        }

        private string Sign() =>
            Flags.Contains('+', StringComparison.Ordinal) ? "+" : Flags.Contains(' ', StringComparison.Ordinal) ? " " : "";
    }
}
