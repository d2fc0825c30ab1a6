using System.Globalization;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

/// <summary>A member that does not own a group, for people.</summary>
internal static class BackupText
{
    /// <summary>What keeps it from taking over; else the first thing that a takeover would miss.</summary>
    internal static string StateOf(BackupStatus backup)
    {
        if (backup.Obstacle.Length > 0)
            return backup.Obstacle;
        if (backup.Readiness is not { Failing.Count: > 0 } readiness)
            return "ready";
        var (first, others) = (readiness.Failing[0], readiness.Failing.Count - 1 + readiness.More);
        var more = others > 0 ? string.Create(CultureInfo.InvariantCulture, $" and {others} more") : "";
        return string.Create(CultureInfo.InvariantCulture, $"{readiness.Score} % ready: {first.Subject} {first.What}: {first.Value}{more}");
    }
}
