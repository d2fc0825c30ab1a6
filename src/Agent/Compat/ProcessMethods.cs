using HaGrpc.Agent.Compat.Wire;
using HaGrpc.Core.Compat;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Agent.Compat;

/// <summary>What processes there are, and what they do.</summary>
/// <param name="programs">The programs.</param>
/// <param name="logs">Their log files.</param>
/// <param name="time">Wall clock and local time, for people.</param>
internal sealed class ProcessMethods(HostPrograms programs, LogFiles logs, TimeProvider time)
{
    /// <summary>The methods.</summary>
    public IEnumerable<Method> All =>
    [
        new("supervisor.getProcessInfo", ["struct", "string"], 1, "What is known of one process.",
            async (arguments, _) => Info(await programs.OneAsync(arguments.Text(0)))),
        new("supervisor.getAllProcessInfo", ["array"], 0, "What is known of every process, by group and name.",
            async (_, _) => (object[])[.. (await programs.LookAsync()).Select(Info)]),
        new("supervisor.getAllConfigInfo", ["array"], 0, "How every process is configured, by name.",
            async (_, _) => (object[])[.. await ConfigurationAsync()]),
    ];

    private XmlRpcStruct Info(ProgramView program)
    {
        var now = Local(time.GetUtcNow());
        var (started, stopped) = program.Times;
        var obstacle = program.State == ProgramState.Stopped ? program.Hold.Obstacle(program.Name.Group) : "";
        // Supervisor has none that waits for another one: what is said of it stands where "Not started" would.
        if (obstacle.Length == 0 && program.State == ProgramState.Stopped)
            obstacle = program.SpawnError;
        var (stdout, stderr) = logs.PathsOf(program.Program);
        return new()
        {
            { "name", program.Name.Name },
            { "group", program.Name.Group },
            { "start", Epoch(started) },
            { "stop", Epoch(stopped) },
            { "now", Epoch(now) },
            { "state", (int)program.State },
            { "statename", program.State.ToString().ToUpperInvariant() },
            { "spawnerr", program.SpawnError },
            { "exitstatus", program.Observed?.ExitStatus ?? 0 },
            { "logfile", stdout },
            { "stdout_logfile", stdout },
            { "stderr_logfile", stderr },
            { "pid", program.Observed?.Pid ?? 0 },
            {
                "description",
                obstacle.Length > 0 ? obstacle : ProcessDescription.Of(
                    program.State, program.Name.Name, program.Observed?.Pid ?? 0, program.SpawnError, Local(started), Local(stopped), now)
            },
        };
    }

    private async Task<IEnumerable<XmlRpcStruct>> ConfigurationAsync()
    {
        var shown = (await programs.LookAsync()).Select(p => p.Name).ToHashSet();
        return (await programs.LookAtAllAsync()).OrderBy(p => p.Name.Name, StringComparer.Ordinal)
            .Select(p => Configuration(p, shown.Contains(p.Name)));
    }

    private XmlRpcStruct Configuration(ProgramView view, bool inUse)
    {
        var program = view.Program;
        var (stdout, stderr) = logs.PathsOf(program);
        XmlRpcStruct all = new()
        {
            { "autostart", program.Autostart },
            { "command", program.Command },
            { "directory", program.Directory.Length > 0 ? program.Directory : "/" },
            { "uid", UidOf(program.User) },
            { "exitcodes", (object[])[.. program.ExitCodes.Cast<object>()] },
            { "group", program.Name.Group },
            { "group_prio", 999 },
            { "inuse", inUse },
            { "killasgroup", true },
            { "name", program.Name.Name },
            { "process_prio", program.Priority },
            { "redirect_stderr", program.RedirectStderr },
            { "serverurl", "none" },
            { "startretries", program.StartRetries },
            { "startsecs", (int)Math.Ceiling(program.StartTime.TotalSeconds) },
            { "stdout_logfile", stdout.Length > 0 ? stdout : "none" },
            { "stderr_logfile", stderr.Length > 0 ? stderr : "none" },
            { "stopsignal", Programs.SignalNumber.Of(program.StopSignal) ?? Libc.SIGTERM },
            { "stopwaitsecs", (int)Math.Ceiling(program.StopTimeout.TotalSeconds) },
        };
        Rotation(all, "stdout", program.StdoutLogfileMaxBytes, program.StdoutLogfileBackups);
        Rotation(all, "stderr", program.StderrLogfileMaxBytes, program.StderrLogfileBackups);
        return all;
    }

    private static void Rotation(XmlRpcStruct all, string output, long size, int backups)
    {
        all.Add($"{output}_logfile_maxbytes", (int)Math.Min(size, int.MaxValue));
        all.Add($"{output}_logfile_backups", backups);
        // What there is none of here is off.
        all.Add($"{output}_capture_maxbytes", 0);
        all.Add($"{output}_events_enabled", false);
        all.Add($"{output}_syslog", false);
    }

    private static object UidOf(string user) =>
        user.Length == 0 ? "none" : UserAccount.Find(user) is { } account ? (object)(int)account.Uid : user;

    private DateTimeOffset? Local(DateTimeOffset? at) => at is { } instant ? Local(instant) : null;

    private DateTimeOffset Local(DateTimeOffset at) => TimeZoneInfo.ConvertTime(at, time.LocalTimeZone);

    // XML-RPC's int has 32 bits: capped as Supervisor caps it.
    private static int Epoch(DateTimeOffset? at) => (int)Math.Clamp(at?.ToUnixTimeSeconds() ?? 0, 0, int.MaxValue);
}
