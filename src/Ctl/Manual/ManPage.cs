using System.Globalization;
using System.Text;

namespace HaGrpc.Ctl.Manual;

/// <summary>Pages of the manual in troff with the macros of man(7), as <c>man</c> and <c>mandoc</c> take them.</summary>
internal static class ManPage
{
    /// <summary>The name of a command's page, <c>hactl-audit-list</c>.</summary>
    internal static string NameOf(CommandPage page) => page.Path.Replace(' ', '-');

    /// <summary>The page of a command.</summary>
    internal static string Of(CommandPage page, string version)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $".TH {NameOf(page).ToUpperInvariant().Replace("-", "\\-", StringComparison.Ordinal)} 1 \"\" \"hactl {Escaped(version)}\" \"HaGrpc\"\n");
        text.Append(CultureInfo.InvariantCulture, $".SH NAME\n{Escaped(NameOf(page))} \\- {Escaped(page.Description.TrimEnd('.'))}\n");
        text.Append(CultureInfo.InvariantCulture, $".SH SYNOPSIS\n.B {Escaped(page.Path)}\n");
        foreach (var word in Synopsis(page))
            text.Append(word).Append('\n');
        text.Append(CultureInfo.InvariantCulture, $".SH DESCRIPTION\n{Line(page.Description)}\n");
        List(text, "COMMANDS", page.Children.Select(child => ($"\\fB{Escaped(child.Command.Name)}\\fR", child.Description)));
        List(text, "ARGUMENTS", page.Arguments.Select(a => ($"\\fI{Escaped(CommandPage.NameOf(a))}\\fR", a.Description ?? "")));
        List(text, page.IsRoot ? "OPTIONS OF EVERY COMMAND" : "OPTIONS", page.Options.Select(o => ($"\\fB{Escaped(CommandPage.Names(o))}\\fR", o.Description ?? "")));
        if (page.IsRoot)
        {
            List(text, "ENVIRONMENT", ManualTexts.Variables.Select(v => ($"\\fB{Escaped(v.Name)}\\fR", v.Meaning)));
            List(text, "EXIT STATUS", ManualTexts.ExitCodes.Select(c => ($"\\fB{c.Code}\\fR", c.Meaning)));
        }
        text.Append(".SH SEE ALSO\n");
        var others = page.IsRoot ? page.Children.Select(NameOf) : Parents(page).Concat(page.Children.Select(NameOf));
        text.AppendJoin(",\n", others.Select(name => $".BR {Escaped(name)} (1)")).Replace(")" + ",\n", ") ,\n").Append('\n');
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
            yield return Line(CommandPage.Shown(argument));
        foreach (var option in page.Options)
            yield return Line(CommandPage.Shown(option));
    }

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
            text.Append(CultureInfo.InvariantCulture, $".TP\n{term}\n{Line(meaning)}\n");
        }
    }

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
