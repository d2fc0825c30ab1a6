using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <content>
/// Planned changes that nobody asked for (rules C5, C9): away from a host that cannot run a group or is drained, to a better one, and to where
/// the rest of a sync group is. One decision for all groups of a sync group, made only while each of them has an owner and nothing is under way;
/// a group that is in none is decided on alone.
/// </content>
public sealed partial class FailoverEngine
{
    private void MoveByPolicy(OwnedGroup group, BootInstant now, List<FailoverEffect> effects)
    {
        var set = group.Set;
        foreach (var one in set.Groups)
        {
            if (!MayBegin(one) || !one.LeaseSeen || NeedForOwner(one, now) is not null)
                return;
        }
        var home = HomeOf(set, now);
        if (FindUnwilling(set, home, out var reason) is { } from)
            Leave(group, home, from, reason, now, effects);
        else if (!FailBack(group, home, now, effects))
            Join(group, home, now, effects);
    }

    /// <summary>Where a sync group belongs when it is apart: with the group that moved last. A leader under which none has moved takes the best of
    /// their owners: for that it needs to know nothing of what was before, and the next leader finds the same.</summary>
    private string HomeOf(SyncSet set, BootInstant now)
    {
        if (set.IsTogether)
            return set.Groups[0].Owner!;
        var last = set.Groups.MaxBy(g => g.MovedAt)!;
        return last.MovedAt != BootInstant.Zero
            ? last.Owner!
            : CandidateRanking.BestOf(set, h => set.Groups.Any(g => g.Owner == h), _sessions, now) ?? last.Owner!;
    }

    /// <summary>C5: an owner that says that it cannot run a group, or whose host operators want empty; null when there is none.</summary>
    private string? FindUnwilling(SyncSet set, string home, out string reason)
    {
        if (IsUnwilling(home, out reason))
            return home;
        foreach (var group in set.Groups)
        {
            if (group.Owner != home && IsUnwilling(group.Owner!, out reason))
                return group.Owner;
        }
        return null;

        bool IsUnwilling(string host, out string why)
        {
            var (unfit, drained) = (set.UnfitOf(host, _sessions), CandidateRanking.DrainOf(host, _sessions));
            why = unfit.Length > 0 ? unfit : drained.Length > 0 ? $"{host} is {drained}" : "";
            return why.Length > 0;
        }
    }

    /// <summary>C5: a planned change to the best member that could do better; without one a group stays, because one that serves in part is
    /// better than one that goes to and fro.</summary>
    private void Leave(OwnedGroup group, string home, string from, string reason, BootInstant now, List<FailoverEffect> effects)
    {
        var set = group.Set;
        var better = CandidateRanking.RankForAll(set, _sessions, now)
            .Where(h => h != from && set.UnfitOf(h, _sessions).Length == 0)
            .OrderByDescending(h => h == home)
            .ThenByDescending(h => set.Groups.Any(g => g.Owner == h))
            .FirstOrDefault();
        if (group.Owner == better)
            return;
        if (IsLocked(group))
        {
            group.Obstacle = $"{group.Lock}; {reason}";
            Hold(group, better, reason, effects);
        }
        else if (better is null)
        {
            group.Obstacle = $"no other member could do better; {reason}";
        }
        else
        {
            MoveAll(set, better, reason, now, effects);
        }
    }

