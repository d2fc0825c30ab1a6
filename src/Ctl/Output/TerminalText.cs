using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace HaGrpc.Ctl.Output;

/// <summary>
/// A line of a program as a terminal may show it. Whoever can make a program log something could otherwise move the cursor, set the
/// title or have the terminal answer into the operator's shell. Colours are left out, other control characters become visible.
/// </summary>
internal static partial class TerminalText
{
    /// <summary>Decodes and cleans a line.</summary>
    /// <param name="line">UTF-8, without its end; what is not UTF-8 becomes U+FFFD.</param>
    internal static string Of(ReadOnlySpan<byte> line)
    {
        if (line.EndsWith("\r"u8))
            line = line[..^1];
        var text = Colour().Replace(Encoding.UTF8.GetString(line), "");
        if (!text.Any(IsDangerous))
            return text;
        var clean = new StringBuilder(text.Length + 8);
        foreach (var c in text)
            _ = IsDangerous(c) ? clean.Append(Visible(c)) : clean.Append(c);
        return clean.ToString();
    }

    private static bool IsDangerous(char c) => char.IsControl(c) && c != '\t';

    // As cat -v and less write them.
    private static string Visible(char c) => c switch
    {
        < ' ' => $"^{(char)(c + '@')}",
        '\x7f' => "^?",
        _ => string.Create(CultureInfo.InvariantCulture, $"<{(int)c:X2}>"),
    };

    [GeneratedRegex("\x1b\\[[0-9;:]*m")]
    private static partial Regex Colour();
}
