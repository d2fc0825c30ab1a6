using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>Makes a program of a manifest from a section <c>[program:x]</c>. What is Supervisor's default and ours is not written.</summary>
internal sealed class ProgramConversion
{
    private static readonly HashSet<string> Known = new(StringComparer.Ordinal)
    {
        "command", "process_name", "numprocs", "numprocs_start", "priority", "autostart", "autorestart", "startsecs", "startretries", "exitcodes",
        "stopsignal", "stopwaitsecs", "stopasgroup", "killasgroup", "user", "umask", "directory", "redirect_stderr", "environment", "serverurl",
        "stdout_logfile", "stdout_logfile_maxbytes", "stdout_logfile_backups", "stdout_syslog", "stdout_capture_maxbytes", "stdout_events_enabled",
        "stderr_logfile", "stderr_logfile_maxbytes", "stderr_logfile_backups", "stderr_syslog", "stderr_capture_maxbytes", "stderr_events_enabled",
    };

    private const int LowestPriority = 0, HighestPriority = 9999;
    private const int MostProcesses = 1000, MostRetries = 1_000_000, LongestWait = 24 * 60 * 60;

    private readonly ProgramScope _scope;
    private readonly ManifestMap _program;

    private ProgramConversion(ProgramScope scope) => (_scope, _program) = (scope, new(scope.Section.Origin));

    /// <summary>The program; null, and reported, when there is nothing to run.</summary>
    internal static ManifestMap? Of(ProgramScope scope)
    {
        if (scope.Find("command") is not { } command || string.IsNullOrWhiteSpace(command.Value))
        {
            scope.Report.Lose(scope.Section.Origin, "has no command; Supervisor does not start with it");
            return null;
        }
        var conversion = new ProgramConversion(scope);
        var processes = conversion.Whole("numprocs", 1);
        if (processes <= 0)
        {
            scope.Report.Lose(scope.Find("numprocs")!.Origin, $"{processes}: Supervisor runs no process of it; the whole program is left out");
            return null;
        }
        return conversion.Convert(command, processes);
    }

    private ManifestMap Convert(IniOption command, int many)
    {
        _program.Comments.AddRange(_scope.Section.Comments);
        _program.Text("name", ObjectName.Of(_scope.Name, _scope.Section.Origin, _scope.Report));
        _program.Text("command", OneLine(_scope.Text("command")!), command.Origin);
        var processes = Processes(Within("numprocs", many, 1, MostProcesses));
        Surroundings();
        Order();
        Lives();
        new LogConversion(_scope, _program, processes).Convert();
        if (_scope.Defaults.Descriptors is { } descriptors)
        {
            var rlimits = new ManifestMap(descriptors.Origin).Word("nofile", SupervisorValue.Text(descriptors.Number));
            _scope.Report.Note(descriptors.Origin, "supervisord raised what was lower and left alone what was higher; here it is both limits of each program: "
                + "for one that raises its own, as Java does, write nofile: \"SOFT:HARD\"");
            _program.Add("limits", new MapValue(new ManifestMap(descriptors.Origin).Add("rlimits", new MapValue(rlimits))), descriptors.Origin);
        }
        foreach (var option in _scope.Section.Options.Where(option => !Known.Contains(option.Name)))
            _scope.Report.Note(option.Origin, "is no option of a program in Supervisor, which ignores it");
        return _program;
    }

