using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>Where the paths that a configuration names are to be found, and what its own files are called on their host.</summary>
internal interface IConfigurationPlaces
{
    /// <summary>Existing files and directories that a path or pattern stands for.</summary>
    /// <param name="pattern">As it was written.</param>
    /// <param name="directory">The directory of the file that names it.</param>
    IReadOnlyList<string> Matches(string pattern, string directory);

    /// <summary>The directory of a file as its host knows it.</summary>
    string DirectoryOf(string file);
}

/// <summary>The files lie where they belong.</summary>
internal sealed class TheirOwnPlaces : IConfigurationPlaces
{
    /// <inheritdoc/>
    public IReadOnlyList<string> Matches(string pattern, string directory) =>
        Wildcard.Matches(Path.Join(pattern.StartsWith('/') ? "" : directory, pattern));

    /// <inheritdoc/>
    public string DirectoryOf(string file) => Path.GetDirectoryName(Path.GetFullPath(file)) ?? "/";
}

/// <summary>Reads configurations of Supervisor with all that they include.</summary>
internal sealed class SupervisorFiles(IConfigurationPlaces places, ImportTarget target, ImportReport report)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly IniReader _ini = new(report);

    /// <summary>What was read.</summary>
    internal IniReader Ini => _ini;

    /// <summary>Files that an include found, and that belong to somebody else.</summary>
    internal List<string> Others { get; } = [];

    /// <summary>Reads a file, or the <c>*.conf</c> and <c>*.ini</c> of a directory, and what they include.</summary>
    /// <param name="name">As the operator named it.</param>
    /// <param name="isOther">True for an included file that goes to <see cref="Others"/>.</param>
    internal void Read(string name, Func<string, bool>? isOther = null)
    {
        if (!Directory.Exists(name))
        {
            ReadFile(name, isOther);
            return;
        }
        var found = Wildcard.Matches(Path.Join(name, "*.conf")).Concat(Wildcard.Matches(Path.Join(name, "*.ini")));
        var files = found.Where(File.Exists).Order(StringComparer.Ordinal).ToArray();
        foreach (var file in files)
            ReadFile(file, isOther);
        if (files.Length == 0)
            report.Fail(new(name, 0, ""), "the directory has no *.conf or *.ini file");
    }

    private void ReadFile(string name, Func<string, bool>? isOther)
    {
        if (!_read.Add(Path.GetFullPath(name)))
            return;
        if (!LegacyText.TryRead(name, out var text, out var problem))
        {
            report.Fail(new(name, 0, ""), problem);
            return;
        }
        var before = _ini.Find("include")?.Find("files");
        _ini.Read(name, text, places.DirectoryOf(name));
        // Included files cannot include others: Supervisor reads this section of the main file only.
        if (_ini.Find("include") is { } include && include.Find("files") is { } files && files != before)
            Include(files, isOther);
    }

    private void Include(IniOption files, Func<string, bool>? isOther)
    {
        var directory = Path.GetDirectoryName(files.Origin.File) ?? "";
        foreach (var pattern in files.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries))
        {
            var values = new Dictionary<string, ExpansionValue>(StringComparer.Ordinal) { ["host_node_name"] = new(target.Host.Host) };
            if (!Expansion.TryFinish(pattern, values, out var expanded, out var error))
            {
                report.Lose(files.Origin, $"{pattern}: {error}; import its files by name");
                continue;
            }
            var found = places.Matches(expanded, directory).Where(File.Exists).ToArray();
            if (found.Length == 0)
                report.Lose(files.Origin,
                    $"{pattern}: no such file here; import its files by name, or the copy of a whole host by 'hactl import host DIR'");
            foreach (var file in found)
            {
                if (isOther?.Invoke(file) == true)
                    Others.Add(file);
                else
                    ReadIncluded(file);
            }
        }
    }

    private void ReadIncluded(string file)
    {
        if (!_read.Add(Path.GetFullPath(file)))
            return;
        if (!LegacyText.TryRead(file, out var text, out var problem))
        {
            report.Lose(new(file, 0, ""), problem);
            return;
        }
        _ini.Read(file, text, places.DirectoryOf(file));
        if (_ini.Find("include")?.Find("files") is { } files && files.Origin.File == file)
            report.Note(files.Origin, $"{files.Value}: an included file includes nothing; Supervisor ignores it");
    }
}
