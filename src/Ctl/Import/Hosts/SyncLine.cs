namespace HaGrpc.Ctl.Import.Hosts;

/// <summary>What a line of a list for rsync or inotifywait is about.</summary>
internal enum SyncLineKind
{
    /// <summary>A directory that was copied or watched.</summary>
    Directory,

    /// <summary>A directory that inotifywait was told not to watch: <c>@/srv/app/cache</c>.</summary>
    Unwatched,

    /// <summary>A pattern of rsync for what was not copied.</summary>
    Pattern,

    /// <summary>A rule that says more than what is left out.</summary>
    Rule,

    /// <summary>A path below a directory that the list does not name.</summary>
    Relative,
}

/// <summary>One line of such a list.</summary>
/// <param name="Kind">What it is about.</param>
/// <param name="Text">The path without a slash at its end, or the pattern.</param>
/// <param name="Origin">Where it stands; its option is the line as it stands there.</param>
internal sealed record SyncLine(SyncLineKind Kind, string Text, Origin Origin)
{
    /// <summary>The lines of a list; what is empty or a comment is none.</summary>
    internal static IEnumerable<SyncLine> Read(string file, string text)
    {
        var isExcludes = Path.GetFileName(file).Contains("exclude", StringComparison.OrdinalIgnoreCase);
        var number = 0;
        foreach (var line in text.Split('\n').Select(line => line.Trim()))
        {
            number++;
            if (line.Length > 0 && line[0] is not ('#' or ';'))
                yield return Of(line, isExcludes, new(file, number, line));
        }
    }

    private static SyncLine Of(string line, bool isExcludes, Origin at)
    {
        if (line.StartsWith("@/", StringComparison.Ordinal))
            return new(SyncLineKind.Unwatched, Bare(line[1..]), at);
        if (isExcludes)
        {
            var isRule = line == "!" || line.StartsWith("+ ", StringComparison.Ordinal);
            var pattern = line.StartsWith("- ", StringComparison.Ordinal) ? line[2..].Trim() : line;
            return new(isRule ? SyncLineKind.Rule : SyncLineKind.Pattern, pattern, at);
        }
        return line.StartsWith('/') ? new(SyncLineKind.Directory, Bare(line), at) : new(SyncLineKind.Relative, line, at);
    }

    private static string Bare(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}
