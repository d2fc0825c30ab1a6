using HaGrpc.Core.Model;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>The log files of a program. AUTO, Supervisor's default, becomes a file of a fixed name in the same directory: without it what a program
/// writes would be lost here.</summary>
internal sealed class LogConversion(ProgramScope scope, ManifestMap program, string processes)
{
    private const long UsualSize = 50 << 20;
    private const int UsualBackups = 10, MostBackups = 1000;
    private const long SmallestSize = 4096;

    internal void Convert()
    {
        var redirects = scope.Value("redirect_stderr") is { } text && SupervisorValue.Flag(text) == true;
        if (redirects)
            program.Word("redirect_stderr", "true", scope.Find("redirect_stderr")!.Origin);
        else if (scope.Value("redirect_stderr") is { } other && SupervisorValue.Flag(other) is null)
            scope.Report.Lose(scope.Find("redirect_stderr")!.Origin,
                $"{other}: not true or false; Supervisor does not start with it, false is taken");
        Output("stdout");
        if (redirects && scope.Find("stderr_logfile") is { } ignored)
            scope.Report.Note(ignored.Origin, "redirect_stderr makes Supervisor ignore it");
        else if (!redirects && IsSameFile())
        {
            program.Word("redirect_stderr", "true", scope.Find("stderr_logfile")!.Origin);
            scope.Report.Note(scope.Find("stderr_logfile")!.Origin, "is the file of stdout_logfile: redirect_stderr here, so that its lines stay whole and in their order");
        }
        else if (!redirects)
        {
            Output("stderr");
        }
    }

    private bool IsSameFile() =>
        scope.Find("stdout_logfile") is { } one && scope.Find("stderr_logfile") is { } other && one.Value == other.Value
        && other.Value.Contains('/', StringComparison.Ordinal) && !other.Value.StartsWith("/dev/", StringComparison.Ordinal);

    private void Output(string output)
    {
        var option = scope.Find($"{output}_logfile");
        var at = option?.Origin ?? scope.Section.Origin with { Option = $"{scope.Section.Origin.Option} {output}_logfile" };
        switch (option?.Value.ToLowerInvariant() ?? "auto")
        {
            case "none" or "off":
                break;
            case "auto":
                Automatic(output, at);
                break;
            case "syslog":
                Syslog(at);
                break;
            default:
                Named(output, option!);
                break;
        }
        Rotation(output);
        if (IsOn($"{output}_syslog") is { } syslog)
            Syslog(syslog.Origin);
        if (scope.Find($"{output}_capture_maxbytes") is { } capture && SupervisorValue.Size(capture.Value) != 0)
            scope.Report.Lose(capture.Origin, $"{capture.Value}: it is for event listeners, which there are none of");
        if (IsOn($"{output}_events_enabled") is { } events)
            scope.Report.Lose(events.Origin, "it is for event listeners, which there are none of; hactl tail -f shows what a program writes");
    }

    private void Automatic(string output, Origin at)
    {
        if (scope.Defaults is { ChildLogDirectory: null, LogDirectory: null })
        {
            scope.Report.Lose(at, "AUTO was a file of a random name in supervisord's temporary directory; NONE here: say where such files go with " +
                "--log-dir, name a file, or import the supervisord.conf that says childlogdir, too");
            return;
        }
        Place(output, scope.Defaults.ChildLogDirectory is { } said ? scope.OnHosts(said.Value, said.Origin) : scope.Defaults.LogDirectory!, at);
        scope.Report.Note(at, scope.Defaults.ChildLogDirectory is null
            ? "AUTO was a file of a random name in supervisord's temporary directory; here it has a fixed name in --log-dir, mode 0644 instead of 0600, and stays over restarts"
            : "AUTO was a file of a random name in childlogdir; here it has a fixed name there, mode 0644 instead of 0600, and stays over restarts");
    }

    private void Place(string output, string directory, Origin at)
    {
        var name = processes.Replace("%(program_name)s", scope.Name.Replace("%", "%%", StringComparison.Ordinal), StringComparison.Ordinal);
        program.Text($"{output}_logfile", $"{directory.TrimEnd('/')}/{name}-{output}.log", at);
    }

    private void Named(string output, IniOption option)
    {
        // Supervisor works their expansions off twice.
        var path = scope.OnHosts(SupervisorValue.Twice(option.Value), option.Origin);
        if (path is "/dev/stdout" or "/dev/stderr" || path.StartsWith("/dev/fd/", StringComparison.Ordinal))
        {
            scope.Report.Lose(option.Origin, $"{path}: it was supervisord's own output; here nothing is kept: name a file");
            return;
        }
        if (!path.StartsWith('/') && !path.StartsWith('%') && !path.StartsWith('~') && scope.Defaults.Directory is { } directory)
            path = $"{scope.OnHosts(directory.Value, directory.Origin).TrimEnd('/')}/{path}";
        program.Text($"{output}_logfile", path, option.Origin);
    }

    private void Rotation(string output)
    {
        if (scope.Value($"{output}_logfile_maxbytes") is { } size)
        {
            var at = scope.Find($"{output}_logfile_maxbytes")!.Origin;
            if (SupervisorValue.Size(size) is not { } bytes)
                scope.Report.Lose(at, $"{size}: not a size; Supervisor does not start with it, 50mb is taken");
            else if (bytes != UsualSize)
                program.Word($"{output}_logfile_maxbytes", SizeText.Format(bytes == 0 ? 0 : Math.Max(bytes, SmallestSize)), at);
            if (SupervisorValue.Size(size) is > 0 and < SmallestSize)
                scope.Report.Note(at, $"{size}: {SizeText.Format(SmallestSize)} is written, the smallest there is");
        }
        if (scope.Value($"{output}_logfile_backups") is { } backups)
        {
            var at = scope.Find($"{output}_logfile_backups")!.Origin;
            if (SupervisorValue.Number(backups) is not { } number)
                scope.Report.Lose(at, $"{backups}: not a whole number; Supervisor does not start with it, {UsualBackups} is taken");
            else if (number != UsualBackups)
                program.Word($"{output}_logfile_backups", SupervisorValue.Text(Math.Clamp(number, 0, MostBackups)), at);
            if (SupervisorValue.Number(backups) is > MostBackups)
                scope.Report.Lose(at, $"{backups}: must be 0 to {MostBackups} here; {MostBackups} is written");
        }
    }

    private void Syslog(Origin at) =>
        scope.Report.Lose(at, "nothing goes to syslog from here: let the program write to it, for example through logger(1)");

    private IniOption? IsOn(string option) =>
        scope.Find(option) is { } found && SupervisorValue.Flag(found.Value) != false ? found : null;
}
