using System.Text;
using System.Text.RegularExpressions;

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
        var name = Pattern(part);
        try
        {
            return Directory.EnumerateFileSystemEntries(directory.Length == 0 ? "." : directory)
                .Select(entry => Path.GetFileName(entry))
                .Where(entry => (entry[0] != '.' || part[0] == '.') && name.IsMatch(entry))
                .Select(entry => Path.Join(directory, entry))
                .ToArray();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static Regex Pattern(string part)
    {
        var text = new StringBuilder("^");
        for (var i = 0; i < part.Length; i++)
        {
            var end = part[i] == '[' && i + 2 < part.Length ? part.IndexOf(']', i + 2) : -1;
            if (end > 0)
            {
                var set = part[(i + 1)..end].Replace("\\", "\\\\", StringComparison.Ordinal).Replace("[", "\\[", StringComparison.Ordinal);
                text.Append('[').Append(set[0] == '!' ? $"^{set[1..]}" : set[0] == '^' ? $"\\{set}" : set).Append(']');
                i = end;
                continue;
            }
            text.Append(part[i] switch { '*' => ".*", '?' => ".", _ => Regex.Escape(part[i].ToString()) });
        }
        return new(text.Append('$').ToString(), RegexOptions.Singleline | RegexOptions.CultureInvariant);
    }
}
