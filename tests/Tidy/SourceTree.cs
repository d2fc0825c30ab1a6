using System.Text.RegularExpressions;

namespace HaGrpc.Tidy.Tests;

/// <summary>A file of the repository; <see cref="Path"/> is relative to its root, with slashes.</summary>
internal sealed record SourceFile(string Path, string Text)
{
    public IEnumerable<(int Number, string Line)> Lines => Text.Split('\n').Select((line, i) => (i + 1, line));

    /// <summary>The text with comments and the contents of strings blanked: what the compiler acts on.</summary>
    public string Code => CodeOnly.Of(Text);
}

/// <summary>The source tree around the running test.</summary>
internal static class SourceTree
{
    private static readonly string[] Ignored = ["bin", "obj", "artifacts", "node_modules", ".git", ".vs", ".idea", "TestResults"];

    public static string Root { get; } = FindRoot();

    /// <summary>Files by extension, generated ones left out.</summary>
    public static IReadOnlyList<SourceFile> Files(params string[] extensions) =>
        [.. Walk(Root).Where(p => extensions.Contains(Path.GetExtension(p)))
            .Select(p => new SourceFile(Path.GetRelativePath(Root, p).Replace('\\', '/'), File.ReadAllText(p)))
            .OrderBy(f => f.Path, StringComparer.Ordinal)];

    public static IReadOnlyList<SourceFile> CSharp(string below = "") =>
        [.. Files(".cs").Where(f => f.Path.StartsWith(below, StringComparison.Ordinal))];

    private static IEnumerable<string> Walk(string directory) =>
        Directory.EnumerateFiles(directory).Concat(
            Directory.EnumerateDirectories(directory).Where(d => !Ignored.Contains(Path.GetFileName(d))).SelectMany(Walk));

    private static string FindRoot()
    {
        var directory = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(directory, "HaGrpc.sln")))
            directory = Path.GetDirectoryName(directory) ?? throw new InvalidOperationException("not inside the repository");
        return directory;
    }
}

/// <summary>Blanks comments and string contents, keeping line numbers.</summary>
internal static partial class CodeOnly
{
    public static string Of(string text) => Pattern().Replace(text, match => match.Value[0] switch
    {
        '/' => Blank(match.Value),
        _ => "\"" + Blank(match.Value[1..]) + "\"",
    });

    private static string Blank(string text) => new([.. text.Select(c => c == '\n' ? '\n' : ' ')]);

    [GeneratedRegex("""""//[^\n]*|/\*.*?\*/|\$*"""(?!"").*?"""|\$?@\$?"(?:[^"]|"")*"|\$?"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)+'""""", RegexOptions.Singleline)]
    private static partial Regex Pattern();
}
