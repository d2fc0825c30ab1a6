using System.CommandLine;
using System.Globalization;
using System.Text;

namespace HaGrpc.Ctl.Manual;

/// <summary>docs/reference/cli.md: every command with its arguments and options, written from the tree that parses them.</summary>
internal static class CommandReference
{
    internal static string Text(RootCommand root)
    {
        var text = new StringBuilder();
        text.Append("# hactl: commands and options\n\n<!-- Written by `hactl man --markdown`; a test compares. -->\n\n");
        text.Append("What commands do and answer is told in [hactl.md](hactl.md); here is how they are written.\n");
        foreach (var page in CommandPage.All(root))
            Append(text, page);
        Rows(text, "\n## Environment\n", "variable", "meaning", ManualTexts.Variables.Select(v => ($"`{v.Name}`", v.Meaning)));
        Rows(text, "\n## Files\n", "file", "meaning", ManualTexts.Files.Select(f => ($"`{f.Name}`", f.Meaning)));
        Rows(text, "\n## Exit codes\n", "code", "meaning", ManualTexts.ExitCodes.Select(c => (c.Code.ToString(CultureInfo.InvariantCulture), c.Meaning)));
        return text.ToString();
    }

    private static void Append(StringBuilder text, CommandPage page)
    {
        text.Append(CultureInfo.InvariantCulture, $"\n## {page.Path}\n\n{page.Description}\n\n```\n{page.Usage}\n```\n");
        Rows(text, "", "command", "meaning", page.Children.Select(c => ($"[{c.Command.Name}](#{c.Path.Replace(' ', '-')})", c.Description)));
        Rows(text, "", "argument", "meaning", page.Arguments.Select(a => ($"`{CommandPage.NameOf(a)}`", a.Description ?? "")));
        Rows(text, "", page.IsRoot ? "option of every command" : "option", "meaning", page.Options.Select(o => ($"`{CommandPage.Names(o)}`", o.Description ?? "")));
        Rows(text, "", "example", "meaning", ManualTexts.ExamplesOf(page).Select(e => ($"`{e.Line}`", e.Meaning)));
    }

    private static void Rows(StringBuilder text, string title, string left, string right, IEnumerable<(string Name, string Meaning)> rows)
    {
        var all = rows.ToArray();
        if (all.Length == 0)
            return;
        text.Append(title).Append(CultureInfo.InvariantCulture, $"\n| {left} | {right} |\n|---|---|\n");
        foreach (var (name, meaning) in all)
            text.Append(CultureInfo.InvariantCulture, $"| {Cell(name)} | {Cell(meaning)} |\n");
    }

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
