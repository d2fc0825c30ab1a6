using HaGrpc.Core.Model;

namespace HaGrpc.Core.Watchdogs;

/// <summary>
/// Which timeout a watchdog gets, by the times of a group. It must be short: the last pet under a lease and one timeout may not reach
/// beyond what the control plane waits for. And it must be no shorter than that asks for: an agent that is restarted has this long.
/// What remains is shared so that the answer to a heartbeat may take two heartbeats, as long as a host may take that is to be promoted (rule C5).
/// </summary>
public static class WatchdogTimeout
{
    /// <summary>Drivers count whole seconds.</summary>
    public const int ShortestSeconds = 1;

    /// <summary>More than most hardware can count, and than anybody waits for a host that hangs.</summary>
    public const int LongestSeconds = 60;

    private static readonly TimeSpan LongestLength = TimeSpan.FromDays(1);

    /// <summary>The timeout to ask the driver for, in seconds.</summary>
    /// <param name="length">How long leases are.</param>
    /// <param name="timing">The times of their group.</param>
    public static int SecondsFor(TimeSpan length, GroupTiming timing) =>
        (int)Math.Clamp(Math.Floor(Reach(length, timing).TotalSeconds), ShortestSeconds, LongestSeconds);

    /// <summary>True when a host that hangs is reset before another one may act.</summary>
    /// <param name="seconds">The timeout in force.</param>
    /// <param name="length">How long leases are.</param>
    /// <param name="timing">The times of their group.</param>
    public static bool IsInTime(int seconds, TimeSpan length, GroupTiming timing) =>
        TimeSpan.FromSeconds(seconds) <= Reach(length, timing);

    /// <summary>
    /// For how long after the end of a lease a reset may be due: the takeover margin. Where the timeout is too long for that, as much
    /// longer as it takes to pet under every lease, because a dog that cannot be petted would reset a healthy host.
    /// </summary>
    /// <param name="seconds">The timeout in force.</param>
    /// <param name="length">How long leases are.</param>
    /// <param name="timing">The times of their group.</param>
    public static TimeSpan AfterEnd(int seconds, TimeSpan length, GroupTiming timing)
    {
        ArgumentNullException.ThrowIfNull(timing);
        var missing = TimeSpan.FromSeconds(seconds) - Reach(length, timing);
        return missing > TimeSpan.Zero ? timing.TakeoverMargin + missing : timing.TakeoverMargin;
    }

    /// <summary>The longest timeout for which a lease can be petted until two heartbeats after its heartbeat was sent.</summary>
    /// <param name="length">How long leases are.</param>
    /// <param name="timing">The times of their group.</param>
    public static TimeSpan Reach(TimeSpan length, GroupTiming timing)
    {
        ArgumentNullException.ThrowIfNull(timing);
        return (length < LongestLength ? length : LongestLength) + timing.TakeoverMargin - (timing.Heartbeat * 2);
    }
}
