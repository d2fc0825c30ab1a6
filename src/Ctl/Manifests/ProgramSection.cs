using HaGrpc.Contracts;
using HaGrpc.V1;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests;

/// <summary>An item of <c>programs</c>, at the top or inside a group. Absent fields take Supervisor's defaults.</summary>
internal static class ProgramSection
{
    private static readonly Model.Program Defaults = new() { Name = default, Command = "" };

    /// <param name="map">The program.</param>
    /// <param name="group">The group it stands in; null at the top, where the field says it.</param>
    internal static Program Read(MapReader map, string? group)
    {
        var program = new Program
        {
            Group = group ?? map.Text("group") ?? "",
            Name = map.Text("name") ?? "",
            Command = map.Text("command") ?? "",
            Directory = map.Text("directory") ?? Defaults.Directory,
            User = map.Text("user") ?? Defaults.User,
            Priority = map.Number("priority") ?? Defaults.Priority,
            DesiredState = Desired(map),
            Restart = map.Choice(
                "restart",
                ("always", RestartPolicy.Always),
                ("unexpected", RestartPolicy.Unexpected),
                ("never", RestartPolicy.Never)) ?? Defaults.Restart.ToProto(),
            StartTime = (map.Duration("start_time") ?? Defaults.StartTime).ToProto(),
            StartRetries = map.Number("start_retries") ?? Defaults.StartRetries,
            StopSignal = map.Text("stop_signal") ?? Defaults.StopSignal,
            StopTimeout = (map.Duration("stop_timeout") ?? Defaults.StopTimeout).ToProto(),
            Umask = map.Text("umask") ?? Defaults.Umask,
            StdoutLogfile = map.Text("stdout_logfile") ?? Defaults.StdoutLogfile,
            StderrLogfile = map.Text("stderr_logfile") ?? Defaults.StderrLogfile,
            RedirectStderr = map.Flag("redirect_stderr") ?? Defaults.RedirectStderr,
            ProcessName = map.Text("process_name") ?? Defaults.ProcessName,
            Numprocs = map.Number("numprocs") ?? Defaults.NumProcs,
            NumprocsStart = map.Number("numprocs_start") ?? Defaults.NumProcsStart,
            Autostart = map.Flag("autostart") ?? Defaults.Autostart,
            StopAsGroup = map.Flag("stop_as_group") ?? Defaults.StopAsGroup,
            Backoff = ReadBackoff(map),
            Oneshot = map.Flag("oneshot") ?? Defaults.Oneshot,
            Readiness = CheckSection.Read(map, "readiness", TimeSpan.FromMilliseconds(500)),
            ReadyTimeout = (map.Duration("ready_timeout") ?? Defaults.ReadyTimeout).ToProto(),
            Liveness = CheckSection.Read(map, "liveness", TimeSpan.FromSeconds(5)),
            FatalRetryAfter = (map.Duration("fatal_retry_after") ?? Defaults.FatalRetryAfter).ToProto(),
            FatalAction = map.Choice(
                "fatal_action",
                ("stay", FatalAction.Stay),
                ("restart_group", FatalAction.RestartGroup),
                ("fail_over", FatalAction.FailOver)) ?? Defaults.FatalAction.ToProto(),
            StdoutLogfileMaxbytes = map.Size("stdout_logfile_maxbytes") ?? Defaults.StdoutLogfileMaxBytes,
            StdoutLogfileBackups = map.Number("stdout_logfile_backups") ?? Defaults.StdoutLogfileBackups,
            StderrLogfileMaxbytes = map.Size("stderr_logfile_maxbytes") ?? Defaults.StderrLogfileMaxBytes,
            StderrLogfileBackups = map.Number("stderr_logfile_backups") ?? Defaults.StderrLogfileBackups,
            LogfileMaxAge = (map.Duration("logfile_max_age") ?? Defaults.LogfileMaxAge).ToProto(),
            LogfileCompress = map.Flag("logfile_compress") ?? Defaults.LogfileCompress,
            Limits = LimitsSection.Read(map),
            Mode = AdoptSection.Mode(map),
            Adopt = AdoptSection.Read(map),
        };
        program.RunOn = map.Choice("run_on", ("owner", RunOn.Owner), ("all", RunOn.All)) ?? Defaults.RunOn.ToProto();
        program.After.AddRange(map.TextList("after"));
        program.ExitCodes.AddRange(map.Numbers("exit_codes") ?? Defaults.ExitCodes);
        foreach (var (name, value) in map.Texts("environment"))
            program.Environment[name] = value;
        map.RefuseOthers();
        return program;
    }

    private static Backoff ReadBackoff(MapReader program)
    {
        var map = program.Map("backoff");
        var backoff = new Backoff
        {
            Initial = (map?.Duration("initial") ?? Defaults.Backoff.Initial).ToProto(),
            Longest = (map?.Duration("longest") ?? Defaults.Backoff.Longest).ToProto(),
        };
        map?.RefuseOthers();
        return backoff;
    }

    // Absent is not running: an operator's stop must survive the next apply.
    private static DesiredState Desired(MapReader map)
    {
        map.AlsoCalled("desired", "desired_state");
        return map.Choice("desired", ("running", DesiredState.Running), ("stopped", DesiredState.Stopped))
            ?? DesiredState.Unspecified;
    }
}
