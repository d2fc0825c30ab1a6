using HaGrpc.Ctl.Language;
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
            return Speech.Of("ready");
        var (first, others) = (readiness.Failing[0], readiness.Failing.Count - 1 + readiness.More);
        return others > 0
            ? Speech.Of($"{readiness.Score} % ready: {first.Subject} {first.What}: {first.Value} and {others} more")
            : Speech.Of($"{readiness.Score} % ready: {first.Subject} {first.What}: {first.Value}");
    }
}
