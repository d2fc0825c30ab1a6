using System.Text.RegularExpressions;

namespace HaGrpc.Ctl.Import.ProgramIni;

/// <summary>One line <c>NAME=value</c>.</summary>
internal sealed record Setting(string Name, string Value, Origin Origin);

/// <summary>A file of <c>NAME=value</c> lines for shell scripts: no sections, <c>#</c> comments on lines of their own.</summary>
internal sealed partial class ShellSettings
{
    private readonly List<Setting> _settings = [];

    /// <summary>As they finally stand.</summary>
    internal IReadOnlyList<Setting> All => _settings;

    /// <summary>Lines of comment that are no settings that were switched off.</summary>
    internal List<string> Comments { get; } = [];

    internal Setting? Find(string name) => _settings.Find(setting => setting.Name == name);

    internal static ShellSettings Read(string file, string text, ImportReport report)
    {
        var settings = new ShellSettings();
        var number = 0;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            number++;
            if (line.StartsWith('#'))
                settings.Note(line);
            else if (line.Length > 0)
                settings.Add(file, number, line, report);
        }
        return settings;
    }

    private void Note(string line)
    {
        if (!SwitchedOff().IsMatch(line))
            Comments.Add(line.TrimStart('#', ' ', '\t'));
    }

    private void Add(string file, int number, string line, ImportReport report)
    {
        if (Assignment().Match(line) is not { Success: true } match)
        {
            report.Lose(new(file, number, ""), $"{line}: not NAME=value");
            return;
        }
        var value = match.Groups[2].Value.Trim();
        if (value.Length > 1 && value[0] is '"' or '\'' && value[^1] == value[0] && !value[1..^1].Contains(value[0], StringComparison.Ordinal))
            value = value[1..^1];
        var setting = new Setting(match.Groups[1].Value, value, new(file, number, match.Groups[1].Value));
        if (Find(setting.Name) is { } old)
        {
            report.Note(old.Origin, $"{old.Value}: line {number} says {value}, and the last one counts");
            _settings.Remove(old);
        }
        _settings.Add(setting);
    }

    [GeneratedRegex(@"^(?:export\s+)?(\w+)\s*=(.*)$")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"^#\s*\w+=")]
    private static partial Regex SwitchedOff();
}
