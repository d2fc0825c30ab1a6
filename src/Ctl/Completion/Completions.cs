using System.CommandLine;
using System.CommandLine.Completions;
using HaGrpc.Ctl.Watching;

namespace HaGrpc.Ctl.Completion;

/// <summary>How the last word of a command line could go on: commands, options, what an option takes, and live names.</summary>
/// <param name="Words">Sorted.</param>
/// <param name="IsFile">True where the name of a file is expected: shells know files better.</param>
internal sealed record Completions(IReadOnlyList<Candidate> Words, bool IsFile)
{
    /// <summary>What scripts are told in place of names where a file is expected.</summary>
    internal const string Files = ":files";

    private static readonly Completions Nothing = new([], IsFile: false);

    /// <summary>What a symbol that takes a file offers: the parser lets only pass what has the begun word in it.</summary>
    internal static CompletionItem File(CompletionContext context) => new(context.WordToComplete, kind: Files);

    /// <summary>What it could be.</summary>
    /// <param name="root">The command tree.</param>
    /// <param name="words">What stands there, without the name of the program; the last one is begun, and may be empty.</param>
    internal static Completions Of(RootCommand root, IReadOnlyList<string> words)
    {
        if (words.Count == 0)
            return Nothing;
        // --to=a is an option and the beginning of its value.
        if (words[^1] is ['-', ..] and var whole && whole.IndexOf('=', StringComparison.Ordinal) is > 0 and var at)
        {
            var of = Of(root, [.. words.SkipLast(1), whole[..at], whole[(at + 1)..]]);
            return of with { Words = [.. of.Words.Select(found => found with { Word = $"{whole[..(at + 1)]}{found.Word}" })] };
        }
        var begun = words[^1];
        var text = string.Join(' ', RepeatedOptions.Settled(root, WatchOption.Spelled([.. words.SkipLast(1)])).Append(begun).Select(Quoted));
        var parsed = root.Parse(text);
        // Behind a word that means nothing here nothing goes on.
        if (parsed.UnmatchedTokens.Any(word => word != begun))
            return Nothing;
        CompletionItem[] items = [.. parsed.GetCompletions(text.Length)];
        return new(
            [
                .. items.Where(item => item.Kind != Files).Select(item => new Candidate(item.InsertText ?? item.Label, FirstLine(item.Detail ?? item.Documentation)))
                    .Where(found => found.Word.StartsWith(begun, StringComparison.Ordinal) && found.Word.Length > 0)
                    // Nobody who presses a key to see the groups wants to read ten options first.
                    .Where(found => found.Word[0] != '-' || begun.StartsWith('-'))
                    // The help's names of another system.
                    .Where(found => found.Word is not ("/?" or "/h" or "-?"))
                    .DistinctBy(found => found.Word, StringComparer.Ordinal).OrderBy(found => found.Word, StringComparer.Ordinal),
            ],
            items.Any(item => item.Kind == Files));
    }

    // A tabulator or an end of line in what a program says of itself would be one of the answer's.
    private static string FirstLine(string? text) => text is null ? "" : text.Split('\n')[0].Replace('\t', ' ');

    // The parser's own quotes; a quote within a word is left out, since it knows no way to write one.
    private static string Quoted(string word) =>
        word.Any(char.IsWhiteSpace) ? $"\"{word.Replace("\"", "", StringComparison.Ordinal)}\"" : word.Replace("\"", "", StringComparison.Ordinal);
}
