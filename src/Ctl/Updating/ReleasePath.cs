using System.Collections.Immutable;
using System.Text.RegularExpressions;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Connection;

namespace HaGrpc.Ctl.Updating;

/// <summary>A release's directory, and another that comes in its place: in the command, the directory, the environment and the checks of a program.</summary>
/// <param name="From">The release that is registered.</param>
/// <param name="To">The new one.</param>
internal sealed record ReleasePath(string From, string To)
{
    // What may stand before or behind a path: it is not a part of a longer name.
    private const string Before = @"(?<![\w./%-])", Behind = @"(?![\w.%-])";

    /// <summary>Finds out which release the programs run: the directory beside the new one that their commands and directories name.</summary>
    /// <exception cref="UsageException">A path is none, or it cannot be told which release is meant.</exception>
    internal static ReleasePath Of(string to, string? from, IReadOnlyCollection<Program> programs)
    {
        to = Absolute("--to", to);
        if (from is not null)
            return new(Absolute("--from", from), to);
        var parent = to[..Math.Max(1, to.LastIndexOf('/'))];
        var siblings = programs.SelectMany(p => Named($"{p.Command} {p.Directory}", parent)).Where(path => path != to).Distinct().Order(StringComparer.Ordinal).ToArray();
        return siblings switch
        {
            [var one] => new(one, to),
            // Nothing else is named there: they are on it already, or live elsewhere.
            [] when programs.Any(p => Named($"{p.Command} {p.Directory}", parent).Contains(to)) => new(to, to),
            [] => throw new UsageException($"--to {to}: no command or directory names anything in {parent}: say with --from which path is the release"),
            _ => throw new UsageException($"--to {to}: these are all named beside it: {string.Join(", ", siblings)}: say with --from which one is the release"),
        };
    }

    /// <summary>The program on the new release.</summary>
    internal Program Move(Program program) => program with
    {
        Command = Move(program.Command),
        Directory = Move(program.Directory),
        Environment = program.Environment.ToImmutableSortedDictionary(pair => pair.Key, pair => Move(pair.Value), StringComparer.Ordinal),
        Readiness = program.Readiness is { } readiness ? readiness with { Target = Move(readiness.Target) } : null,
        Liveness = program.Liveness is { } liveness ? liveness with { Target = Move(liveness.Target) } : null,
    };

    private string Move(string text) => Regex.Replace(text, $"{Before}{Regex.Escape(From)}{Behind}", To.Replace("$", "$$", StringComparison.Ordinal), RegexOptions.CultureInvariant);

    private static IEnumerable<string> Named(string text, string parent)
    {
        var folder = parent == "/" ? "/" : parent + "/";
        return Regex.Matches(text, $@"{Before}{Regex.Escape(folder)}[\w.+~@-]+", RegexOptions.CultureInvariant).Select(match => match.Value);
    }

    private static string Absolute(string option, string path)
    {
        var trimmed = path.Length > 1 ? path.TrimEnd('/') : path;
        if (trimmed.Length < 2 || trimmed[0] != '/' || trimmed.Any(char.IsWhiteSpace) || trimmed.Split('/').Any(part => part is "." or ".."))
            throw new UsageException($"{option} {path}: must be an absolute path without spaces and dots, such as /opt/web/releases/1.2.4");
        return trimmed;
    }
}
