using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Guard;

/// <summary>How much the programs are that somebody names: some, a whole group, or all there are.</summary>
public static class ProgramScope
{
    /// <summary>The act that a stop is.</summary>
    /// <param name="selectors">As they were written.</param>
    /// <param name="chosen">The programs that they name.</param>
    /// <param name="all">All programs there are.</param>
    public static GuardedAct OfStop(IReadOnlyCollection<string> selectors, IEnumerable<ProgramName> chosen, IEnumerable<ProgramName> all) =>
        WholeGroups(selectors, chosen, all).IsEmpty ? GuardedAct.Stop : GuardedAct.StopGroup;

    /// <summary>The act that a restart is. One group is restarted every day; all of them, of which there are several, are not.</summary>
    /// <inheritdoc cref="OfStop"/>
    public static GuardedAct OfRestart(IReadOnlyCollection<string> selectors, IEnumerable<ProgramName> chosen, IEnumerable<ProgramName> all)
    {
        if (selectors.Contains("all"))
            return GuardedAct.RestartAll;
        var groups = all.Select(p => p.Group).Distinct(StringComparer.Ordinal).Count();
        return groups > 1 && chosen.Count() == all.Count() ? GuardedAct.RestartAll : GuardedAct.Restart;
    }

    /// <summary>
    /// The groups of which all programs are named: by the group's name, by <c>all</c>, or one by one. Whoever writes the full name of the only
    /// program of a group has said which one is meant, as with any other program.
    /// </summary>
    /// <inheritdoc cref="OfStop"/>
    public static ImmutableArray<string> WholeGroups(
        IReadOnlyCollection<string> selectors, IEnumerable<ProgramName> chosen, IEnumerable<ProgramName> all)
    {
        var named = selectors.Where(s => !s.Contains(':', StringComparison.Ordinal) || s.EndsWith(":*", StringComparison.Ordinal) || s.EndsWith(':'))
            .Select(s => s.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        var sizes = all.GroupBy(p => p.Group, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);
        return
        [
            .. chosen.GroupBy(p => p.Group, StringComparer.Ordinal)
                .Where(g => named.Contains("all") || named.Contains(g.Key) || (g.Count() == sizes[g.Key] && g.Count() > 1))
                .Select(g => g.Key).Order(StringComparer.Ordinal),
        ];
    }
}
