using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// Groups that are to be on one host: those of one sync group, or one group that is in none. What a host says of one of them it says of all,
/// so that all choose the same host (rule C5).
/// </summary>
/// <param name="name">The sync group's name; empty for a group that is in none.</param>
/// <param name="groups">By name; at least one.</param>
internal sealed class SyncSet(string name, ImmutableArray<OwnedGroup> groups)
{
    public string Name { get; } = name;

    public ImmutableArray<OwnedGroup> Groups { get; } = groups;

    public bool IsOne => Groups.Length == 1;

    /// <summary>True when all of them have the same owner.</summary>
    public bool IsTogether
    {
        get
        {
            foreach (var group in Groups)
            {
                if (group.Owner != Groups[0].Owner)
                    return false;
            }
            return true;
        }
    }

    /// <summary>The priority of a member with the weights that it has said for all of the groups.</summary>
    public Standing StandingOf(string host, IReadOnlyDictionary<string, HostSession> sessions)
    {
        var configured = 0;
        foreach (var member in Groups[0].Group.Members)
        {
            if (member.Host == host)
                configured = member.Priority;
        }
        var weight = 0;
        if (sessions.TryGetValue(host, out var session))
        {
            foreach (var group in Groups)
                weight += session.Weights.GetValueOrDefault(group.Group.Name);
        }
        return new Standing(configured, weight);
    }

    /// <summary>When what a host says of its weights has changed last.</summary>
    public BootInstant WeighedSince(string host, IReadOnlyDictionary<string, HostSession> sessions)
    {
        var since = BootInstant.Zero;
        if (sessions.TryGetValue(host, out var session))
        {
            foreach (var group in Groups)
                since = BootInstant.Max(since, session.WeighedSince(group.Group.Name));
        }
        return since;
    }

    /// <summary>Why a member cannot run one of the groups, as it says itself; empty when it can run all, or when it does not know yet.</summary>
    public string UnfitOf(string host, IReadOnlyDictionary<string, HostSession> sessions)
    {
        if (!sessions.TryGetValue(host, out var session) || session.Unfit.IsEmpty)
            return "";
        foreach (var group in Groups)
        {
            if (session.Unfit.TryGetValue(group.Group.Name, out var reason))
                return reason;
        }
        return "";
    }

    /// <summary>Why a member could not take those of the groups that it does not own, for people; empty when it could.</summary>
    public string ObstacleOf(string host, IReadOnlyDictionary<string, HostSession> sessions, BootInstant now)
    {
        foreach (var group in Groups)
        {
            if (group.Owner != host && CandidateRanking.ObstacleOf(host, group.Group, sessions, now) is { Length: > 0 } obstacle)
                return IsOne ? obstacle : $"{group.Group.Name}: {obstacle}";
        }
        return "";
    }
}
