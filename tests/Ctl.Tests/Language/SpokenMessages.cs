using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using HaGrpc.Core.Events;
using HaGrpc.Ctl.Tests.Commands;

namespace HaGrpc.Ctl.Tests.Language;

/// <summary>Every English message that hactl's source can speak, and those that a control plane gives it with their values apart; with {0}, {1} for holes as a catalogue has them.</summary>
internal static partial class SpokenMessages
{
    internal static IReadOnlySet<string> All()
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        foreach (var text in new[] { "Core", "ControlPlane" }.SelectMany(SourcesOf))
        {
            foreach (var said in Saying().Matches(text).AsEnumerable())
                found.UnionWith(Literals(text, said.Index + said.Length));
        }
        foreach (var text in SourcesOf("Ctl"))
        {
            foreach (var call in Speaking().Matches(text).AsEnumerable())
                found.UnionWith(Literals(text, call.Index + call.Length));
            foreach (var table in Heads().Matches(text).AsEnumerable())
                found.UnionWith(Literals(text, table.Index + table.Length).Select(head => head.TrimStart('+')));
        }
        foreach (var command in Commands(Hactl.Tree(FakeControlPlane.Nobody()).Root))
        {
            found.Add(command.Description ?? "");
            found.UnionWith(command.Arguments.Select(a => a.Description ?? ""));
            found.UnionWith(command.Options.Select(o => o.Description ?? ""));
        }
        found.UnionWith(EventKinds.All.Select(kind => kind.Meaning));
        return found.Where(IsText).ToHashSet(StringComparer.Ordinal);
    }

    private static IEnumerable<Command> Commands(Command command) => command.Subcommands.SelectMany(Commands).Prepend(command);

    // What has no words is no message; nor is what only stands before one.
    private static bool IsText(string text) => Words().IsMatch(Hole().Replace(text, "")) && !OnlyWho().IsMatch(text);

    /// <summary>The texts of an argument list: chains of literals, joined by +, outside of the holes of others.</summary>
    private static IEnumerable<string> Literals(string source, int at)
    {
        var depth = 1;
        StringBuilder? chain = null;
        var holes = 0;
        for (var joined = false; at < source.Length && depth > 0; at++)
        {
            var c = source[at];
            if (c == '"' || (c == '$' && source[at + 1] == '"'))
            {
                if (chain is not null && !joined)
                {
                    yield return chain.ToString();
                    (chain, holes) = (null, 0);
                }
                chain ??= new();
                at = Literal(source, at, chain, ref holes);
                joined = false;
                continue;
            }
            depth += c is '(' or '[' or '{' ? 1 : c is ')' or ']' or '}' ? -1 : 0;
            joined |= c == '+';
            if (c is ',' or '?' or ':' or ')' or ';' && chain is not null)
            {
                yield return chain.ToString();
                (chain, holes, joined) = (null, 0, false);
            }
        }
        if (chain is not null)
            yield return chain.ToString();
    }

    private static int Literal(string source, int at, StringBuilder text, ref int holes)
    {
        var isInterpolated = source[at] == '$';
        for (at += isInterpolated ? 2 : 1; source[at] != '"'; at++)
        {
            if (source[at] == '\\')
            {
                text.Append(source[++at] switch { 'n' => '\n', 't' => '\t', var other => other });
            }
            else if (isInterpolated && source[at] == '{')
            {
                text.Append('{').Append(holes++).Append('}');
                for (var depth = 1; depth > 0;)
                {
                    at++;
                    if (source[at] == '"')
                        at = Inner(source, at);
                    depth += source[at] == '{' ? 1 : source[at] == '}' ? -1 : 0;
                }
            }
            else
            {
                text.Append(source[at]);
            }
        }
        return at;
    }

    // A literal within a hole; its own holes may hold literals again.
    private static int Inner(string source, int at)
    {
        var isInterpolated = source[at - 1] == '$';
        for (at++; source[at] != '"'; at++)
        {
            if (source[at] == '\\')
                at++;
            else if (isInterpolated && source[at] == '{')
            {
                for (var depth = 1; depth > 0;)
                {
                    at++;
                    if (source[at] == '"')
                        at = Inner(source, at);
                    depth += source[at] == '{' ? 1 : source[at] == '}' ? -1 : 0;
                }
            }
        }
        return at;
    }

    private static IEnumerable<string> SourcesOf(string project) => Directory.EnumerateFiles(Source(project), "*.cs", SearchOption.AllDirectories)
        .Where(file => !file.Contains("/obj/", StringComparison.Ordinal)).Select(File.ReadAllText);

    private static string Source(string project, [CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "../../../src", project));

    [GeneratedRegex(@"(?:\.Tell|\bSay|\bUsageException|\bSpeech\.Of)\((?!this |Phrase|string )")]
    private static partial Regex Speaking();

    [GeneratedRegex(@"\bSaidText\.Of\(")]
    private static partial Regex Saying();

    [GeneratedRegex(@"\bnew Table\(")]
    private static partial Regex Heads();

    [GeneratedRegex(@"[A-Za-z]{2,}")]
    private static partial Regex Words();

    [GeneratedRegex(@"\{\d+\}")]
    private static partial Regex Hole();

    [GeneratedRegex(@"^\n?hactl:? ?(\{0\})?$")]
    private static partial Regex OnlyWho();
}
