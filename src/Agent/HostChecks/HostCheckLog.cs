using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.HostChecking;

/// <summary>Event ids 2700 to 2719.</summary>
internal static partial class HostCheckLog
{
    [LoggerMessage(2700, LogLevel.Information, "{Kind} {Group}: {Message}")]
    public static partial void Happened(ILogger logger, string kind, string group, string message);

    [LoggerMessage(2701, LogLevel.Warning, "Verdicts of checks of {Group} cannot be noted in {Path} ({Reason}): a restarted agent begins without")]
    public static partial void VerdictsNotNoted(ILogger logger, string group, string path, string reason);

    [LoggerMessage(2702, LogLevel.Warning, "What an earlier agent left of checks cannot be ended: {Reason}")]
    public static partial void NotSwept(ILogger logger, string reason);
}
