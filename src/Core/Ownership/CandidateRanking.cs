using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Who would be promoted (rules C2, C5): live both ways, past its start grace, then by priority, then by name.</summary>
internal static class CandidateRanking
{
    /// <summary>The members that may be promoted now, best first.</summary>
    public static ImmutableArray<string> Rank(
        Group group,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now) =>
        [.. group.Members
            .Where(m => sessions.TryGetValue(m.Host, out var session)
                && session.IsLiveBothWays(group.Timing.Heartbeat, now)
                && session.AcceptsFrom <= now)
            .OrderByDescending(m => m.Priority)
            .ThenBy(m => m.Host, StringComparer.Ordinal)
            .Select(m => m.Host)];

    /// <summary>The member that an operator gave the highest priority, live or not.</summary>
    public static string Preferred(Group group) =>
        group.Members.OrderByDescending(m => m.Priority).ThenBy(m => m.Host, StringComparer.Ordinal).First().Host;
}
