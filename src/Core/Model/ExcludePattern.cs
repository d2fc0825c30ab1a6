namespace HaGrpc.Core.Model;

/// <summary>
/// What of a directory is left out, a small part of what rsync(1) takes. <c>*</c> stands for any characters but a slash, <c>?</c> for one. Without a
/// slash a pattern is compared with the names of files and directories at every depth; with one before or inside it, with the whole path below the
/// directory. A slash behind it: directories only. What is in a directory that is left out is left out too.
/// </summary>
public sealed class ExcludePattern
{
    private readonly string[] _parts;
    private readonly bool _isWholePath;
    private readonly bool _isOfDirectories;

    /// <summary>Reads a pattern that has no <see cref="ProblemOf"/>.</summary>
    public ExcludePattern(string pattern)
    {
        _isOfDirectories = pattern.EndsWith('/');
        var bare = pattern.TrimEnd('/');
        _isWholePath = bare.Contains('/', StringComparison.Ordinal);
        _parts = bare.TrimStart('/').Split('/');
    }

    /// <summary>What is wrong with a pattern, and what would be right; null when nothing is.</summary>
    public static string? ProblemOf(string pattern)
    {
        if (pattern.Trim('/').Length == 0)
            return "must name something, for example *.log or cache/";
        if (pattern.Contains("**", StringComparison.Ordinal))
            return "must not contain **: a pattern without a slash is looked for at every depth";
        if (pattern.AsSpan().IndexOfAny("[]\\") >= 0)
            return "must not contain [, ] or \\: only * and ? stand for other characters";
        return pattern.TrimEnd('/').TrimStart('/').Split('/').Any(part => part is "" or "." or "..")
            ? "must have no empty part, . or .. in it: it is compared with the path below the directory, for example var/cache/"
            : null;
    }

    /// <summary>True when it leaves that out.</summary>
    /// <param name="path">Path below the directory, such as <c>var/app.log</c>; what it lies in has been compared before.</param>
    /// <param name="isDirectory">What it is.</param>
    public bool Matches(ReadOnlySpan<char> path, bool isDirectory)
    {
        if (_isOfDirectories && !isDirectory)
            return false;
        if (!_isWholePath)
            return Matches(_parts[0], path[(path.LastIndexOf('/') + 1)..]);
        foreach (var part in _parts.AsSpan(0, _parts.Length - 1))
        {
            var slash = path.IndexOf('/');
            if (slash < 0 || !Matches(part, path[..slash]))
                return false;
            path = path[(slash + 1)..];
        }
        return !path.Contains('/') && Matches(_parts[^1], path);
    }

    // The last star is the only one that has to be tried again: what stands before it matches already, as short as it can.
    private static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, from) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, from) = (p++, n);
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
                (p, n) = (p + 1, n + 1);
            else if (star >= 0)
                (p, n) = (star + 1, ++from);
            else
                return false;
        }
        return pattern[p..].TrimStart('*').IsEmpty;
    }
}
