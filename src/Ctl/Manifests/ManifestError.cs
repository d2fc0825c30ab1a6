using System.Globalization;

namespace HaGrpc.Ctl.Manifests;

/// <summary>One mistake in a manifest, as an operator is told about it.</summary>
/// <param name="Place">Where.</param>
/// <param name="Value">The offending value; empty when something is missing.</param>
/// <param name="Message">What is wrong and what would be right.</param>
internal sealed record ManifestError(Place Place, string Value, string Message)
{
    private const int LongestValue = 80;

    /// <summary><c>file:line: field: value: message</c>, in one line whatever the value is.</summary>
    public override string ToString()
    {
        var line = Place.Line > 0 ? $"{Place.File}:{Place.Line}" : Place.File;
        string[] parts = [line, Place.Field, Shown(Value), Message];
        return string.Join(": ", parts.Where(part => part.Length > 0));
    }

    private static string Shown(string value)
    {
        // No escape sequence of a manifest reaches the terminal.
        var line = string.Concat(value.ReplaceLineEndings("\\n").Select(c =>
            char.IsControl(c) ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}") : $"{c}"));
        return line.Length <= LongestValue ? line : string.Concat(line.AsSpan(0, LongestValue - 1), "…");
    }
}
