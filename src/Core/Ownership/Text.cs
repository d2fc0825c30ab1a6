using System.Globalization;

namespace HaGrpc.Core.Ownership;

/// <summary>Durations as operators read them.</summary>
internal static class Text
{
    public static string Of(TimeSpan duration) => duration == TimeSpan.MaxValue
        ? "ever"
        : duration.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture) + " s";
}
