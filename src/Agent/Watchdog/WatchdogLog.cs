using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Watchdogs;

/// <summary>Event ids 2900 to 2909.</summary>
internal static partial class WatchdogLog
{
    [LoggerMessage(2900, LogLevel.Information, "The watchdog {Device} ({Identity}) is armed: it resets this host {Seconds} s after the last pet")]
    public static partial void Armed(ILogger logger, string device, string identity, int seconds);

    [LoggerMessage(2901, LogLevel.Information, "The watchdog {Device} is stopped: nothing acts here under a lease")]
    public static partial void Disarmed(ILogger logger, string device);

    [LoggerMessage(2902, LogLevel.Warning, "There is no watchdog: {Problem}. A host that hangs as an owner is not reset; it is tried again with each lease")]
    public static partial void Missing(ILogger logger, string problem);

    [LoggerMessage(2903, LogLevel.Warning, "The driver of {Device} cannot stop it (nowayout): it is petted on, and resets this host {Seconds} s after this agent has ended unless another one pets it")]
    public static partial void NotStopped(ILogger logger, string device, int seconds);

    [LoggerMessage(2904, LogLevel.Warning, "When this host hangs as owner of {Group}, the watchdog may reset it later than another host takes over: {Reason}")]
    public static partial void NotInTime(ILogger logger, string group, string reason);

    [LoggerMessage(2905, LogLevel.Warning, "A pet of the watchdog {Device} came {Milliseconds} ms too late and was left out")]
    public static partial void PetTooLate(ILogger logger, string device, double milliseconds);

    [LoggerMessage(2906, LogLevel.Warning, "This agent ends and leaves the watchdog {Device} armed: it resets this host after {Seconds} s unless another agent has begun by then")]
    public static partial void LeftArmed(ILogger logger, string device, int seconds);

    [LoggerMessage(2907, LogLevel.Warning, "The driver of {Device} was asked for a timeout of {Asked} s and made it {Seconds} s")]
    public static partial void OtherTimeout(ILogger logger, string device, int asked, int seconds);
}
