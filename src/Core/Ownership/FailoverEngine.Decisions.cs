using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <content>When the owner changes (rules C1 to C7), and planned changes (C9).</content>
public sealed partial class FailoverEngine
{
    /// <summary>Recomputed from scratch whenever something that matters has changed; does nothing most of the time.</summary>
    private void Evaluate(OwnedGroup group, BootInstant now, List<FailoverEffect> effects)
    {
        group.FailbackWaitsFor = "";
        if (group.IsPending) // C6
            return;
        if (group.Restored is { } restored)
        {
            SettleRestored(group, restored, now, effects);
            return;
        }
        if (group.IsRetiring && !Removed.HasFlag(Rule.C11Promotion))
        {
            Retire(group, now, effects);
            return;
        }
        KeepView(group, now, effects);
        CancelLostSwitchover(group, now, effects);
        AskForSeals(group, now, effects);
        if (NeedForOwner(group, now) is not { } need)
        {
            var isVouched = now >= group.Ledger.Expiry && now < group.VouchedUntil;
            group.Obstacle = isVouched ? $"{group.Owner} is cut off from the control plane, vouched for by {group.VouchedBy}"
                : SessionOf(group.Owner!).LastHeartbeatAt != BootInstant.Zero && MayBeOutdated(group, now, out var unknown) ? unknown : "";
            WakeAt(BootInstant.Max(group.Ledger.Expiry, group.VouchedUntil), group, now);
            WakeAt(group.Ledger.OverAt(group.Group.Timing), group, now);
            MoveByPolicy(group, now, effects);
            return;
        }
        if (ChooseOwner(group, need, now, effects) is not { } owner)
            return;
        if ((owner == group.Owner || group.OwnerEnded) && MayBeOutdated(group, now, out var unheard)) // C7: no seal tells either
        {
            group.Obstacle = unheard;
            WakeAt(OutdatedUntil(group), group, now);
            return;
        }
        if (!IsFencedWhereRequired(group, owner, need, now, effects)) // C10
            return;
        if (!IsSealed(group, owner, now, out var missing))
        {
            group.Obstacle = missing;
            return;
        }

        var asked = group.Switchover is { } switchover && switchover.Target == owner;
        var former = group.Owner;
        group.BecomeDeciding(owner, asked ? group.Switchover!.Reason : need, asked);
        group.Obstacle = "";
        effects.Add(new CommitPromotion(
            group.Group.Name,
            group.Epoch,
            group.Epoch + 1,
            owner,
            group.Reason,
            asked ? group.Switchover!.Actor : "",
            DecisionSteps(group, now))
        {
            PassedOver = [.. OthersThan(owner, group, now).Where(m => m.Host != former)],
        });
    }

    /// <summary>C3: why a new epoch is needed and allowed as far as the owner is concerned; null when it is not.</summary>
    private string? NeedForOwner(OwnedGroup group, BootInstant now)
    {
        if (group.IsNew)
            return "first owner";
        if (group.Fence is { } fence) // C10
            return fence.Reason;
        TimeSpan? silence = SessionOf(group.Owner!) is { LastHeartbeatAt: var last } && last != BootInstant.Zero ? now - last : null;
        // No lease was given yet under the epoch of the hand-over: that it is over says nothing of the owner, as long as that is heard.
        var isHandedOver = group is { IsHandedOver: true, LeaseSeen: false } && (group.OwnerEnded || silence < group.Group.Timing.Ttl);
        var handedOver = $"it was handed over as it ran on {group.Owner}";
        if (group.OwnerEnded)
            return isHandedOver ? handedOver : $"{group.Owner} ended epoch {group.Epoch}";
        if (now < group.Ledger.OverAt(group.Group.Timing) || now < group.VouchedUntil) // F4
            return null;
        if (isHandedOver)
            return handedOver;
        return (silence is { } time ? $"{group.Owner} has been silent for {Text.Of(time)}" : $"{group.Owner} has not been heard")
            + "; its lease and the margin are over";
    }

    private void WakeAt(BootInstant instant, OwnedGroup group, BootInstant now)
    {
        if (instant > now)
            _wakes.At(instant, group.Group.Name);
    }

