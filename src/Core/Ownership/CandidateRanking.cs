using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Who would be promoted (rules C2, C5): not drained, live both ways, past its start grace, then those that can run the group, then by
/// priority, then by name.</summary>
internal static class CandidateRanking
{
    /// <summary>The members that may be promoted now, best first.</summary>
    public static ImmutableArray<string> Rank(
        Group group,
        IReadOnlyDictionary<string, HostSession> sessions,
        BootInstant now) =>
        [.. group.Members
            .Where(m => ObstacleOf(m.Host, group, sessions, now).Length == 0)
            .OrderBy(m => UnfitOf(m.Host, group.Name, sessions).Length > 0)
            .ThenByDescending(m => m.Priority)
            .ThenBy(m => m.Host, StringComparer.Ordinal)
            .Select(m => m.Host)];

    /// <summary>Why a member cannot run the group, as it says itself; empty when it can, or when it does not know yet.</summary>
    public static string UnfitOf(string host, string group, IReadOnlyDictionary<string, HostSession> sessions) =>
        sessions.TryGetValue(host, out var session) ? session.Unfit.GetValueOrDefault(group, "") : "";

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

    /// <summary>The member that an operator gave the highest priority, live or not.</summary>
    public static string Preferred(Group group) =>
        group.Members.OrderByDescending(m => m.Priority).ThenBy(m => m.Host, StringComparer.Ordinal).First().Host;
}
