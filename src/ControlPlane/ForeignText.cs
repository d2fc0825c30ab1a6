namespace HaGrpc.ControlPlane;

/// <summary>Text that agents, and strangers that are refused, bring: nobody has validated it. PostgreSQL stores no zero byte, so that what
/// holds one would stand in the way of all that is stored with it, and operators read it on a terminal.</summary>
internal static class ForeignText
{
    /// <summary>One line without control characters.</summary>
    public static string Visible(string text) => !text.Any(char.IsControl)
        ? text
        : string.Create(text.Length, text, static (to, from) =>
        {
            for (var i = 0; i < to.Length; i++)
                to[i] = from[i] is '\t' or '\r' or '\n' ? ' ' : char.IsControl(from[i]) ? '\uFFFD' : from[i];
        });

    /// <summary>As <see cref="Visible(string)"/>, and no longer than <paramref name="limit"/> characters: the end is left out.</summary>
    public static string Visible(string text, int limit)
    {
        if (text.Length <= limit)
            return Visible(text);
        // Half of a character outside the basic plane is none.
        var length = char.IsHighSurrogate(text[limit - 2]) ? limit - 2 : limit - 1;
        return Visible(text[..length]) + "…";
    }
}
