using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Text.RegularExpressions;

namespace HaGrpc.Ctl.Language;

/// <summary>The command tree, and what the parser says of command lines, in the language that is spoken.</summary>
internal static partial class SpokenTree
{
    // The parser's own words, which it has in no form but whole.
    private static readonly (Regex English, Func<Match, string> Spoken)[] OfTheParser =
    [
        (Required(), m => Speech.Of($"option {m.Groups[1].Value} is required")),
        (Missing(), m => Speech.Of($"{m.Groups[1].Value}: its value or argument is missing")),
        (Unrecognized(), m => Speech.Of($"'{m.Groups[1].Value}' is no option or argument here")),
        (NoneOf(), m => Speech.Of($"'{m.Groups[1].Value}' is none of {m.Groups[2].Value.Replace("' '", ", ", StringComparison.Ordinal)}")),
        (Expected(), m => Speech.Of($"option {m.Groups[1].Value} is given more than once")),
    ];

    /// <summary>Puts every description into the language.</summary>
    internal static void Translate(Command command)
    {
        if (!Speech.IsForeign)
            return;
        Spoken(command);
        foreach (var symbol in command.Arguments.Cast<Symbol>().Concat(command.Options))
            Spoken(symbol);
        foreach (var help in command.Options.OfType<HelpOption>())
        {
            if (help.Action is SynchronousCommandLineAction and not SpokenHelp)
                help.Action = new SpokenHelp((SynchronousCommandLineAction)help.Action);
        }
        foreach (var inner in command.Subcommands)
            Translate(inner);
    }

    [GeneratedRegex("^Cannot parse argument '(.*)' for (?:command|option) '.+' as expected type 'System\\.U?Int(?:32|64)'\\.$")]
    private static partial Regex NoNumber();

    /// <summary>What the parser says; as it is in English, or when it is none of the sentences that are known.</summary>
    internal static string OfParser(string english)
    {
        // Operators know no types of .NET.
        if (NoNumber().Match(english) is { Success: true } number)
            return Speech.Of($"{number.Groups[1].Value}: must be a whole number");
        if (!Speech.IsForeign)
            return english;
        foreach (var (sentence, spoken) in OfTheParser)
        {
            if (sentence.Match(english) is { Success: true } match)
                return spoken(match);
        }
        return Speech.Of(english);
    }

    private static void Spoken(Symbol symbol)
    {
        if (symbol.Description is { Length: > 0 } english)
            symbol.Description = Speech.Of(english);
    }

    [GeneratedRegex("^Option '(.+)' is required\\.$")]
    private static partial Regex Required();

    [GeneratedRegex("^Required argument (?:'.+' )?missing for (?:command|option): '(.+)'\\.$")]
    private static partial Regex Missing();

    [GeneratedRegex("^Unrecognized command or argument '(.*)'\\.$")]
    private static partial Regex Unrecognized();

    [GeneratedRegex("^Argument '(.*)' not recognized\\. Must be one of: '(.*)'$")]
    private static partial Regex NoneOf();

    [GeneratedRegex("^Option '(.+)' expects a single argument but .*$")]
    private static partial Regex Expected();

    /// <summary>Help whose headings are spoken, too: the library writes them itself.</summary>
    private sealed partial class SpokenHelp(SynchronousCommandLineAction english) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var output = parseResult.InvocationConfiguration.Output;
            using var text = new StringWriter { NewLine = output.NewLine };
            parseResult.InvocationConfiguration.Output = text;
            try
            {
                var code = english.Invoke(parseResult);
                output.Write(Heading().Replace(text.ToString(), m => Speech.Of(m.Value)));
                return code;
            }
            finally
            {
                parseResult.InvocationConfiguration.Output = output;
            }
        }

        [GeneratedRegex("^(?:Description|Usage|Arguments|Options|Commands):|\\(REQUIRED\\)|\\[default: |\\[options\\]|\\[command\\]", RegexOptions.Multiline)]
        private static partial Regex Heading();
    }
}
