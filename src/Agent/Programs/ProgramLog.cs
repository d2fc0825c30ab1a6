using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Programs;

/// <summary>What programs write to the agent's log: events 2300 to 2399.</summary>
internal static partial class ProgramLog
{
    [LoggerMessage(2300, LogLevel.Information, "{Program} is {State} (pid {Pid}) {Detail}")]
    public static partial void StateChanged(ILogger logger, ProgramName program, ProgramState state, int pid, string detail);

    [LoggerMessage(2301, LogLevel.Warning, "{Program} is {State}: {Detail}")]
    public static partial void StateWentBad(ILogger logger, ProgramName program, ProgramState state, string detail);

    [LoggerMessage(2302, LogLevel.Information, "Programs are found and killed through cgroups in {Path}")]
    public static partial void CgroupsUsed(ILogger logger, string path);

    [LoggerMessage(2303, LogLevel.Warning, "Programs run without cgroups and are found by their process trees: {Reason}")]
    public static partial void CgroupsNotUsed(ILogger logger, string reason);

    [LoggerMessage(2304, LogLevel.Information, "Group {Group} runs its programs under epoch {Epoch}")]
    public static partial void GroupActivated(ILogger logger, string group, long epoch);

    [LoggerMessage(2305, LogLevel.Information, "Group {Group} ends its programs (graceful: {Graceful})")]
    public static partial void GroupDeactivating(ILogger logger, string group, bool graceful);

    [LoggerMessage(2306, LogLevel.Information, "Group {Group}: no process of its programs is left")]
    public static partial void GroupDeactivated(ILogger logger, string group);

    [LoggerMessage(2307, LogLevel.Information, "Adopted {Program} (pid {Pid}, shim {Shim}) from the agent before")]
    public static partial void Adopted(ILogger logger, ProgramName program, int pid, int shim);

    [LoggerMessage(2308, LogLevel.Warning, "{Program} had lost its shim while no agent ran: its processes are being ended")]
    public static partial void FoundWithoutShim(ILogger logger, ProgramName program);

    [LoggerMessage(2309, LogLevel.Error, "Guard of group {Group}: {Problem}")]
    public static partial void GuardFailed(ILogger logger, string group, string problem);

    [LoggerMessage(2310, LogLevel.Error, "{Program}: its run directory cannot be written ({Reason}); an agent that starts now would not know how it ended")]
    public static partial void ConditionNotKept(ILogger logger, ProgramName program, string reason);

    [LoggerMessage(2320, LogLevel.Warning, "Group {Group} is stopped and started again: {Program} has become FATAL")]
    public static partial void GroupRestarting(ILogger logger, string group, ProgramName program);

    [LoggerMessage(2340, LogLevel.Warning, "{Program}: its {Output} is being lost: {Reason}")]
    public static partial void OutputLost(ILogger logger, ProgramName program, string output, string reason);

    [LoggerMessage(2341, LogLevel.Information, "{Program}: its output is written again; {Bytes} bytes were lost since it started")]
    public static partial void OutputWritten(ILogger logger, ProgramName program, long bytes);

    [LoggerMessage(2342, LogLevel.Warning, "{Program}: {Problem}")]
    public static partial void LogFailed(ILogger logger, ProgramName program, string problem);

    [LoggerMessage(2343, LogLevel.Warning, "{Program}: its shim cannot be told of other log files: {Reason}")]
    public static partial void LogsNotChanged(ILogger logger, ProgramName program, string reason);

    [LoggerMessage(2321, LogLevel.Warning, "{Program} is restarted: {Problem}")]
    public static partial void CheckFailed(ILogger logger, ProgramName program, string problem);

    [LoggerMessage(2344, LogLevel.Warning, "{Program}: {Problem}")]
    public static partial void LimitsNotEnforced(ILogger logger, ProgramName program, string problem);

    [LoggerMessage(2345, LogLevel.Information, "{Program} runs on under changed limits: {Limits}")]
    public static partial void LimitsChanged(ILogger logger, ProgramName program, string limits);

    [LoggerMessage(2346, LogLevel.Warning, "{Program}: {Problem}")]
    public static partial void LimitReached(ILogger logger, ProgramName program, string problem);

    [LoggerMessage(2351, LogLevel.Information, "{Program}: pid {Pid} was taken over as it runs")]
    public static partial void TakenOver(ILogger logger, ProgramName program, int pid);
}
