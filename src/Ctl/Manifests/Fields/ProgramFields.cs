using HaGrpc.Contracts;
using HaGrpc.V1;
using static HaGrpc.Ctl.Manifests.Fields.FieldShape;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Manifests.Fields;

/// <summary>What <see cref="ProgramSection"/> reads.</summary>
internal static class ProgramFields
{
    private static readonly Section<Backoff> Backoff = new("backoff", Usual.Backoff, isShort: true,
        new("initial", Duration, "the first wait", b => FieldValue.Duration(b.Initial)),
        new("longest", Duration, "the longest wait", b => FieldValue.Duration(b.Longest)));

    private static readonly SectionField<Program>[] Fields =
    [
        new("name", Text, "unique in its group", p => FieldValue.Text(p.Name), IsRequired: true),
        new("command", Text, "split as a shell would, run without one", p => FieldValue.Text(p.Command), IsRequired: true),
        new("process_name", Text, "names each process", p => FieldValue.Text(p.ProcessName)),
        new("numprocs", Number, "how many processes are made of it", p => FieldValue.Number(p.Numprocs)),
        new("numprocs_start", Number, "the first process_num", p => FieldValue.Number(p.NumprocsStart)),
        new("autostart", Flag, "whether a new program is wanted to run", p => FieldValue.Flag(p.Autostart)),
        new("desired", Words("running", "stopped"), "absent: as the operator last asked", _ => null),
        new("directory", Text, "absolute", p => FieldValue.Text(p.Directory)),
        new("user", Text, "name or number; else the agent's", p => FieldValue.Text(p.User)),
        new("umask", Text, "octal, for example 022", p => FieldValue.Text(p.Umask)),
        new("environment", Texts, "variables", p => FieldValue.Texts(p.Environment)),
        new("run_on", Words("owner", "all"), "all: every member runs it, at any time", p => FieldValue.Enum(p.RunOn)),
        new("priority", Number, "0 to 9999; lower starts first and stops last", p => FieldValue.Number(p.Priority)),
        new("after", List(Text), "programs that have to be ready before", p => FieldValue.TextList(p.After)),
        new("oneshot", Flag, "true: runs to its end once each time the group begins on a host", p => FieldValue.Flag(p.Oneshot)),
        new("restart", Words("always", "unexpected", "never"), "after which ends", p => FieldValue.Enum(p.Restart)),
        new("exit_codes", List(Number), "expected ones", p => FieldValue.Words([.. p.ExitCodes.Select(code => $"{code}")])),
        new("start_time", Duration, "how long it must stay up to count as RUNNING", p => FieldValue.Duration(p.StartTime)),
        new("start_retries", Number, "failed starts before FATAL", p => FieldValue.Number(p.StartRetries)),
        new("backoff", Map(Backoff), "the waits between tries", p => FieldValue.Map(Backoff, p.Backoff)),
        new("fatal_retry_after", Duration, "0s: an operator has to start it", p => FieldValue.Duration(p.FatalRetryAfter)),
        new("fatal_action", Words("stay", "restart_group", "fail_over"), "when it has become FATAL", p => FieldValue.Enum(p.FatalAction)),
        new("readiness", Map(CheckFields.Readiness), "says when it is ready", p => FieldValue.Map(CheckFields.Readiness, p.Readiness)),
        new("ready_timeout", Duration, "how long that may take", p => FieldValue.Duration(p.ReadyTimeout)),
        new("liveness", Map(CheckFields.Liveness), "says whether it still works", p => FieldValue.Map(CheckFields.Liveness, p.Liveness)),
        new("stop_signal", Text, "a name without SIG", p => FieldValue.Text(p.StopSignal)),
        new("stop_timeout", Duration, "then its whole process tree is killed", p => FieldValue.Duration(p.StopTimeout)),
        new("stop_as_group", Flag, "the stop signal goes to the process group", p => FieldValue.Flag(p.StopAsGroup)),
        new("redirect_stderr", Flag, "standard error goes where standard output goes", p => FieldValue.Flag(p.RedirectStderr)),
        new("stdout_logfile", Text, "absolute path, or NONE", p => FieldValue.Text(p.StdoutLogfile)),
        new("stdout_logfile_maxbytes", Amount, "the size at which it is rotated; 0 for never", p => FieldValue.Size(p.StdoutLogfileMaxbytes)),
        new("stdout_logfile_backups", Number, "how many backups are kept", p => FieldValue.Number(p.StdoutLogfileBackups)),
        new("stderr_logfile", Text, "absolute path, or NONE", p => FieldValue.Text(p.StderrLogfile)),
        new("stderr_logfile_maxbytes", Amount, "the size at which it is rotated; 0 for never", p => FieldValue.Size(p.StderrLogfileMaxbytes)),
        new("stderr_logfile_backups", Number, "how many backups are kept", p => FieldValue.Number(p.StderrLogfileBackups)),
        new("logfile_max_age", Duration, "both are also rotated at this age; 0s: never", p => FieldValue.Duration(p.LogfileMaxAge)),
        new("logfile_compress", Flag, "backups are compressed", p => FieldValue.Flag(p.LogfileCompress)),
        new("limits", Map(LimitsFields.Section), "what it may use of the host", p => FieldValue.Map(LimitsFields.Section, p.Limits)),
        new("mode", AdoptFields.Modes, "observe: it is only watched; absent: as it is", p => AdoptFields.Of(p.Mode)),
        new("adopt", Map(AdoptFields.Section), "how its process is found while it is observed", p => FieldValue.Map(AdoptFields.Section, p.Adopt)),
    ];

    /// <summary>A program inside its group.</summary>
    internal static Section<Program> InGroup { get; } = new("program", Usual, isShort: false, Fields);

    /// <summary>A program at the top of a manifest.</summary>
    internal static Section<Program> AtTop { get; } = new("program_at_top", Usual, isShort: false,
    [
        new("group", Text, "the group it fails over with", p => FieldValue.Text(p.Group), IsRequired: true),
        .. Fields,
    ]);

    private static Program Usual => new Model.Program { Name = new("", ""), Command = "" }.ToProto();
}
