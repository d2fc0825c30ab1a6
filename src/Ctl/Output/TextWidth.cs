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

    private const char Escape = '\x1b';

    /// <summary>In columns; colours (ECMA-48, CSI sequences) take none.</summary>
    internal static int Of(string text)
    {
        var (columns, at) = (0, 0);
        while (at < text.Length)
        {
            if (SequenceAt(text, at) is > 0 and var length)
            {
                at += length;
                continue;
            }
            var rune = RuneAt(text, at);
            columns += Of(rune);
            at += rune.Utf16SequenceLength;
        }
        return columns;
    }

    /// <summary>Filled with spaces up to a number of columns.</summary>
    internal static string Padded(string text, int columns) => text + new string(' ', Math.Max(0, columns - Of(text)));

    /// <summary>As much of it as fits; a colour that was begun is ended.</summary>
    internal static string Cut(string text, int columns)
    {
        var (used, at, isPainted) = (0, 0, false);
        while (at < text.Length)
        {
            if (SequenceAt(text, at) is > 0 and var length)
            {
                at += length;
                isPainted = true;
                continue;
            }
            var rune = RuneAt(text, at);
            used += Of(rune);
            if (used > columns)
                return isPainted ? $"{text[..at]}{Escape}[0m" : text[..at];
            at += rune.Utf16SequenceLength;
        }
        return text;
    }

    /// <summary>As much of its end as fits behind an ellipsis; as it is when all of it fits. For texts without colours.</summary>
    internal static string CutFront(string text, int columns)
    {
        if (Of(text) <= columns)
            return text;
        var from = 0;
        while (from < text.Length && Of(text[from..]) > columns - 1)
            from += RuneAt(text, from).Utf16SequenceLength;
        return $"…{text[from..]}";
    }

    private static Rune RuneAt(string text, int at) => Rune.TryGetRuneAt(text, at, out var rune) ? rune : Rune.ReplacementChar;

    // Escape, a bracket, parameters, and one character from @ to ~ at the end; 0 where there is none.
    private static int SequenceAt(string text, int at)
    {
        if (text[at] != Escape || at + 1 >= text.Length || text[at + 1] != '[')
            return 0;
        var end = text.AsSpan(at + 2).IndexOfAnyInRange('@', '~');
        return end < 0 ? 0 : end + 3;
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
