using System.Text.RegularExpressions;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>What <c>[supervisord]</c> gives to every program, because they are its children.</summary>
internal sealed partial class SupervisordDefaults
{
    private const int UsualDescriptors = 1024, UsualProcesses = 200;

    /// <summary>Supervisord's own; programs without a user of their own have it.</summary>
    internal IniOption? User { get; private set; }

    internal IniOption? Directory { get; private set; }

    /// <summary>Where AUTO log files go; null for the temporary directory.</summary>
    internal IniOption? ChildLogDirectory { get; private set; }

    /// <summary>Where they go instead of the temporary directory; null when nobody said it.</summary>
    internal string? LogDirectory { get; private init; }

    /// <summary>022 when nothing is said; it is supervisord's and not its caller's.</summary>
    internal string Umask { get; private set; } = "022";

    internal Origin? UmaskOrigin { get; private set; }

    /// <summary>How many files a program may at least have open, when that was raised.</summary>
    internal (int Number, Origin Origin)? Descriptors { get; private set; }

    /// <summary>Variables with their values, expansions in them.</summary>
    internal Dictionary<string, (string Value, Origin Origin)> Environment { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads the section and reports what of it concerns supervisord only.</summary>
    internal static SupervisordDefaults Of(IniSection? section, ImportTarget target, ImportReport report)
    {
        var defaults = new SupervisordDefaults { LogDirectory = target.LogDirectory };
        foreach (var option in section?.Options ?? [])
            defaults.Read(option, report);
        return defaults;
    }

    private void Read(IniOption option, ImportReport report)
    {
        switch (option.Name)
        {
            case "user":
                User = option;
                break;
            case "directory":
                Directory = option;
                break;
            case "childlogdir":
                ChildLogDirectory = option;
                break;
            case "umask":
                (Umask, UmaskOrigin) = (SupervisorValue.Umask(option.Value) ?? Umask, option.Origin);
                if (SupervisorValue.Umask(option.Value) is null)
                    report.Lose(option.Origin, $"{option.Value}: not an octal umask; 022 is written");
                break;
            case "environment":
                ReadEnvironment(option, report);
                break;
            case "minfds":
                ReadDescriptors(option, report);
                break;
            case "minprocs":
                ReadProcesses(option, report);
                break;
            case "nocleanup":
                report.Note(option.Origin, "log files are never deleted when something is restarted");
                break;
            case "strip_ansi" when SupervisorValue.Flag(option.Value) == true:
                report.Lose(option.Origin, "colours are not taken out of log files; hactl tail and logs leave them out on a terminal");
                break;
            case "logfile" or "logfile_maxbytes" or "logfile_backups" or "loglevel" or "pidfile" or "nodaemon" or "silent" or "identifier" or "strip_ansi":
                report.Note(option.Origin, "is about supervisord itself; the agent has options of its own");
                break;
            default:
                report.Note(option.Origin, "is no option of Supervisor, which ignores it");
                break;
        }
    }

    private void ReadEnvironment(IniOption option, ImportReport report)
    {
        // Supervisor works its expansions off twice, and those of a program's environment once.
        if (!EnvironmentText.TryRead(SupervisorValue.Twice(option.Value), out var variables, out var problem))
        {
            report.Lose(option.Origin, problem);
            return;
        }
        foreach (var (name, value) in variables)
            Environment[name] = (value, option.Origin);
    }

    private void ReadDescriptors(IniOption option, ImportReport report)
    {
        if (SupervisorValue.Number(option.Value) is not { } number)
            report.Lose(option.Origin, $"{option.Value}: not a whole number");
        else if (number > UsualDescriptors)
            Descriptors = (number, option.Origin);
        else
            report.Note(option.Origin,
                $"a least number that every Linux exceeds by default ({UsualDescriptors}); programs inherit the agent's limit");
    }

    private static void ReadProcesses(IniOption option, ImportReport report)
    {
        if (SupervisorValue.Number(option.Value) is { } number and <= UsualProcesses)
            report.Note(option.Origin, $"a least number that every Linux exceeds by default ({number}); programs inherit the agent's limit");
        else
            report.Lose(option.Origin,
                $"{option.Value}: the least limit of processes is the agent's own: see that its service allows as many (LimitNPROC)");
    }

    /// <summary>A text with the variables of <c>[supervisord]</c> put in, where the host could not know them.</summary>
    internal string WithVariables(string text) => Reference().Replace(
        text, match => Environment.TryGetValue(match.Groups[1].Value, out var variable) ? variable.Value : match.Value);

    [GeneratedRegex(@"(?<!%)%\(ENV_(\w+)\)s")]
    private static partial Regex Reference();
}
