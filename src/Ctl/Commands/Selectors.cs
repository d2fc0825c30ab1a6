using System.CommandLine;

namespace HaGrpc.Ctl.Commands;

/// <summary>How programs are named on the command line: <c>group</c>, <c>group:program</c>, <c>group:*</c>, <c>all</c>.</summary>
internal static class Selectors
{
    internal static Argument<string[]> Argument() => new("SELECTOR")
    {
        Description = "group, group:program, group:* or all",
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
}