    // A command over several lines is one command; within quotes, and behind a backslash, the line breaks are its own.
    private static string OneLine(string command) => command.AsSpan().ContainsAny('"', '\'', '\\')
        ? command
        : string.Join(' ', command.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <returns>The text that names each process.</returns>
    private string Processes(int many)
    {
        var name = _scope.Find("process_name");
        var text = name?.Value ?? "%(program_name)s";
        if (text.Contains("%(host_node_name)", StringComparison.Ordinal))
        {
            text = text.Replace("%(host_node_name)s", _scope.Host, StringComparison.Ordinal);
            _scope.Report.Note(name!.Origin, $"the host's name is written as {_scope.Host}: the program keeps its name wherever it runs");
        }
        if (text.Contains("%(ENV_", StringComparison.Ordinal))
        {
            text = many > 1 ? "%(program_name)s_%(process_num)02d" : "%(program_name)s";
            _scope.Report.Lose(name!.Origin, $"{name.Value}: a name does not depend on the host's environment; it is {text} now");
        }
        text = _scope.OnHosts(text, name?.Origin ?? _scope.Section.Origin);
        if (many > 1 && !text.Contains("%(process_num)", StringComparison.Ordinal))
        {
            _scope.Report.Lose(name?.Origin ?? _scope.Section.Origin,
                $"{text}: several processes need several names, Supervisor does not start with it; %(process_num)02d is put behind it");
            text += "_%(process_num)02d";
        }
        if (text != "%(program_name)s")
            _program.Text("process_name", text, name?.Origin);
        if (many != 1)
            _program.Word("numprocs", SupervisorValue.Text(many), _scope.Find("numprocs")?.Origin);
        if (Whole("numprocs_start", 0) is var first and not 0)
            _program.Word("numprocs_start", SupervisorValue.Text(first), _scope.Find("numprocs_start")?.Origin);
        return text;
    }

    private void Surroundings()
    {
        var directory = _scope.Find("directory") ?? _scope.Defaults.Directory;
        if (directory is not null)
            _program.Text("directory", _scope.OnHosts(directory.Value, directory.Origin), directory.Origin);
        else
            _scope.Report.Note(_scope.Section.Origin, "no directory is named: it is / here, and was where supervisord had been started");
        // A name that cannot be known is written as it stands: nobody is better than the agent's own user.
        if (_scope.Find("user") is { } user)
            _program.Text("user", _scope.Value("user") ?? user.Value, user.Origin);
        else if (_scope.Defaults.User is { } common)
            _program.Text("user", common.Value, common.Origin);
        Variables();
        Umask();
    }

    private void Variables()
    {
        var all = _scope.Defaults.Environment.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        if (_scope.Find("environment") is { } option)
        {
            if (!EnvironmentText.TryRead(_scope.Defaults.WithVariables(option.Value), out var own, out var problem))
                _scope.Report.Lose(option.Origin, $"{option.Value}: {problem}");
            foreach (var (name, value) in own ?? [])
                all[name] = (value, option.Origin);
        }
        if (all.Count == 0)
            return;
        var map = new ManifestMap(_scope.Find("environment")?.Origin ?? all.Values.First().Origin);
        foreach (var (name, (value, at)) in all)
            map.Text(name, _scope.OnHosts(value, at), at);
        _program.Add("environment", new MapValue(map));
    }

    private void Umask()
    {
        var option = _scope.Find("umask");
        var own = _scope.Value("umask") is { } text ? SupervisorValue.Umask(text) : null;
        if (option is not null && own is null)
            _scope.Report.Lose(option.Origin, $"{option.Value}: not an octal umask; {_scope.Defaults.Umask} is written");
        // Supervisord sets its own for all; the agent's may be another one.
        _program.Word("umask", own ?? _scope.Defaults.Umask, option?.Origin ?? _scope.Defaults.UmaskOrigin);
    }

    private void Order()
    {
        var priority = Whole("priority", 999);
        if (priority is < LowestPriority or > HighestPriority)
        {
            var near = Math.Clamp(priority, LowestPriority, HighestPriority);
            _scope.Report.Lose(_scope.Find("priority")!.Origin,
                $"{priority}: priorities are {LowestPriority} to {HighestPriority} here; {near} is written: see that the order is the same");
            priority = near;
        }
        Word("priority", SupervisorValue.Text(priority), "999", "priority");
        if (Flag("autostart", true) is false)
        {
            _program.Word("autostart", "false", _scope.Find("autostart")!.Origin);
            _scope.Report.Note(_scope.Find("autostart")!.Origin,
                $"it stays stopped until 'hactl start {_scope.Group}' has been said once; from then on it runs wherever its group is");
        }
    }

    private void Lives()
    {
        // An empty list of expected codes, and Supervisor starts it again whatever it ends with: only that policy says so here.
        var expectsNothing = _scope.Value("exitcodes") is { Length: 0 }
            && (_scope.Value("autorestart") is not { } restart || SupervisorValue.Restart(restart) is null or "unexpected");
        if (expectsNothing)
        {
            _program.Word("restart", "always", _scope.Find("exitcodes")!.Origin);
            _scope.Report.Note(_scope.Find("exitcodes")!.Origin, "empty: no exit is expected, so that it is always started again: restart: always");
        }
        else
        {
            Converted("autorestart", "restart", SupervisorValue.Restart, "unexpected", "true, false or unexpected");
        }
        Wait("startsecs", "start_time", 1);
        var retries = Whole("startretries", 3);
        // Who writes more means for ever, and it is: two years at least.
        if (retries > MostRetries)
            _scope.Report.Note(_scope.Find("startretries")!.Origin, $"{retries}: {MostRetries} is written, the most there is; with the waits between them these are years");
        Word("start_retries", SupervisorValue.Text(Math.Clamp(retries, 0, MostRetries)), "3", "startretries");
        if (_scope.Value("exitcodes") is { Length: > 0 } codes)
        {
            var at = _scope.Find("exitcodes")!.Origin;
            if (SupervisorValue.Numbers(codes) is not { } numbers)
                _scope.Report.Lose(at, $"{codes}: not a list of whole numbers; 0 is expected");
            else if (numbers is not [0])
                _program.Add("exit_codes", new ScalarsValue([.. numbers.Select(number => new WordValue(SupervisorValue.Text(number)))]), at);
        }
        Converted("stopsignal", "stop_signal", SupervisorValue.Signal, "TERM", "a signal's name or number");
        Wait("stopwaitsecs", "stop_timeout", 10);
        var asGroup = Flag("stopasgroup", false);
        if (asGroup)
            _program.Word("stop_as_group", "true", _scope.Find("stopasgroup")!.Origin);
        if (_scope.Find("killasgroup") is { } kill && Flag("killasgroup", asGroup) is false)
            _scope.Report.Lose(kill.Origin, "false: whatever a program has started is always killed with it here after stop_timeout");
        if (_scope.Value("serverurl") is { } url && !url.Equals("AUTO", StringComparison.OrdinalIgnoreCase))
            _scope.Report.Lose(_scope.Find("serverurl")!.Origin, $"{url}: programs are not told the address of a server");
    }

    // Supervisor takes what is negative for nothing, too.
    private void Wait(string option, string field, int common)
    {
        var seconds = Within(option, Math.Max(0, Whole(option, common)), 0, LongestWait);
        Word(field, SupervisorValue.Seconds(seconds), SupervisorValue.Seconds(common), option);
    }

    /// <summary>The nearest number that there can be: Supervisor's default would be as far away as it gets.</summary>
    private int Within(string option, int number, int least, int most)
    {
        var near = Math.Clamp(number, least, most);
        if (near != number)
            _scope.Report.Lose(_scope.Find(option)!.Origin, $"{number}: must be {least} to {most} here; {near} is written");
        return near;
    }

    private void Converted(string option, string field, Func<string, string?> convert, string common, string right)
    {
        if (_scope.Value(option) is not { } text)
            return;
        if (convert(text) is { } word)
            Word(field, word, common, option);
        else
            _scope.Report.Lose(_scope.Find(option)!.Origin, $"{text}: not {right}; Supervisor does not start with it, {common} is taken");
    }

    private void Word(string field, string word, string common, string option)
    {
        if (word != common)
            _program.Word(field, word, _scope.Find(option)?.Origin);
    }

    private bool Flag(string option, bool common) => Read(option, SupervisorValue.Flag, common, "true or false");

    private int Whole(string option, int common) => Read(option, SupervisorValue.Number, common, "a whole number");

    private T Read<T>(string option, Func<string, T?> read, T common, string right)
        where T : struct
    {
        if (_scope.Value(option) is not { } text)
            return common;
        if (read(text) is { } value)
            return value;
        _scope.Report.Lose(_scope.Find(option)!.Origin, $"{text}: not {right}; Supervisor does not start with it, {$"{common}".ToLowerInvariant()} is taken");
        return common;
    }
}
