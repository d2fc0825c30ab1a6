using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>Text that operators bring: a terminal, a log line and both databases must take it. PostgreSQL stores no zero
/// byte, and an escape sequence in a table is not what anybody meant.</summary>
public static class TextRules
{
    /// <summary>What is wrong with a text of one line; null when nothing is. Positions count from 1.</summary>
    public static string? OneLineProblem(string text) => Problem(text, "");

    /// <summary>What is wrong with a text that may have tabs and line breaks; null when nothing is. Positions count from 1.</summary>
    public static string? LinesProblem(string text) => Problem(text, "\t\r\n");

    private static string? Problem(string text, string allowed)
    {
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i]) && !allowed.Contains(text[i], StringComparison.Ordinal))
            {
                return string.Create(
                    CultureInfo.InvariantCulture,
                    $"must not contain control characters: take out {NameOf(text[i])} at position {i + 1}");
            }
        }
        return null;
    }

    private static string NameOf(char c) => c switch
    {
        '\0' => "the zero byte",
        '\t' => "the tab",
        '\n' or '\r' => "the line break",
        _ => string.Create(CultureInfo.InvariantCulture, $"U+{(int)c:X4}"),
    };
}
