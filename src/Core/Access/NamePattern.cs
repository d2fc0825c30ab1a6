namespace HaGrpc.Core.Access;

/// <summary>Names with <c>*</c> for any characters, also none, and <c>?</c> for one.</summary>
public static class NamePattern
{
    /// <summary>Whether the whole name matches.</summary>
    public static bool Matches(string pattern, string name)
    {
        // Where the last star stood and how far it has reached: only that one ever has to reach further.
        var (p, n, star, reached) = (0, 0, -1, 0);
        while (n < name.Length)
        {
            if (p < pattern.Length && pattern[p] == '*')
            {
                (star, reached) = (p++, n);
            }
            else if (p < pattern.Length && (pattern[p] == '?' || pattern[p] == name[n]))
            {
                p++;
                n++;
            }
            else if (star >= 0)
            {
                p = star + 1;
                n = ++reached;
            }
            else
            {
                return false;
            }
        }
        return pattern.AsSpan(p).TrimStart('*').IsEmpty;
    }
}
