namespace HaGrpc.Core.Model;

/// <summary>Finds what an operator probably meant.</summary>
public static class NearestName
{
    /// <summary>The candidate that needs the fewest edits (insert, delete, replace, swap of neighbours; letter case is
    /// free) and not more than a third of the length (so names of one
    /// or two letters must agree but for case); null when none is near. Among equals the first by ordinal
    /// order, so that messages are the same every time.</summary>
    public static string? Of(string text, IEnumerable<string> candidates) => candidates
        .Select(candidate => (Name: candidate, Edits: Edits(text.ToUpperInvariant(), candidate.ToUpperInvariant())))
        .Where(found => found.Edits <= Math.Max(text.Length, found.Name.Length) / 3)
        .OrderBy(found => found.Edits)
        .ThenBy(found => found.Name, StringComparer.Ordinal)
        .Select(found => found.Name)
        .FirstOrDefault();

    /// <summary>Optimal string alignment distance.</summary>
    private static int Edits(string a, string b)
    {
        var edits = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            edits[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            edits[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var replace = edits[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                edits[i, j] = Math.Min(replace, Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    edits[i, j] = Math.Min(edits[i, j], edits[i - 2, j - 2] + 1);
            }
        }
        return edits[a.Length, b.Length];
    }
}