    private string? ChooseOwner(OwnedGroup group, string need, BootInstant now, List<FailoverEffect> effects)
    {
        var mayDecideFrom = MayDecideFrom(group);
        if (now < mayDecideFrom)
        {
            group.Obstacle = "the control plane started a moment ago and waits for leases it may not know of";
            _wakes.At(mayDecideFrom, group.Group.Name);
            return null;
        }
        var ranked = CandidateRanking.Rank(group, _sessions, now);
        if (group.Switchover is { } switchover && ranked.Contains(switchover.Target) && !IsForbiddenByLock(group, switchover))
            return switchover.Target;
        if (IsLocked(group) && !group.IsNew && !Removed.HasFlag(Rule.C2Lock))
        {
            // C2: a lock forbids a move, never a new epoch for the same member.
            if (MayGoOn(group, group.Owner, now))
                return group.Owner;
            group.Obstacle = $"{group.Lock} and {group.Owner} cannot take it";
            Hold(group, ranked.FirstOrDefault(), need, effects);
        }
        else if (HasPlaceWithFellows(group, ranked, now, out var place))
        {
            return place;
        }
        else if (group.IsNew && AwaitsPreferred(group, ranked, now, out var until))
        {
            group.Obstacle = $"waiting for {CandidateRanking.Preferred(group, _sessions)}, the preferred member";
            _wakes.At(until, group.Group.Name);
        }
        else if (!ranked.IsEmpty)
        {
            return ranked[0];
        }
        else if (MayGoOn(group, group.Owner, now))
        {
            return group.Owner;
        }
        else
        {
            group.Obstacle = "no member can take over" + ObstaclesOf(group, now);
        }
        foreach (var member in group.Group.Members)
        {
            if (_sessions.TryGetValue(member.Host, out var session) && session.AcceptsFrom > now)
                _wakes.At(session.AcceptsFrom, group.Group.Name);
        }
        return null;
    }

    /// <summary>C5: drained, and nobody else is there. Nothing moves to such a host, but this was there already.</summary>
    private bool MayGoOn(OwnedGroup group, [NotNullWhen(true)] string? owner, BootInstant now) =>
        owner is not null && group.Group.Members.Any(m => m.Host == owner)
        && CandidateRanking.InabilityOf(owner, group.Group, _sessions, now).Length == 0;

    private string ObstaclesOf(OwnedGroup group, BootInstant now)
    {
        var obstacles = group.Group.Members
            .Select(m => (m.Host, Obstacle: CandidateRanking.ObstacleOf(m.Host, group.Group, _sessions, now)))
            .Where(m => m.Obstacle.Length > 0)
            .Select(m => $"{m.Host}: {m.Obstacle}");
        return string.Join("; ", obstacles) is { Length: > 0 } all ? $" ({all})" : "";
    }

    /// <summary>C2: a failback by policy is a move by itself; one that an operator asked for is not.</summary>
    private bool IsForbiddenByLock(OwnedGroup group, PendingSwitchover switchover) =>
        IsLocked(group) && !switchover.IsAsked && !Removed.HasFlag(Rule.C2Lock);

    private static bool IsLocked(OwnedGroup group) => group.Lock.Length > 0;

    /// <summary>C2: what would have been done is in the history, once for each target.</summary>
    private static void Hold(OwnedGroup group, string? target, string reason, List<FailoverEffect> effects)
    {
        if (target is null || group.Held == target)
            return;
        group.Held = target;
        effects.Add(new RecordHistory(
            "MoveHeld", group.Group.Name, group.Owner ?? "", group.Epoch, $"{group.Lock}, so it does not move to {target}: {reason}"));
    }

    /// <summary>C1: every owner that an earlier leader left behind has reported by then, or is over. In another database (S4) each member
    /// may be the one that knows what it lacks.</summary>
    private BootInstant MayDecideFrom(OwnedGroup group)
    {
        if (Removed.HasFlag(Rule.C1LeaderWaits))
            return BootInstant.Zero;
        var longest = group.Ledger.Longest;
        // Nobody is feared when the owner itself has ended, or there never was one: D is time for the members to come.
        if (longest == TimeSpan.MaxValue || group.OwnerEnded || group.Epoch == 0)
            longest = group.Group.Timing.Ttl;
        var from = _leaderSince + longest + (longest / 100) + group.Group.Timing.TakeoverMargin;
        return IsOtherDatabase && group.Group.Members.Any(m => SessionOf(m.Host).LastHeartbeatAt == BootInstant.Zero)
            ? BootInstant.Max(from, _leaderSince + UnheardPatience)
            : from;
    }

