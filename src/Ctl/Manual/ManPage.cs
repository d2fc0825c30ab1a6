using System.CommandLine;
using System.Globalization;
using System.Text;

namespace HaGrpc.Ctl.Manual;

/// <summary>Pages of the manual in troff with the macros of man(7), as <c>man</c> and <c>mandoc</c> take them.</summary>
internal static class ManPage
{
    /// <summary>The name of a command's page, <c>hactl-audit-list</c>.</summary>
    internal static string NameOf(CommandPage page) => page.Path.Replace(' ', '-');

    /// <summary>The page of a command.</summary>
    /// <param name="page">The command.</param>
    /// <param name="version">Of hactl.</param>
    /// <param name="day">What it is dated, <c>2026-11-27</c>.</param>
    internal static string Of(CommandPage page, string version, string day)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $".TH {Escaped(NameOf(page).ToUpperInvariant())} 1 \"{day}\" \"hactl {Escaped(version)}\" \"HaGrpc\"\n");
        // Names and values are torn by hyphens and stretched by filled lines.
        text.Append(".nh\n.ad l\n");
        text.Append(CultureInfo.InvariantCulture, $".SH NAME\n{Escaped(NameOf(page))} \\- {Escaped(page.Description.TrimEnd('.'))}\n");
        text.Append(CultureInfo.InvariantCulture, $".SH SYNOPSIS\n.B {Escaped(page.Path)}\n");
        foreach (var word in Synopsis(page))
            text.Append(word).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $".SH DESCRIPTION\n{Line(page.Description)}\n");
        foreach (var paragraph in page.IsRoot ? ManualTexts.Paragraphs : [])
            text.Append(CultureInfo.InvariantCulture, $".PP\n{Line(paragraph)}\n");
        List(text, "COMMANDS", page.Children.Select(child => (Bold(child.Command.Name), child.Description)));
        List(text, "ARGUMENTS", page.Arguments.Select(a => (Italic(CommandPage.NameOf(a)), a.Description ?? "")));
        List(text, page.IsRoot ? "OPTIONS OF EVERY COMMAND" : "OPTIONS", page.Options.Select(o => (string.Join(", ", CommandPage.NamesOf(o).Select(n => Bold(n) + Value(o))), o.Description ?? "")));
        if (page.IsRoot)
        {
            List(text, "ENVIRONMENT", ManualTexts.Variables.Select(v => (Bold(v.Name), v.Meaning)));
            List(text, "FILES", ManualTexts.Files.Select(f => (Italic(f.Name), f.Meaning)));
            List(text, "EXIT STATUS", ManualTexts.ExitCodes.Select(c => (Bold(c.Code.ToString(CultureInfo.InvariantCulture)), c.Meaning)));
        }
        else if (!page.Children.Any())
        {
            text.Append(".PP\nOptions of every command and exit codes stand in\n.BR hactl (1).\n");
        }
        List(text, "EXAMPLES", ManualTexts.ExamplesOf(page).Select(e => (Bold(e.Line), e.Meaning)));
        text.Append(".SH SEE ALSO\n");
        var others = page.IsRoot ? page.Children.Select(NameOf) : Parents(page).Concat(page.Children.Select(NameOf));
        text.AppendJoin(" ,\n", others.Select(name => $".BR {Escaped(name)} (1)")).Append('\n');
        return text.ToString();
    }

    private static IEnumerable<string> Synopsis(CommandPage page)
    {
        if (page.Children.Any())
        {
            yield return ".I COMMAND";
            yield return "[\\fIOPTION\\fR ...]";
            yield break;
        }
        foreach (var argument in page.Arguments)
            yield return Shown(Italic(CommandPage.NameOf(argument)) + (argument.Arity.MaximumNumberOfValues > 1 ? " ..." : ""), CommandPage.IsOptional(argument));
        foreach (var option in page.Options)
            yield return Shown(Bold(option.Name) + Value(option), !option.Required);
    }

    private static string Shown(string text, bool isOptional) => isOptional ? $"[{text}]" : text;

    // What belongs together stays in one line.
    private static string Value(Option option) => CommandPage.Value(option) switch
    {
        "" => "",
        ['[', '=', .. var value, ']'] => $"[={Italic(value)}]",
        var value => $"\\ {Italic(value.Trim())}",
    };

    private static string Bold(string text) => $"\\fB{Escaped(text)}\\fR";

    private static string Italic(string text) => $"\\fI{Escaped(text)}\\fR";

    private static IEnumerable<string> Parents(CommandPage page)
    {
        var words = page.Path.Split(' ');
        return Enumerable.Range(1, words.Length - 1).Select(count => string.Join('-', words.Take(count)));
    }

    private static void List(StringBuilder text, string title, IEnumerable<(string Term, string Meaning)> items)
    {
        var isFirst = true;
        foreach (var (term, meaning) in items)
        {
            if (isFirst)
                text.Append(CultureInfo.InvariantCulture, $".SH {title}\n");
            isFirst = false;
            text.Append(CultureInfo.InvariantCulture, $".TP\n{term}\n{Line(Sentence(meaning))}\n");
        }
    }

    // Descriptions of options begin small and end without a point, as help has them; below each other in a book they are sentences. A word that is to be typed stays.
    private static string Sentence(string text) => text.Length == 0 || text[^1] == '。' ? text
        : text.Split(' ')[0][^1] is ':' or ',' ? $"{text.TrimEnd('.')}."
        : $"{char.ToUpperInvariant(text[0])}{text[1..].TrimEnd('.')}.";

    // A line that began with a dot or an apostrophe would be a command to troff.
    private static string Line(string text) => text.Length == 0 ? "\\&" : text[0] is '.' or '\'' ? $"\\&{Escaped(text)}" : Escaped(text);

    private static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        foreach (var c in text)
        {
            _ = c switch
            {
                '\\' => escaped.Append("\\e"),
                '-' => escaped.Append("\\-"),
                '…' => escaped.Append("..."),
                '\'' => escaped.Append("\\(aq"),
                '`' => escaped.Append("\\(ga"),
                '^' => escaped.Append("\\(ha"),
                '~' => escaped.Append("\\(ti"),
                '\n' => escaped.Append(' '),
                _ => escaped.Append(c),
            };
        }
        return escaped.ToString();
    }
}
