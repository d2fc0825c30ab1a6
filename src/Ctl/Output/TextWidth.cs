using System.Text;

namespace HaGrpc.Ctl.Output;

/// <summary>How many columns of a terminal a text takes: Chinese, Japanese and Korean characters take two (UAX #11, wide and fullwidth).</summary>
internal static class TextWidth
{
    private static readonly (int First, int Last)[] Wide =
    [
        (0x1100, 0x115f), (0x2e80, 0x303e), (0x3041, 0x33ff), (0x3400, 0x4dbf), (0x4e00, 0x9fff), (0xa000, 0xa4cf), (0xac00, 0xd7a3),
        (0xf900, 0xfaff), (0xfe30, 0xfe6f), (0xff00, 0xff60), (0xffe0, 0xffe6), (0x1f300, 0x1f64f), (0x1f900, 0x1f9ff), (0x20000, 0x3fffd),
    ];

    /// <summary>In columns.</summary>
    internal static int Of(string text)
    {
        var columns = 0;
        foreach (var rune in text.EnumerateRunes())
            columns += Of(rune);
        return columns;
    }

    /// <summary>Filled with spaces up to a number of columns.</summary>
    internal static string Padded(string text, int columns) => text + new string(' ', Math.Max(0, columns - Of(text)));

    /// <summary>As much of it as fits.</summary>
    internal static string Cut(string text, int columns)
    {
        var (used, at) = (0, 0);
        foreach (var rune in text.EnumerateRunes())
        {
            used += Of(rune);
            if (used > columns)
                return text[..at];
            at += rune.Utf16SequenceLength;
        }
        return text;
    }

    private static int Of(Rune rune)
    {
        if (Rune.GetUnicodeCategory(rune) is System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.EnclosingMark
            or System.Globalization.UnicodeCategory.Format)
        {
            return 0;
        }
        return rune.Value >= 0x1100 && Wide.Any(range => rune.Value >= range.First && rune.Value <= range.Last) ? 2 : 1;
    }
}