    /// <summary>A new group waits a little for the member that the operator prefers.</summary>
    private bool AwaitsPreferred(OwnedGroup group, ImmutableArray<string> ranked, BootInstant now, out BootInstant until)
    {
        until = group.KnownSince + (group.Group.Timing.Ttl * 3);
        return now < until && !ranked.Contains(CandidateRanking.Preferred(group, _sessions));
    }

    private ImmutableArray<Step> DecisionSteps(OwnedGroup group, BootInstant now)
    {
        if (group.Switchover is { } switchover)
            return [new Step("release", TimeSpan.Zero, now - switchover.AskedAt)];
        if (group.Owner is null || SessionOf(group.Owner) is not { LastHeartbeatAt: var last } || last == BootInstant.Zero)
            return [];
        var suspect = SuspectAfter(group.Owner);
        var silence = now - last;
        return silence <= suspect
            ? []
            : [new Step("suspect", TimeSpan.Zero, suspect), new Step(group.Fence is null ? "lease and margin" : "fence", suspect, silence - suspect)];
    }

    private void OnSettled(StoredOwnership stored, BootInstant now, List<FailoverEffect> effects)
    {
        if (!_groups.TryGetValue(stored.Group, out var group) || group.Promotion is null)
            return;
        var wasRestored = group.Restored is not null;
        var isCommitted = group.BecomeSettled(stored, now);
        if (isCommitted)
            CountFence(group);
        if (wasRestored && group.Restored is null)
        {
            _restored--;
            if (!Removed.HasFlag(Rule.S4Counter))
                _settled = Math.Max(_settled, group.Epoch);
        }
        if (MissesRenewals && group is { Restored: null, IsSettledAfterRestore: false })
            _ = BecomeRestored(group, effects); // What it was decided on is old, as was found out meanwhile.
        else if (isCommitted)
        {
            var session = SessionOf(group.Owner!);
            if (session.Attached)
                effects.Add(new SendPromote(
                    session.Host, session.StreamId, stored.Group, group.Epoch, group.Reason, group.FormerIsOver));
            if (group.Switchover is { } switchover && group.Owner != switchover.Target)
                FailSwitchover(group, $"{group.Owner} owns the group now: {group.Reason}", effects);
        }
        Evaluate(group, now, effects);
    }

    private void OnSwitchoverAsked(SwitchoverAsked asked, BootInstant now, List<FailoverEffect> effects)
    {
        if (RefuseSwitchover(asked, now, out var target) is { } error)
        {
            effects.Add(new SwitchoverEnded(asked.RequestId, error, "", "", 0));
            return;
        }
        foreach (var group in _groups[asked.Group].Set.Groups)
        {
            var isTheOne = group.Group.Name == asked.Group;
            if (isTheOne || (group.Owner != target && MayBegin(group)))
                BeginSwitchover(group, isTheOne ? asked.RequestId : null, target, asked.Reason, asked.Actor, isAsked: true, now, effects);
        }
    }

    /// <summary>There is an owner that could be asked to release, and nothing is under way.</summary>
    private static bool MayBegin(OwnedGroup group) =>
        group is { Owner: not null, OwnerEnded: false, Switchover: null, IsPending: false, Restored: null, IsRetiring: false };

