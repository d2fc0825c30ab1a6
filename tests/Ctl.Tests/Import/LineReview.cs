using System.Globalization;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Import;
using HaGrpc.Ctl.Import.Hosts;
using HaGrpc.Ctl.Tests.Manifests;
using Model = HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>
/// Goes through the files of a host line by line, without the importer's own readers, and asks of each what became of it: the very field of the very
/// program or group, or a finding with its number.
/// </summary>
internal sealed class LineReview
{
    private readonly string _root;
    private readonly Finding[] _findings;
    private readonly Model.Group[] _groups;
    private readonly Model.Program[] _programs;
    private readonly List<string> _unaccounted = [];

    internal LineReview(string root)
    {
        _root = root;
        var manifest = new ImportedManifest();
        var target = HostImport.Run(root, ImportedFiles.Alone, manifest);
        var request = Read.Text(manifest.Text(target, "review")!).Request;
        _findings = [.. manifest.Report.Findings];
        _groups = [.. request.Groups.Select(group => group.ToModel())];
        _programs = [.. request.Programs.Select(program => program.ToModel())];
    }

    /// <summary>How many lines say something.</summary>
    internal int Lines { get; private set; }

    /// <summary>Lines of which nothing became.</summary>
    internal IReadOnlyList<string> Unaccounted()
    {
        foreach (var file in Directory.EnumerateFiles(_root, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            if (_findings.Any(finding => finding.At.File == file && finding.At.Line == 0))
                continue;
            LegacyText.TryRead(file, out var text, out _).ShouldBeTrue(file);
            Review(file, text!.ReplaceLineEndings("\n").Split('\n'));
        }
        return _unaccounted;
    }

    private void Review(string file, string[] lines)
    {
        var section = "";
        var isSectionReported = false;
        for (var number = 1; number <= lines.Length; number++)
        {
            var line = lines[number - 1].Trim();
            if (line.Length == 0 || line[0] is '#' or ';' or '!')
                continue;
            Lines++;
            if (line.StartsWith('['))
                section = line.Trim('[', ']');
            var isReported = _findings.Any(finding => finding.At.File == file && finding.At.Line == number);
            // Some are of no use as a whole. Of a program nothing is: each of its options stands for itself.
            if (line.StartsWith('[') || line.EndsWith('{'))
                isSectionReported = isReported && !line.StartsWith("[program:", StringComparison.Ordinal) && !line.StartsWith("vrrp_instance", StringComparison.Ordinal);
            if (isReported || isSectionReported)
                continue;
            var isCarried = Path.GetFileName(file) == "keepalived.conf" ? IsKeepalived(line)
                : file.EndsWith(".list", StringComparison.Ordinal) || file.EndsWith(".txt", StringComparison.Ordinal) ? IsExcluded(line)
                : section.Length == 0 ? IsCard(line)
                : line.StartsWith('[') ? section is "supervisord" or "include" or "unix_http_server" or "inet_http_server" || ProgramOf(file, section) is not null
                : IsOption(file, section, line);
            if (!isCarried)
                _unaccounted.Add($"{Path.GetRelativePath(_root, file)}:{number}: {line}");
        }
    }

    private bool IsOption(string file, string section, string line)
    {
        var equals = line.IndexOf('=', StringComparison.Ordinal);
        var (key, value) = (line[..equals].Trim(), line[(equals + 1)..].Split(" ;")[0].Trim());
        // The user and the directory of logs are in every program that says none of its own.
        if (section == "supervisord")
        {
            return key switch
            {
                "user" => _programs.All(program => program.User == value || program.StderrLogfile == "NONE"), // A card's program has no supervisord.
                "childlogdir" => _programs.Any(program => program.StderrLogfile.StartsWith(value.TrimEnd('/') + "/", StringComparison.Ordinal)),
                "directory" => true, // A supervisord's own, which programs here say themselves.
                _ => false,
            };
        }
        if (section == "include")
            return key == "files" && value.Split(' ').All(pattern => _programs.Length > 0 && pattern.EndsWith("*.conf", StringComparison.Ordinal));
        return ProgramOf(file, section) is { } program && key switch
        {
            "command" => program.Command == value,
            "directory" => program.Directory == value,
            "user" => program.User == value,
            "autostart" => program.Autostart == bool.Parse(value),
            "autorestart" => program.Restart == (bool.Parse(value) ? RestartPolicy.Always : RestartPolicy.Never),
            "startsecs" => program.StartTime == TimeSpan.FromSeconds(Number(value)),
            "startretries" => program.StartRetries == Number(value),
            "priority" => program.Priority == Number(value),
            "stdout_logfile" => program.StdoutLogfile == value,
            "stdout_logfile_maxbytes" => program.StdoutLogfileMaxBytes == Number(value.Replace("MB", "", StringComparison.Ordinal)) * 1024L * 1024,
            "stdout_logfile_backups" => program.StdoutLogfileBackups == Number(value),
            _ => false,
        };
    }

    private Model.Program? ProgramOf(string file, string section)
    {
        var isPeers = Path.GetFileName(Path.GetDirectoryName(file)) == "G_Move_conf.d";
        return _programs.SingleOrDefault(program => section == $"program:{program.Name.Name}" && program.Name.Group == _groups[isPeers ? 1 : 0].Name);
    }

    private bool IsCard(string line)
    {
        var value = line[(line.IndexOf('=', StringComparison.Ordinal) + 1)..];
        return _programs.Any(program => line.Split('=')[0] switch
        {
            "PROGRAM_NAME" => program.Name.Name == Path.GetFileNameWithoutExtension(value),
            "PROGRAM_PATH" => program.Directory == value,
            "PROGRAM_RUN" => program.Command == value,
            _ => false,
        });
    }

    private bool IsExcluded(string line) =>
        _groups[0].Directories.Any(directory => line.StartsWith("@/", StringComparison.Ordinal)
            ? directory.Exclude.Any(pattern => directory.Path + pattern == line[1..])
            : directory.Exclude.Contains(line));

    private bool IsKeepalived(string line)
    {
        var group = _groups[0];
        var words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
        return words[0] switch
        {
            "}" or "global_defs" or "virtual_ipaddress" or "virtual_routes" or "authentication" => true,
            "vrrp_instance" => group.Name == words[1],
            "interface" => group.Vips.Any(vip => vip.Interface == words[1]),
            "nopreempt" => group.Failback.Mode == FailbackMode.Manual,
            "priority" => group.Members[0].Priority == Number(words[1]),
            "notify_master" => IsHook("notify_master", words[1]),
            "notify_backup" => IsHook("notify_backup", words[1]),
            "notify_stop" => IsHook("notify_stop", words[1]),
            _ when After(words, "via") is not null || After(words, "src") is not null => group.Routes.Any(route =>
                route.Destination == words[0] && route.Gateway == (After(words, "via") ?? "")
                && route.Interface == After(words, "dev") && route.Source == (After(words, "src") ?? "")),
            _ => group.Vips.Contains(new(words[0], After(words, "dev") ?? "", After(words, "label") ?? "")),
        };
    }

    private bool IsHook(string name, string command) =>
        _groups[0].Hooks.Any(hook => hook.Name == name && hook.Command.SequenceEqual([command.Trim('"')]));

    private static string? After(string[] words, string word) =>
        Array.IndexOf(words, word) is var at and >= 0 ? words[at + 1] : null;

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
