using System.Globalization;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>A failback window as a manifest says it.</summary>
internal static class FailbackWindowText
{
    /// <summary>For example <c>02:00-04:00 Asia/Shanghai, sat, sun</c>.</summary>
    internal static string Of(FailbackWindow window)
    {
        var days = string.Concat(window.Days.Select(day => $", {day.ToString()[..3].ToLowerInvariant()}"));
        return $"{Clock(window.FromMinute)}-{Clock(window.ToMinute)} {(window.Zone.Length > 0 ? window.Zone : "UTC")}{days}";
    }

    private static string Clock(int minute) => string.Create(CultureInfo.InvariantCulture, $"{minute / 60:00}:{minute % 60:00}");
}
