using System.Text;

namespace HaGrpc.Ctl.Import;

/// <summary>Names that were allowed elsewhere and have to become names of groups, programs and hooks.</summary>
internal static class ObjectName
{
    private const int LongestBytes = 63;

    /// <summary>The name itself when it can be one; else the nearest one, which the report tells.</summary>
    internal static string Of(string name, Origin at, ImportReport report)
    {
        var clean = string.Concat(name.Select(c => IsAllowed(c) ? c : '-')).TrimStart('.', '-');
        while (Encoding.UTF8.GetByteCount(clean) > LongestBytes)
            clean = clean[..^1];
        if (clean is "" or "all")
            clean = $"imported-{clean}".TrimEnd('-');
        if (clean != name)
            report.Note(at, $"{name} cannot be a name here; it is called {clean}");
        return clean;
    }

    private static bool IsAllowed(char c) => c is not (':' or '/' or '*') && !char.IsWhiteSpace(c) && !char.IsControl(c);
}
