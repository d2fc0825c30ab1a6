using System.Buffers;
using System.Globalization;
using System.Text;

namespace HaGrpc.Ctl.Import.Emitting;

/// <summary>Texts as scalars of YAML: bare where everybody reads them as a text, else quoted.</summary>
internal static class YamlScalarText
{
    private static readonly SearchValues<char> ForBraces = SearchValues.Create(",[]{}:\"'");

    private static readonly string[] Words = ["true", "false", "yes", "no", "on", "off", "y", "n", "null", "~"];

    /// <param name="text">Anything.</param>
    /// <param name="inBraces">True within brackets or braces, where more characters mean something.</param>
    internal static string Of(string text, bool inBraces)
    {
        if (IsBare(text, inBraces))
            return text;
        var needsEscapes = text.Any(c => c is '\u2028' or '\u2029' or '\ufeff' || char.IsControl(c) || char.IsSurrogate(c));
        return needsEscapes || !text.AsSpan().ContainsAny('"', '\\') || text.Contains('\'', StringComparison.Ordinal)
            ? Escaped(text)
            : $"'{text}'";
    }

    /// <summary>The same for the name of a field: readers do not agree on what else may stand before a colon without quotes.</summary>
    /// <param name="name">The name; at most 1024 characters with what is escaped, or no reader takes it for one.</param>
    internal static string OfKey(string name) =>
        name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.') && IsBare(name, inBraces: true) ? name : Escaped(name);

    private static bool IsBare(string text, bool inBraces)
    {
        if (text.Length == 0 || Words.Contains(text, StringComparer.OrdinalIgnoreCase) || LooksLikeNumber(text))
            return false;
        // Three dots end a document.
        if (text.StartsWith("...", StringComparison.Ordinal))
            return false;
        if (!(char.IsAsciiLetterOrDigit(text[0]) || text[0] is '/' or '.' or '_') || text[^1] is ' ' or ':')
            return false;
        if (text.Any(c => c is < ' ' or > '~') || text.Contains(": ", StringComparison.Ordinal) || text.Contains(" #", StringComparison.Ordinal))
            return false;
        // A colon in braces is bare to some readers only: eth0:vip.
        return !inBraces || !text.AsSpan().ContainsAny(ForBraces);
    }

    // Also what only other readers take for one: 1_000, 0x10, 12:30, .inf.
    private static bool LooksLikeNumber(string text) =>
        text[0] is '.' && text.Length > 1 && char.IsAsciiLetterOrDigit(text[1]) && !text.Contains('/', StringComparison.Ordinal)
        || (char.IsAsciiDigit(text[0]) && text.Count(c => c == '.') < 2 && text.All(c => char.IsAsciiHexDigit(c) || "._:xo+-TZ".Contains(c, StringComparison.Ordinal)));

    private static string Escaped(string text)
    {
        var quoted = new StringBuilder("\"");
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\r' => quoted.Append("\\r"),
                '\t' => quoted.Append("\\t"),
                < ' ' or (>= 0x7f and < 0xa0) or 0x2028 or 0x2029 or 0xfeff or 0xfffe or 0xffff => quoted.Append(CultureInfo.InvariantCulture, $"\\u{rune.Value:X4}"),
                > 0xffff => quoted.Append(CultureInfo.InvariantCulture, $"\\U{rune.Value:X8}"),
                _ => quoted.Append(rune),
            };
        }
        return quoted.Append('"').ToString();
    }
}
