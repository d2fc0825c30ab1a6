using System.Globalization;

namespace HaGrpc.Core.Model;

/// <summary>Sizes as operators write and read them, in Supervisor's units: <c>4096</c>, <c>64KB</c>, <c>50MB</c>, <c>1GB</c>, each 1024 of
/// the one before.</summary>
public static class SizeText
{
    private static readonly (string Unit, long Bytes)[] Units = [("GB", 1L << 30), ("MB", 1L << 20), ("KB", 1L << 10)];

    /// <summary>The shortest text that <see cref="TryParse"/> reads back.</summary>
    public static string Format(long bytes)
    {
        foreach (var (unit, size) in Units)
        {
            if (bytes != 0 && bytes % size == 0)
                return string.Create(CultureInfo.InvariantCulture, $"{bytes / size}{unit}");
        }
        return bytes.ToString(CultureInfo.InvariantCulture);
    }

    /// <summary>Reads a whole number of bytes, or of a unit in capitals or not.</summary>
    /// <returns>False when the text is no size or does not fit.</returns>
    public static bool TryParse(string text, out long bytes)
    {
        bytes = 0;
        var (digits, factor) = (text.Length, 1L);
        foreach (var (unit, size) in Units)
        {
            if (text.EndsWith(unit, StringComparison.OrdinalIgnoreCase))
                (digits, factor) = (text.Length - unit.Length, size);
        }
        if (!long.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count > long.MaxValue / factor)
            return false;
        bytes = count * factor;
        return true;
    }
}