    private string? RefuseSwitchover(SwitchoverAsked asked, BootInstant now, out string target)
    {
        target = "";
        if (!_groups.TryGetValue(asked.Group, out var group))
            return $"no group is called {asked.Group}{(NearestName.Of(asked.Group, _groups.Keys) is { } near ? $"; did you mean {near}?" : "")}";
        if (group.Restored is not null)
            return $"an older backup of the database was restored, and who owns {asked.Group} is being found out{(group.Obstacle.Length > 0 ? $": {group.Obstacle}" : "")}";
        if (group.IsRetiring)
            return $"{asked.Group} is not moved any more: it is {group.Retiring}";
        if (group.Owner is null || group.OwnerEnded)
            return $"nobody owns {asked.Group} now";
        if (group.Switchover is { } running)
            return $"{asked.Group} is already on its way from {running.From} to {running.Target}";
        if (group.Promotion is { } promotion)
            return $"{asked.Group} is being given to {promotion.Owner} right now";
        var able = CandidateRanking.RankForAll(group.Set, _sessions, now).Where(h => h != group.Owner).ToArray();
        target = asked.Target ?? able.FirstOrDefault() ?? "";
        var wanted = target;
        if (wanted.Length == 0)
            return $"no other member of {asked.Group} can take over now{ObstaclesOf(group, now)}";
        if (wanted == group.Owner)
            return $"{wanted} owns {asked.Group} already";
        if (group.Group.Members.All(m => m.Host != wanted))
        {
            var members = string.Join(", ", group.Group.Members.Select(m => m.Host));
            return $"{wanted} is no member of {asked.Group}; members are {members}";
        }
        var obstacle = CandidateRanking.ObstacleOf(wanted, group.Group, _sessions, now);
        return obstacle.Length == 0 ? RefuseFellows(group, wanted, now) : $"{wanted} cannot take over now: {obstacle}";
    }

    /// <summary>A switchover of one is one of its whole sync group: none begins when another could not follow.</summary>
    private string? RefuseFellows(OwnedGroup group, string target, BootInstant now)
    {
        foreach (var fellow in group.Set.Groups.Where(g => g != group && g.Owner != target))
        {
            var name = $"{fellow.Group.Name} of sync group {group.Set.Name}";
            if (fellow.Switchover is { } running && running.Target != target)
                return $"{name} is already on its way from {running.From} to {running.Target}";
            if (fellow.Promotion is { } promotion && promotion.Owner != target)
                return $"{name} is being given to {promotion.Owner} right now";
            if (CandidateRanking.ObstacleOf(target, fellow.Group, _sessions, now) is { Length: > 0 } obstacle)
                return $"{target} cannot take over {name}, which moves along: {obstacle}";
        }
        return null;
    }

    private static void BeginSwitchover(
        OwnedGroup group,
        long? requestId,
        string target,
        string reason,
        string actor,
        bool isAsked,
        BootInstant now,
        List<FailoverEffect> effects)
    {
        group.Switchover = new PendingSwitchover(requestId, group.Owner!, target, reason, actor, now, isAsked);
        effects.Add(new RecordHistory(
            "SwitchoverStarted", group.Group.Name, group.Owner!, group.Epoch, $"to {target}: {reason}", actor));
    }

    /// <summary>A target that went away before the owner released would turn a planned change into an outage.</summary>
    private void CancelLostSwitchover(OwnedGroup group, BootInstant now, List<FailoverEffect> effects)
    {
        if (group.Switchover is not { } switchover || group.OwnerEnded || group.Owner != switchover.From)
            return;
        if (IsForbiddenByLock(group, switchover))
            FailSwitchover(group, group.Lock, effects);
        else if (!SessionOf(switchover.Target).IsLiveBothWays(group.Group.Timing.Heartbeat * 2, now))
            FailSwitchover(group, $"{switchover.Target} fell silent before {switchover.From} released", effects);
    }

    private static void FailSwitchover(OwnedGroup group, string error, List<FailoverEffect> effects)
    {
        var switchover = group.Switchover!;
        group.Switchover = null;
        effects.Add(new RecordHistory(
            "SwitchoverFailed", group.Group.Name, group.Owner ?? "", group.Epoch, error, switchover.Actor));
        if (switchover.RequestId is { } id)
            effects.Add(new SwitchoverEnded(id, error, switchover.From, group.Owner ?? "", group.Epoch));
    }

    private static void EndSwitchoverOf(OwnedGroup group, List<FailoverEffect> effects)
    {
        if (group.Switchover is not { } switchover || group.Owner != switchover.Target)
            return;
        group.Switchover = null;
        if (switchover.RequestId is { } id)
            effects.Add(new SwitchoverEnded(id, "", switchover.From, group.Owner, group.Epoch));
    }
}
