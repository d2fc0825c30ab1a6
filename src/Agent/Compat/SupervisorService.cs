using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Compat;

/// <summary>Supervisor's contract, put together from the agent's parts.</summary>
internal static class SupervisorService
{
    /// <summary>Begins to serve what the options say; null when they say nothing, or when it is not possible.</summary>
    public static async Task<SupervisorServer?> StartAsync(
        AgentOptions options,
        string version,
        OwnershipLoop loop,
        ProgramHost host,
        StateWatch watch,
        DesiredStateAsks asks,
        Wishes wishes,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        if (!options.Supervisor.Any)
            return null;
        var logger = loggers.CreateLogger(typeof(SupervisorService).FullName!);
        var programs = new HostPrograms(loop, host, watch, asks, time);
        var control = new LocalControl(watch, asks, wishes, new CommandCheck(options.Host), time, logger);
        var logs = new LogFiles(options.Host, options.LogFile);
        var methods = new MethodTable(
            [
                .. new SystemMethods(options.Host, version).All,
                .. new ProcessMethods(programs, logs, time).All,
                .. new ControlMethods(programs, host, control).All,
                .. new GroupMethods(programs, control).All,
                .. new LogMethods(programs, logs).All,
            ],
            logger);
        var endpoint = new SupervisorEndpoint(methods, programs, logs, options.Supervisor.Login, time, logger);
        return await SupervisorServer.StartAsync(options.Supervisor, endpoint, loggers);
    }
}
