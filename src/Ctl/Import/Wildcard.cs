namespace HaGrpc.Ctl.Import;

/// <summary>Paths with <c>*</c>, <c>?</c> and <c>[…]</c>, as glob(7) and Python's <c>glob</c> take them.</summary>
internal static class Wildcard
{
    /// <summary>The existing files and directories of a pattern, by name (ordinal); empty when there are none, or they cannot be listed.</summary>
    internal static IReadOnlyList<string> Matches(string pattern)
    {
        List<string> found = [pattern.StartsWith('/') ? "/" : ""];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
            found = [.. found.SelectMany(directory => Below(directory, part))];
        return [.. found.Where(path => path.Length > 0 && Path.Exists(path)).Order(StringComparer.Ordinal)];
    }

    private static string[] Below(string directory, string part)
    {
        if (!part.AsSpan().ContainsAny("*?["))
            return [Path.Join(directory, part)];
        try
        {
            return Directory.EnumerateFileSystemEntries(directory.Length == 0 ? "." : directory)
                .Select(entry => Path.GetFileName(entry))
                .Where(entry => (entry[0] != '.' || part[0] == '.') && IsMatch(part, entry))
                .Select(entry => Path.Join(directory, entry))
                .ToArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    // The last star is the only one that has to be tried again: what stands before it matches already, as short as it can.
    private static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        var (p, n, star, from) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
                (star, from) = (p++, n);
            else if (p < pattern.Length && One(pattern[p..], name[n]) is > 0 and var taken)
                (p, n) = (p + taken, n + 1);
            else if (star >= 0)
                (p, n) = (star + 1, ++from);
            else
                return false;
        }
        return pattern[p..].TrimStart('*').IsEmpty;
    }

    /// <summary>How much of a pattern stands for a character; 0 when it stands for another one.</summary>
    private static int One(ReadOnlySpan<char> pattern, char c)
    {
        if (pattern[0] == '?')
            return 1;
        var isOther = pattern is ['[', '!', ..];
        var begin = isOther ? 2 : 1;
        // A ] that comes first is one of the class; a [ without an end is itself.
        var end = pattern[0] == '[' && begin + 1 < pattern.Length ? pattern[(begin + 1)..].IndexOf(']') : -1;
        if (end < 0)
            return pattern[0] == c ? 1 : 0;
        var set = pattern.Slice(begin, end + 1);
        var isIn = false;
        for (var i = 0; i < set.Length; i++)
        {
            if (i + 2 < set.Length && set[i + 1] == '-')
            {
                isIn |= c >= set[i] && c <= set[i + 2];
                i += 2;
            }
            else
            {
                isIn |= c == set[i];
            }
        }
        return isIn != isOther ? begin + set.Length + 1 : 0;
    }
}
