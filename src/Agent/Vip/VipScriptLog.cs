using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Vips;

/// <summary>Event ids 2850 to 2869.</summary>
internal static partial class VipScriptLog
{
    [LoggerMessage(2850, LogLevel.Information, "{Kind} {Group}@{Epoch}: {Message}")]
    public static partial void Happened(ILogger logger, string kind, string group, long epoch, string message);
}