    /// <summary>The failback policy: a planned change to the preferred member, or, when checks have changed a priority, to the best live one that has
    /// a higher one than the owner; once it has been live for the delay and no weight of the two has changed for as long. True when it has begun.</summary>
    private bool FailBack(OwnedGroup group, string home, BootInstant now, List<FailoverEffect> effects)
    {
        var (policy, set) = (group.Group.Failback, group.Set);
        if (policy.Mode != FailbackMode.Automatic || !IsAnyHigher(set, home))
            return false;
        var best = CandidateRanking.RankForAll(set, _sessions, now).FirstOrDefault();
        if (best is null || set.UnfitOf(best, _sessions).Length > 0)
            return false;
        var (wanted, held) = (set.StandingOf(best, _sessions), set.StandingOf(home, _sessions));
        var isWeighed = wanted.IsWeighed || held.IsWeighed;
        // Without weights it goes to the preferred member alone, and to nobody on the way there.
        if (!isWeighed && best != CandidateRanking.Preferred(group, _sessions))
            return false;
        // What a silent owner said last of its checks is no reason.
        if (wanted.Effective <= held.Effective || (isWeighed && !SessionOf(home).IsLiveBothWays(group.Group.Timing.Heartbeat, now)))
            return false;
        var since = BootInstant.Max(set.WeighedSince(best, _sessions), set.WeighedSince(home, _sessions));
        var due = BootInstant.Max(SessionOf(best).LiveSince, since) + policy.Delay;
        if (isWeighed) // The checks of an agent that has just started have not been heard yet.
            due = BootInstant.Max(due, SessionOf(home).AcceptsFrom);
        var reason = isWeighed
            ? $"failback: {best} has priority {wanted}, {home} only {held}"
            : $"failback: {best} has been live for {Text.Of(policy.Delay)}";
        if (now < due)
        {
            _wakes.At(due, group.Group.Name);
            return false;
        }
        if (IsLocked(group))
        {
            if (group.Owner != best)
                Hold(group, best, reason, effects);
            return false;
        }
        if (policy.Window is not null && (group.Window is null || now >= group.Window.OpenUntil))
        {
            var what = group.Window is { Due.Length: > 0 } told ? told.Due : "whether its window is open is not known yet";
            group.FailbackWaitsFor = $"the failback to {best} waits: {what}";
            return false;
        }
        MoveAll(set, best, reason, now, effects);
        return true;
    }

    private bool IsAnyHigher(SyncSet set, string home)
    {
        var held = set.StandingOf(home, _sessions).Effective;
        foreach (var member in set.Groups[0].Group.Members)
        {
            if (set.StandingOf(member.Host, _sessions).Effective > held)
                return true;
        }
        return false;
    }

    /// <summary>C9: what is elsewhere follows. Nothing does while the host could not take all of it.</summary>
    private void Join(OwnedGroup group, string home, BootInstant now, List<FailoverEffect> effects)
    {
        var set = group.Set;
        if (set.IsTogether)
            return;
        var first = set.Groups.First(g => g.Owner == home).Group.Name;
        var reason = $"follows {first} in sync group {set.Name}";
        if (IsLocked(group))
        {
            if (group.Owner != home)
            {
                group.Obstacle = $"{group.Lock}, so it does not move to {home}, where {first} of sync group {set.Name} is";
                Hold(group, home, reason, effects);
            }
        }
        else if (set.ObstacleOf(home, _sessions, now) is { Length: > 0 } obstacle)
        {
            if (group.Owner != home)
                group.Obstacle = $"{home}, where {first} of sync group {set.Name} is, cannot take it now: {obstacle}";
        }
        else
        {
            MoveAll(set, home, reason, now, effects);
        }
    }

    private static void MoveAll(SyncSet set, string target, string reason, BootInstant now, List<FailoverEffect> effects)
    {
        foreach (var group in set.Groups)
        {
            if (group.Owner != target)
                BeginSwitchover(group, null, target, reason, "", isAsked: false, now, effects);
        }
    }

    /// <summary>C5: a group that needs an owner anyway gets the one that the rest of its sync group has, or is about to have.</summary>
    private bool HasPlaceWithFellows(OwnedGroup group, ImmutableArray<string> ranked, BootInstant now, [NotNullWhen(true)] out string? place)
    {
        place = null;
        if (group.Set.IsOne)
            return false;
        place = group.Set.Groups
            .Where(g => g != group)
            .OrderByDescending(g => g.Promotion is not null)
            .ThenByDescending(g => g.Switchover is not null)
            .ThenByDescending(g => g.MovedAt)
            .Select(g => g.Promotion?.Owner ?? g.Switchover?.Target ?? (NeedForOwner(g, now) is null ? g.Owner : null))
            .FirstOrDefault(h => h is not null && ranked.Contains(h) && group.Set.UnfitOf(h, _sessions).Length == 0);
        return place is not null;
    }
}
