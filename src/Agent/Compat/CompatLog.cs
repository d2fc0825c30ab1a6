using HaGrpc.Core.Model;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Compat;

/// <summary>What the part that serves Supervisor's clients logs.</summary>
internal static partial class CompatLog
{
    [LoggerMessage(2400, LogLevel.Information, "supervisorctl is served on {Where}")]
    public static partial void Serving(ILogger logger, string where);

    [LoggerMessage(2401, LogLevel.Error, "supervisorctl is not served on {Where}: {Reason}")]
    public static partial void NotServing(ILogger logger, string where, string reason);

    [LoggerMessage(2402, LogLevel.Information, "supervisorctl: {Action} {Programs}: {Way}")]
    public static partial void Asked(ILogger logger, string action, string programs, string way);

    [LoggerMessage(2403, LogLevel.Warning, "supervisorctl: {Action} {Program} refused: {Reason}")]
    public static partial void Refused(ILogger logger, string action, ProgramName program, string reason);

    [LoggerMessage(2404, LogLevel.Information, "The control plane has stored that {Program} is to be {Wanted}")]
    public static partial void WishStored(ILogger logger, ProgramName program, DesiredState wanted);

    [LoggerMessage(2405, LogLevel.Warning, "The control plane refused that {Program} is to be {Wanted}, so that is forgotten: {Reason}")]
    public static partial void WishRefused(ILogger logger, ProgramName program, DesiredState wanted, string reason);

    [LoggerMessage(2406, LogLevel.Error, "What was asked while the control plane was out of reach is lost: {Reason}")]
    public static partial void WishesLost(ILogger logger, string reason);

    [LoggerMessage(2407, LogLevel.Error, "A call of {Method} failed")]
    public static partial void CallFailed(ILogger logger, string method, Exception failure);

    [LoggerMessage(2408, LogLevel.Error, "What was asked while the control plane was out of reach cannot be written down: {Reason}")]
    public static partial void WishFileFailed(ILogger logger, string reason);
}
