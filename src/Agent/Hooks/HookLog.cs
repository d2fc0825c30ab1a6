using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Hooks;

/// <summary>Event ids 2800 to 2899.</summary>
internal static partial class HookLog
{
    [LoggerMessage(2800, LogLevel.Information, "{Kind} {Group}@{Epoch}: {Message}")]
    public static partial void Happened(ILogger logger, string kind, string group, long epoch, string message);

    [LoggerMessage(2801, LogLevel.Warning, "What an earlier agent left of hooks cannot be ended: {Reason}")]
    public static partial void NotSwept(ILogger logger, string reason);

    [LoggerMessage(2802, LogLevel.Warning, "The role of this host in {Group} cannot be noted in {Path} ({Reason}): after a restart of the agent hooks may run again")]
    public static partial void RoleNotNoted(ILogger logger, string group, string path, string reason);
}
