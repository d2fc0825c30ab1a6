using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Uplink;

/// <summary>Event ids 2000 to 2099.</summary>
internal static partial class UplinkLog
{
    [LoggerMessage(2000, LogLevel.Information, "Connected to the control plane {ControlPlane} at {Endpoint} (term {Term}, stream {Stream})")]
    public static partial void Connected(ILogger logger, string controlPlane, Uri endpoint, long term, long stream);

    [LoggerMessage(2001, LogLevel.Warning, "Control plane at {Endpoint} is out of reach: {Reason}")]
    public static partial void OutOfReach(ILogger logger, Uri endpoint, string reason);

    [LoggerMessage(2002, LogLevel.Error, "Control plane at {Endpoint} refuses this agent ({Code}): {Reason}")]
    public static partial void Refused(ILogger logger, Uri endpoint, string code, string reason);

    [LoggerMessage(2003, LogLevel.Warning, "Stream to the control plane at {Endpoint} ended: {Reason}")]
    public static partial void StreamEnded(ILogger logger, Uri endpoint, string reason);

    [LoggerMessage(2004, LogLevel.Warning, "The stream to {Endpoint} is in plain text: anybody on the way can read and change it")]
    public static partial void Plaintext(ILogger logger, Uri endpoint);

    [LoggerMessage(2005, LogLevel.Error, "The control plane at {Endpoint} broke the protocol: {Reason}")]
    public static partial void ProtocolBroken(ILogger logger, Uri endpoint, string reason);

    [LoggerMessage(2006, LogLevel.Warning, "The control plane at {Endpoint} does not lead, and the one that does is at {Leader}: if this agent finds no leader, add it to --control-plane")]
    public static partial void LeadsElsewhere(ILogger logger, Uri endpoint, string leader);
}
