using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Ownership;

/// <summary>Event ids 2100 to 2199.</summary>
internal static partial class OwnershipLog
{
    [LoggerMessage(2100, LogLevel.Information, "{Kind} {Group}@{Epoch}: {Message}")]
    public static partial void Happened(ILogger logger, string kind, string group, long epoch, string message);

    [LoggerMessage(2119, LogLevel.Information, "{Kind}: {Message}")]
    public static partial void HostHappened(ILogger logger, string kind, string message);

    [LoggerMessage(2101, LogLevel.Information, "Releasing {Group}@{Epoch}: {Reason}")]
    public static partial void Releasing(ILogger logger, string group, long epoch, string reason);

    [LoggerMessage(2102, LogLevel.Information, "Ending {Group}@{Epoch}: {Reason}")]
    public static partial void Ending(ILogger logger, string group, long epoch, string reason);

    [LoggerMessage(2103, LogLevel.Error, "{What} failed: {Failures}")]
    public static partial void NetworkFailed(ILogger logger, string what, string failures);

    [LoggerMessage(2104, LogLevel.Warning, "{What}: {Warning}")]
    public static partial void NetworkWarning(ILogger logger, string what, string warning);

    [LoggerMessage(2105, LogLevel.Error, "The gate is not available ({Reason}): VIPs end only with the kernel's address lifetime, so the takeover margin must be 3.1 s or more")]
    public static partial void NoGate(ILogger logger, string reason);

    [LoggerMessage(2106, LogLevel.Error, "The guard of {Group} could not be started, so its VIPs are not opened or renewed: {Reason}")]
    public static partial void NoGuard(ILogger logger, string group, string reason);

    [LoggerMessage(2107, LogLevel.Warning, "Programs of {Group}, which this host does not own, were ended")]
    public static partial void LeftoversKilled(ILogger logger, string group);

    [LoggerMessage(2108, LogLevel.Warning, "Restoring the gate took {Milliseconds} ms")]
    public static partial void SlowRestore(ILogger logger, double milliseconds);

    [LoggerMessage(2109, LogLevel.Critical, "The ownership loop failed; every lease ends by itself, restart the agent")]
    public static partial void LoopFailed(ILogger logger, Exception e);

    [LoggerMessage(2110, LogLevel.Error, "State file {Path} cannot be written ({Reason}); tried again until it can: until then this host accepts no promotion and reports no epoch as ended")]
    public static partial void StateNotWritten(ILogger logger, string path, string reason);

    [LoggerMessage(2111, LogLevel.Error, "State file {Path} cannot be read ({Reason}) and is put aside as .damaged: {Consequence}")]
    public static partial void StateNotRead(ILogger logger, string path, string reason, string consequence);

    [LoggerMessage(2112, LogLevel.Information, "State file {Path} is written again")]
    public static partial void StateWrittenAgain(ILogger logger, string path);

    [LoggerMessage(2113, LogLevel.Error, "{Count} messages of the control plane wait for the ownership loop: the stream is dropped and dialled again")]
    public static partial void StreamAhead(ILogger logger, int count);
}
