using System.CommandLine;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Commands;

/// <summary>What is wrong with a command line, one line each, with what was probably meant.</summary>
internal static class UsageErrors
{
    internal static IEnumerable<string> Of(ParseResult parsed, RootCommand root)
    {
        if (parsed.CommandResult.Command != root)
            return parsed.Errors.Select(error => SpokenTree.OfParser(OneLine(error.Message)));
        var known = root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name).ToArray();
        return parsed.UnmatchedTokens is [var word, ..]
            ? [Meant(word, known)]
            : parsed.Tokens.Count == 0
                ? [Speech.Of($"a command is missing; known are {string.Join(", ", known)}")]
                : parsed.Errors.Select(error => SpokenTree.OfParser(OneLine(error.Message)));
    }

    // Who stops half-way means what begins so: stat is status and not start.
    private static string Meant(string word, string[] known) =>
        (known.Where(name => name.StartsWith(word, StringComparison.Ordinal)).ToArray() is [var one] ? one : NearestName.Of(word, known)) is { } near
        ? Speech.Of($"'{word}' is no command; did you mean {near}?")
        : Speech.Of($"'{word}' is no command; known are {string.Join(", ", known)}");

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
