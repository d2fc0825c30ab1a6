using System.CommandLine;

namespace HaGrpc.Ctl.Completion;

/// <summary>How the last word of a command line could go on: commands, options, what an option takes, and live names.</summary>
internal static class Completions
{
    /// <summary>The words that it could be, sorted.</summary>
    /// <param name="root">The command tree.</param>
    /// <param name="words">What stands there, without the name of the program; the last one is begun, and may be empty.</param>
    internal static IReadOnlyList<string> Of(RootCommand root, IReadOnlyList<string> words)
    {
        if (words.Count == 0)
            return [];
        var begun = words[^1];
        var text = string.Join(' ', words.Select(Quoted));
        var parsed = root.Parse(text);
        // Behind a word that means nothing here nothing goes on.
        if (parsed.UnmatchedTokens.Any(word => word != begun))
            return [];
        return
        [
            .. parsed.GetCompletions(text.Length).Select(item => item.InsertText ?? item.Label)
                .Where(word => word.StartsWith(begun, StringComparison.Ordinal))
                // Nobody who presses a key to see the groups wants to read ten options first.
                .Where(word => word[0] != '-' || begun.StartsWith('-'))
                // The help's names of another system.
                .Where(word => word is not ("/?" or "/h" or "-?"))
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }

    // The parser's own quotes; a quote within a word is left out, since it knows no way to write one.
    private static string Quoted(string word) =>
        word.Any(char.IsWhiteSpace) ? $"\"{word.Replace("\"", "", StringComparison.Ordinal)}\"" : word.Replace("\"", "", StringComparison.Ordinal);
}
