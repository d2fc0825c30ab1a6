using System.Net;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Peers;

/// <summary>Event ids 2600 to 2699.</summary>
internal static partial class PeersLog
{
    [LoggerMessage(2600, LogLevel.Information, "Agents of other hosts are answered at {Address}")]
    public static partial void Listening(ILogger logger, IPEndPoint address);

    [LoggerMessage(2601, LogLevel.Error, "Agents of other hosts cannot be answered at {Address}: {Reason}. Failsafe is not available to the owners of this host's groups: when the control plane is lost, they give up after a lease. Free the port or give another by --peer-listen; it is tried again")]
    public static partial void NotListening(ILogger logger, IPEndPoint address, string reason);

    [LoggerMessage(2602, LogLevel.Information, "Agents of other hosts are neither asked nor answered, failsafe is not available: {Reason}")]
    public static partial void Off(ILogger logger, string reason);

    [LoggerMessage(2603, LogLevel.Warning, "What agents ask each other at {Address} is in plain text: anybody on the way can read and change it")]
    public static partial void Plaintext(ILogger logger, IPEndPoint address);

    [LoggerMessage(2604, LogLevel.Information, "The agent of {Host} answers at {Address}")]
    public static partial void Reached(ILogger logger, string host, string address);

    [LoggerMessage(2605, LogLevel.Warning, "The agent of {Host} does not answer at {Address}: {Reason}. Without it, an owner here cannot outlast the control plane")]
    public static partial void OutOfReach(ILogger logger, string host, string address, string reason);

    [LoggerMessage(2606, LogLevel.Warning, "Dropped what {Address} answered for {Host}: {Reason}")]
    public static partial void AnswerDropped(ILogger logger, string address, string host, string reason);

    [LoggerMessage(2607, LogLevel.Warning, "Refused an agent at {Address} that says it is {Host}: {Reason}")]
    public static partial void Refused(ILogger logger, string address, string host, string reason);

    [LoggerMessage(2608, LogLevel.Warning, "No address of the agent of {Host} is known: it cannot be asked")]
    public static partial void NoAddress(ILogger logger, string host);

    [LoggerMessage(2609, LogLevel.Warning, "The address '{Address}' of the agent of {Host} cannot be used; the one before stays")]
    public static partial void AddressUnusable(ILogger logger, string host, string address);

    [LoggerMessage(2610, LogLevel.Error, "{Path} could not be read: {Reason}. Other agents are asked when the control plane has said where they are")]
    public static partial void BookNotRead(ILogger logger, string path, string reason);

    [LoggerMessage(2611, LogLevel.Error, "{Path} could not be written, it is tried again: {Reason}")]
    public static partial void BookNotWritten(ILogger logger, string path, string reason);

    [LoggerMessage(2613, LogLevel.Error, "{Path} could not be read or written: {Reason}. Which other hosts are revoked is known again when the control plane has said it")]
    public static partial void RevokedNotKept(ILogger logger, string path, string reason);

    [LoggerMessage(2612, LogLevel.Error, "The certificate for agents of other hosts could not be used: {Reason}")]
    public static partial void CertificateUnusable(ILogger logger, string reason);
}
