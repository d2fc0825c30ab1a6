using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Hosts;

/// <summary>
/// Lists for rsync and inotifywait become the <c>directories</c> of the group whose programs lie there. The lists of a pair that copies a tree by a
/// script name only what of it is not watched: the tree is what all of that lies in.
/// </summary>
internal sealed class SyncedDirectories(ImportReport report)
{
    private static readonly string[] TooMuch = ["/", "/usr", "/usr/local", "/var", "/etc", "/home", "/opt"];

    private readonly List<SyncLine> _lines = [];

    /// <summary>Takes the lines of a list.</summary>
    internal void Add(string file, string text) => _lines.AddRange(SyncLine.Read(file, text));

    /// <summary>Says in a group what the lists say, and reports what of it cannot be said.</summary>
    /// <param name="group">The group of this host's programs; null when there is none.</param>
    internal void AddTo(ManifestMap? group)
    {
        if (_lines.Count == 0)
            return;
        var directories = group is null ? [] : Directories(group);
        if (group is null || directories.Count == 0)
        {
            foreach (var line in _lines)
                report.Lose(line.Origin, group is null ? "there is no group whose programs it could be for" : "no list says in which directory");
            return;
        }
        foreach (var directory in directories)
            Exclude(directory);
        foreach (var line in _lines)
        {
            if (line.Kind == SyncLineKind.Rule)
                report.Lose(line.Origin, "a directory's exclude says only what is left out: rsync took this in before");
            else if (line.Kind == SyncLineKind.Relative)
                report.Lose(line.Origin, "lies in a directory that the list does not name");
        }
        group.Items("directories").AddRange(directories);
    }

    private List<ManifestMap> Directories(ManifestMap group)
    {
        var named = _lines.Where(line => line.Kind == SyncLineKind.Directory).ToList();
        var directories = new List<ManifestMap>();
        foreach (var line in named)
        {
            if (named.Find(other => IsIn(line.Text, other.Text) || (other.Text == line.Text && other.Origin != line.Origin)) is { } outer
                && (outer.Text != line.Text || named.IndexOf(outer) < named.IndexOf(line)))
            {
                report.Note(line.Origin, $"is compared with {outer.Text}, in which it lies");
                continue;
            }
            directories.Add(Directory(line.Text, line.Origin));
        }
        var loose = _lines.Where(line => line.Kind == SyncLineKind.Unwatched && !named.Exists(directory => IsIn(line.Text, directory.Text))).ToArray();
        if (loose.Length == 0)
            return directories;
        var tree = CommonParent(loose);
        if (TooMuch.Contains(tree, StringComparer.Ordinal))
        {
            foreach (var line in loose)
                report.Lose(line.Origin, "was not watched, and no list says in which directory that was copied it lies");
            return directories;
        }
        var programs = group.Find("programs")?.Value is MapsValue { Items: var items } ? items : [];
        var inside = programs.Count(program => IsIn(program.TextOf("directory"), tree) || program.TextOf("directory") == tree);
        report.Note(loose[0].Origin with { Option = "" },
            $"{tree}: all of these lie in it, and {inside} of {programs.Count} programs of the group run there, so it is taken for the tree that was copied");
        directories.Add(Directory(tree, loose[0].Origin));
        return directories;
    }

    private static ManifestMap Directory(string path, Origin at) => new ManifestMap(at) { IsShort = true }.Text("path", path);

    private void Exclude(ManifestMap directory)
    {
        var path = directory.TextOf("path");
        var patterns = new Dictionary<string, Origin>(StringComparer.Ordinal);
        foreach (var line in _lines)
        {
            if (PatternOf(line, path) is not { } pattern)
                continue;
            if (patterns.TryGetValue(pattern, out var first))
                report.Note(line.Origin, $"stands also at {first.File}:{first.Line}");
            else if (patterns.Count == Core.Model.GroupDirectory.MostExcluded)
                report.Lose(line.Origin, $"a directory has at most {Core.Model.GroupDirectory.MostExcluded} patterns");
            else
                patterns.Add(pattern, line.Origin);
        }
        if (patterns.Count > 0)
            directory.Add("exclude", new ScalarsValue([.. patterns.Keys.Select(pattern => new TextValue(pattern))]), patterns.Values.First());
    }

    private string? PatternOf(SyncLine line, string directory)
    {
        if (line.Kind == SyncLineKind.Unwatched && IsIn(line.Text, directory))
        {
            report.Note(line.Origin, "was not watched, so it is not compared: take it out of exclude if rsync copied it all the same");
            return $"/{line.Text[(directory.Length + 1)..]}";
        }
        if (line.Kind != SyncLineKind.Pattern)
            return null;
        var pattern = SyncPattern.Of(line.Text);
        if (pattern.Text is null)
            report.Lose(line.Origin, pattern.Remark!);
        else if (pattern.Remark is { } remark)
            report.Note(line.Origin, remark);
        return pattern.Text;
    }

    private static string CommonParent(IEnumerable<SyncLine> lines)
    {
        string? common = null;
        foreach (var parent in lines.Select(line => line.Text[..Math.Max(1, line.Text.LastIndexOf('/'))]))
        {
            common ??= parent;
            while (common != parent && !IsIn(parent, common))
                common = common[..Math.Max(1, common.LastIndexOf('/'))];
        }
        return common ?? "/";
    }

    private static bool IsIn(string path, string directory) => path.StartsWith(directory == "/" ? "/" : directory + "/", StringComparison.Ordinal) && path != directory;
}
