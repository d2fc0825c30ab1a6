using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.RegularExpressions;

namespace HaGrpc.Ctl.Import.Supervisor;

/// <summary>
/// <c>KEY="a,b",KEY2=c</c> as Supervisor takes it apart: by Python's shlex without POSIX rules, with <c>/.+-():</c> in words. Expansions, which
/// it works off before that, stay as they are and count as parts of words.
/// </summary>
internal static partial class EnvironmentText
{
    // Private characters, one for each expansion of the text.
    private const char FirstMark = '\ue000';

    /// <summary>Readers of YAML take 1024 characters for a key, of which some need four.</summary>
    private const int LongestName = 200;

    /// <summary>Reads the variables of an option.</summary>
    /// <param name="text">The option's value, percent signs doubled as they stand there.</param>
    /// <param name="variables">Names and values; the values with percent signs doubled and with their expansions.</param>
    /// <param name="problem">Why Supervisor would refuse it.</param>
    internal static bool TryRead(
        string text, [NotNullWhen(true)] out IReadOnlyList<(string Name, string Value)>? variables, [NotNullWhen(false)] out string? problem)
    {
        (variables, problem) = (null, null);
        var expansions = new List<string>();
        var marked = Reference().Replace(text, match =>
        {
            if (match.Value == "%%")
                return "%";
            expansions.Add(match.Value);
            return ((char)(FirstMark + expansions.Count - 1)).ToString();
        });
        if (!TrySplit(marked, out var tokens))
        {
            problem = "a quote is not closed";
            return false;
        }
        var found = new List<(string, string)>();
        // A comma is what Supervisor takes for granted at every fourth place.
        for (var i = 0; i < tokens.Count; i += 4)
        {
            if (i + 2 >= tokens.Count || tokens[i + 1] != "=")
            {
                problem = "not KEY=\"value\",KEY2=\"value\": Supervisor does not start with it; " +
                    "values with other characters than letters, digits and _/.+-(): need quotes";
                return false;
            }
            if (tokens[i].Length > LongestName)
            {
                problem = $"the name of a variable has {tokens[i].Length} characters, more than {LongestName}";
                return false;
            }
            found.Add((Restored(tokens[i], expansions), Restored(tokens[i + 2].Trim('\'', '"'), expansions)));
        }
        variables = found;
        return true;
    }

    private static string Restored(string token, List<string> expansions)
    {
        var text = new StringBuilder();
        foreach (var c in token)
            text.Append(c >= FirstMark && c < FirstMark + expansions.Count ? expansions[c - FirstMark] : c == '%' ? "%%" : c.ToString());
        return text.ToString();
    }

    private static bool TrySplit(string text, out List<string> tokens)
    {
        tokens = [];
        var at = 0;
        while (at < text.Length)
        {
            var c = text[at];
            if (c is ' ' or '\t' or '\r' or '\n')
            {
                at++;
            }
            else if (c == '#')
            {
                while (at < text.Length && text[at] != '\n')
                    at++;
            }
            else if (c is '"' or '\'')
            {
                var end = text.IndexOf(c, at + 1);
                if (end < 0)
                    return false;
                tokens.Add(text[at..(end + 1)]);
                at = end + 1;
            }
            else
            {
                var end = at + 1;
                // A quote within a word is a character of it.
                while (IsInWord(c) && end < text.Length && (IsInWord(text[end]) || text[end] is '"' or '\''))
                    end++;
                tokens.Add(text[at..end]);
                at = end;
            }
        }
        return true;
    }

    private static bool IsInWord(char c) =>
        char.IsAsciiLetterOrDigit(c) || c == '_' || "/.+-():".Contains(c, StringComparison.Ordinal) || c is >= FirstMark and <= '\uf8ff';

    [GeneratedRegex(@"%%|%\(\w+\)[-+ 0]*\d*[sdi]")]
    private static partial Regex Reference();
}
