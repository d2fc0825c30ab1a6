using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Logs;

/// <summary>Event ids 2500 to 2599.</summary>
internal static partial class LogReadersLog
{
    [LoggerMessage(2500, LogLevel.Warning, "Logs of {Group} that an operator reads (request {Id}) could not be sent: {Reason}")]
    public static partial void Broken(ILogger logger, long id, string group, string reason);
}
