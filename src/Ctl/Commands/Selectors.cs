using System.CommandLine;
using System.IO.Enumeration;
using Grpc.Core;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Commands;

/// <summary>
/// How programs are named on the command line: <c>group</c>, <c>group:program</c>, <c>group:*</c>, <c>all</c>, and patterns with * and ?. Patterns are resolved
/// here, to names: who may do it, and what was done, is asked and written down of names (docs/adr/0035).
/// </summary>
internal static class Selectors
{
    private const int MostTold = 12;

    internal static Argument<string[]> Argument() => new("SELECTOR")
    {
        Description = "group, group:program, group:*, patterns with * and ? in both halves, or all",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>The two halves of <c>group:program</c>; the second is empty for all programs of the group.</summary>
    internal static (string Group, string Program) Split(string selector)
    {
        var colon = selector.IndexOf(':', StringComparison.Ordinal);
        var program = colon < 0 ? "" : selector[(colon + 1)..];
        return (colon < 0 ? selector : selector[..colon], program == "*" ? "" : program);
    }

    /// <summary>supervisorctl's words for a selector that matched nothing.</summary>
    internal static string NothingOfThatName(string selector) =>
        selector.Contains(':', StringComparison.Ordinal) && !selector.EndsWith(":*", StringComparison.Ordinal)
            ? "no such process"
            : "no such group";

    /// <summary>Puts names in the place of patterns.</summary>
    internal static async Task<Chosen> ChooseAsync(CommandRunner.Call call, string[] given)
    {
        if (!given.Any(IsPattern))
            return new(given, []);
        var known = await KnownAsync(call).ConfigureAwait(false);
        var (names, unmatched) = (new List<string>(), new List<string>());
        foreach (var selector in given)
        {
            var found = IsPattern(selector) ? known.Of(selector) : [selector];
            names.AddRange(found);
            if (found.Count == 0)
                unmatched.Add(selector);
        }
        return new([.. names.Distinct(StringComparer.Ordinal)], [.. unmatched]);
    }

    /// <summary>Tells what was probably meant by what matched nothing; of a pattern also what there is.</summary>
    internal static async Task TellNearAsync(CommandRunner.Call call, IReadOnlyCollection<string> unmatched)
    {
        if (unmatched.Count == 0)
            return;
        Known known;
        try
        {
            known = await KnownAsync(call).ConfigureAwait(false);
        }
        catch (RpcException) when (!call.Cancellation.IsCancellationRequested)
        {
            return; // A hint, and no part of the answer.
        }
        foreach (var selector in unmatched.Distinct(StringComparer.Ordinal))
        {
            var isProgram = NothingOfThatName(selector) == "no such process";
            var names = isProgram ? known.Programs : known.Groups;
            if (NearestName.Of(Stem(selector, isProgram), names) is { } near)
                call.Say($"{selector} matches nothing; did you mean {near}?");
            else if (IsPattern(selector))
                call.Say($"{selector} matches nothing; known are {Few(names)}");
        }
    }

    /// <summary>The same to be followed: where one is a pattern, everything, of which whoever looks takes what it means.</summary>
    internal static string[] WithoutPatterns(string[] given) => given.Any(IsPattern) ? [] : given;

    /// <summary>True for what names by * or ?, <c>group:*</c> apart, which the control plane knows itself.</summary>
    private static bool IsPattern(string selector)
    {
        var (group, program) = Split(selector);
        return group.AsSpan().ContainsAny('*', '?') || program.AsSpan().ContainsAny('*', '?');
    }

    private static string Stem(string selector, bool isProgram)
    {
        var text = isProgram ? selector : Split(selector).Group;
        return text.Replace("*", "", StringComparison.Ordinal).Replace("?", "", StringComparison.Ordinal);
    }

    private static string Few(string[] names) => names.Length == 0 ? Speech.Of("none")
        : names.Length <= MostTold ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostTold))}, …";

    private static async Task<Known> KnownAsync(CommandRunner.Call call)
    {
        var groups = await call.ControlPlane.Admin.ListGroupsAsync(new(), call.Short).ConfigureAwait(false);
        var programs = await call.ControlPlane.Admin.ListProgramsAsync(new(), call.Short).ConfigureAwait(false);
        string[] names = [.. programs.Programs.Select(p => $"{p.Program.Group}:{p.Program.Name}").Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return new(
            [.. groups.Groups.Select(g => g.Group.Name).Concat(programs.Programs.Select(p => p.Program.Group)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            names);
    }

    /// <summary>What selectors stand for.</summary>
    /// <param name="Names">Without patterns; none when nothing matched.</param>
    /// <param name="Unmatched">Patterns that match nothing.</param>
    internal sealed record Chosen(string[] Names, string[] Unmatched);

    private sealed record Known(string[] Groups, string[] Programs)
    {
        internal IReadOnlyList<string> Of(string pattern)
        {
            var (group, program) = Split(pattern);
            if (program.Length == 0)
            {
                var all = pattern.Contains(':', StringComparison.Ordinal) ? ":*" : "";
                return [.. Groups.Where(name => FileSystemName.MatchesSimpleExpression(group, name, ignoreCase: false)).Select(name => name + all)];
            }
            return [.. Programs.Where(name => FileSystemName.MatchesSimpleExpression($"{group}:{program}", name, ignoreCase: false)
                && FileSystemName.MatchesSimpleExpression(group, Split(name).Group, ignoreCase: false))];
        }
    }
}
