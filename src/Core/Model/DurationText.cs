using System.Globalization;
using System.Text;

namespace HaGrpc.Core.Model;

/// <summary>Durations as operators write and read them: <c>300ms</c>, <c>1.5s</c>, <c>5m</c>, <c>1h30m</c>.</summary>
public static class DurationText
{
    private static readonly (string Unit, long Ticks)[] Units =
    [
        ("h", TimeSpan.TicksPerHour),
        ("m", TimeSpan.TicksPerMinute),
        ("s", TimeSpan.TicksPerSecond),
        ("ms", TimeSpan.TicksPerMillisecond),
        ("us", TimeSpan.TicksPerMicrosecond),
    ];

    /// <summary>The shortest exact text that <see cref="TryParse"/> reads back; <c>0s</c> for nothing, <c>no end</c>
    /// for <see cref="TimeSpan.MaxValue"/>.</summary>
    public static string Format(TimeSpan duration)
    {
        if (duration == TimeSpan.MaxValue)
            return "no end";
        if (duration == TimeSpan.Zero)
            return "0s";
        if (duration == TimeSpan.MinValue)
            return "-no end";
        if (duration < TimeSpan.Zero)
            return "-" + Format(-duration);
        if (duration < TimeSpan.FromMilliseconds(1))
            return Number(duration.Ticks, TimeSpan.TicksPerMicrosecond) + "us";
        if (duration < TimeSpan.FromSeconds(1))
            return Number(duration.Ticks, TimeSpan.TicksPerMillisecond) + "ms";
        var text = new StringBuilder();
        var left = duration.Ticks;
        foreach (var (unit, ticks) in Units.AsSpan(0, 2))
        {
            if (left >= ticks)
                text.Append(CultureInfo.InvariantCulture, $"{left / ticks}{unit}");
            left %= ticks;
        }
        if (left > 0)
            text.Append(Number(left, TimeSpan.TicksPerSecond)).Append('s');
        return text.ToString();
    }

    /// <summary>Reads one or more numbers with units, largest unit first, each unit once. A number without a unit is
    /// refused: seconds and milliseconds are too easily confused.</summary>
    /// <returns>False when the text is not a duration or does not fit.</returns>
    public static bool TryParse(string text, out TimeSpan duration)
    {
        duration = TimeSpan.Zero;
        var total = 0m;
        var unit = -1;
        var position = 0;
        while (position < text.Length)
        {
            var digits = Run(text, position, c => char.IsAsciiDigit(c) || c == '.');
            var letters = Run(text, position + digits, char.IsAsciiLetterLower);
            var name = text.Substring(position + digits, letters);
            var found = Array.FindIndex(Units, u => u.Unit == name);
            if (found <= unit || !decimal.TryParse(text.AsSpan(position, digits), NumberStyles.AllowDecimalPoint,
                    CultureInfo.InvariantCulture, out var number) || number > 1_000_000_000)
            {
                return false;
            }
            total += number * Units[found].Ticks;
            unit = found;
            position += digits + letters;
        }
        if (unit < 0 || total > long.MaxValue)
            return false;
        duration = TimeSpan.FromTicks((long)total);
        return true;
    }

    private static int Run(string text, int from, Func<char, bool> wanted)
    {
        var end = from;
        while (end < text.Length && wanted(text[end]))
            end++;
        return end - from;
    }

    private static string Number(long ticks, long unit) =>
        ((decimal)ticks / unit).ToString("0.#######", CultureInfo.InvariantCulture);
}
