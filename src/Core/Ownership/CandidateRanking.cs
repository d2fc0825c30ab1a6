using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Who would be promoted (rules C2, C5): not drained, live both ways, past its start grace, then those that can run the group, then by
/// priority with what checks add to it, then by priority as registered, then by name. Of a sync group all groups are asked.</summary>
internal static class CandidateRanking
{
    /// <summary>The members that may be promoted now, best first.</summary>
    public static ImmutableArray<string> Rank(
        OwnedGroup group,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now) =>
        [.. InOrder(
            group.Group.Members.Where(m => ObstacleOf(m.Host, group.Group, sessions, now).Length == 0), group.Set, sessions, now)];

    /// <summary>The members to which all groups of a set could move now by a planned change, or on which they are, best first.</summary>
    public static ImmutableArray<string> RankForAll(
        SyncSet set,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now) =>
        [.. InOrder(
            set.Groups[0].Group.Members.Where(m => set.ObstacleOf(m.Host, sessions, now).Length == 0), set, sessions, now)];

    /// <summary>The best one of some members, whether it could take more or not; null when none is meant.</summary>
    public static string? BestOf(
        SyncSet set,
        Func<string, bool> isMeant,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now) =>
        InOrder(set.Groups[0].Group.Members.Where(m => isMeant(m.Host)), set, sessions, now).FirstOrDefault();

    private static IEnumerable<string> InOrder(
        IEnumerable<Member> members,
        SyncSet set,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now) =>
        members
            .OrderBy(m => set.UnfitOf(m.Host, sessions).Length > 0)
            .ThenBy(m => !set.IsOne && set.ObstacleOf(m.Host, sessions, now).Length > 0)
            .ThenByDescending(m => set.StandingOf(m.Host, sessions).Effective)
            .ThenByDescending(m => m.Priority)
            .ThenBy(m => m.Host, StringComparer.Ordinal)
            .Select(m => m.Host);

    /// <summary>Why a member may not be promoted now, for people; empty when it may.</summary>
    public static string ObstacleOf(
        string host,
        Group group,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now) =>
        DrainOf(host, sessions) is { Length: > 0 } drained ? drained : InabilityOf(host, group, sessions, now);

    /// <summary>Who wants the host empty, and why, for people; empty when nobody does.</summary>
    public static string DrainOf(string host, IReadOnlyDictionary<string, HostSession> sessions) =>
        sessions.TryGetValue(host, out var session) ? session.Drained : "";

    /// <summary>Why a member could not own the group now, whatever operators want; empty when it could.</summary>
    public static string InabilityOf(
        string host,
        Group group,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now)
    {
        if (sessions.TryGetValue(host, out var session) && session.Fence is not null)
            return "off: it was fenced and has not been heard since";
        if (session is null || session.LastHeartbeatAt == BootInstant.Zero)
            return "not heard yet";
        if (!session.IsLiveBothWays(group.Timing.Heartbeat, now))
        {
            return session.Attached && now - session.LastHeartbeatAt <= group.Timing.Heartbeat * 2
                ? "heard, but it does not hear the control plane in time"
                : $"silent for {Text.Of(now - session.LastHeartbeatAt)}";
        }
        if (session.Untold.Contains(group.Name))
            return "it has nothing of the group on its disk and is being told";
        return session.AcceptsFrom <= now
            ? ""
            : $"started a moment ago, can take over in {Text.Of(session.AcceptsFrom - now)}";
    }

    /// <summary>The member with the highest priority, live or not; what the checks of one that has not been heard add is not known.</summary>
    public static string Preferred(OwnedGroup group, IReadOnlyDictionary<string, HostSession> sessions) =>
        group.Group.Members
            .OrderByDescending(m => group.Set.StandingOf(m.Host, sessions).Effective)
            .ThenByDescending(m => m.Priority)
            .ThenBy(m => m.Host, StringComparer.Ordinal)
            .First().Host;
}
