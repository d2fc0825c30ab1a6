using System.CommandLine;
using System.CommandLine.Parsing;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Commands;

/// <summary>What is wrong with a command line, one line each, with what was probably meant.</summary>
internal static class UsageErrors
{
    /// <summary>The reason, which is then that of none given.</summary>
    private const string MayBeEmpty = "--reason";

    internal static IEnumerable<string> Of(ParseResult parsed, RootCommand root)
    {
        if (parsed.CommandResult.Command != root)
            return parsed.Errors.Select(error => SpokenTree.OfParser(OneLine(error.Message))).Concat(NoOptions(parsed)).Concat(Empty(parsed));
        var known = root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name).ToArray();
        return parsed.UnmatchedTokens is [var word, ..]
            ? [Meant(word, known)]
            : parsed.Tokens.Count == 0
                ? [Speech.Of($"a command is missing; known are {string.Join(", ", known)}")]
                : parsed.Errors.Select(error => SpokenTree.OfParser(OneLine(error.Message)));
    }

    // For the parser an option that there is not is one more name: 'stop web --raeson disk' would stop web, 'restart web --dry-run' restart it.
    private static IEnumerable<string> NoOptions(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if (command.Hidden)
            return [];
        var unescaped = parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Select(token => token.Value).ToHashSet(StringComparer.Ordinal);
        var known = Options(parsed.CommandResult).SelectMany(option => option.Aliases.Append(option.Name)).ToArray();
        return parsed.CommandResult.Children.OfType<ArgumentResult>()
            .SelectMany(argument => argument.Tokens)
            .Select(token => token.Value)
            .Where(word => word.Length > 1 && word[0] == '-' && unescaped.Contains(word))
            .Select(word => NearestName.Of(word, known) is { } near
                ? Speech.Of($"'{word}' is no option of {command.Name}; did you mean {near}?")
                : Speech.Of($"'{word}' is no option of {command.Name}; a name that begins with a hyphen stands behind --"));
    }

    // What a script makes of a variable that is not set: 'switchover web --to "$TO"' would go anywhere, 'stop web "$MORE"' tell of a group without a name.
    private static IEnumerable<string> Empty(ParseResult parsed) => parsed.CommandResult.Command.Hidden ? [] :
        parsed.CommandResult.Children.Where(child => child.Tokens.Any(token => token.Value.Length == 0))
            .Select(child => child switch
            {
                ArgumentResult argument => argument.Argument.Name,
                OptionResult { Option.Name: not MayBeEmpty } option => option.Option.Name,
                _ => "",
            })
            .Where(name => name.Length > 0)
            .Select(name => Speech.Of($"{name}: must not be empty; is a variable not set?"));

    private static IEnumerable<Option> Options(CommandResult result) =>
        result.Command.Options.Concat(result.Parent is CommandResult outer ? Options(outer).Where(option => option.Recursive) : [])
            .Where(option => !option.Hidden);

    // Who stops half-way means what begins so: stat is status and not start.
    private static string Meant(string word, string[] known) =>
        (known.Where(name => name.StartsWith(word, StringComparison.Ordinal)).ToArray() is [var one] ? one : NearestName.Of(word, known)) is { } near
        ? Speech.Of($"'{word}' is no command; did you mean {near}?")
        : Speech.Of($"'{word}' is no command; known are {string.Join(", ", known)}");

    private static string OneLine(string message) =>
        string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
