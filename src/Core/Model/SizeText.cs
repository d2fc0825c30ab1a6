using System.Globalization;

namespace HaGrpc.Core.Model;

/// <summary>Numbers of bytes as operators write and read them: <c>1048576</c>, <c>64kb</c>, <c>512mb</c>, <c>2gb</c>. A kilobyte is 1024 bytes,
/// as in Supervisor.</summary>
public static class SizeText
{
    private static readonly (string Unit, long Bytes)[] Units =
    [
        ("tb", 1L << 40), ("gb", 1L << 30), ("mb", 1L << 20), ("kb", 1L << 10),
    ];

    /// <summary>The shortest exact text that <see cref="TryParse"/> reads back.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, size) in Units)
        {
            if (bytes != 0 && bytes % size == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
        }
        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a whole number, with a unit in letters of either case or without.</summary>
    /// <returns>False when the text is no size or does not fit.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        var size = 1L;
        var digits = text.AsSpan();
        foreach (var (unit, factor) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
            {
                size = factor;
                digits = digits[..^unit.Length];
                break;
            }
        }
        bytes = 0;
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number > long.MaxValue / size)
            return false;
        bytes = number * size;
        return true;
    }
}
