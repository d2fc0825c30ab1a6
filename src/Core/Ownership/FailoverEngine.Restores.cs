using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <content>Rule S4: an older backup of the database was restored, and the agents know better.</content>
public sealed partial class FailoverEngine
{
    /// <summary>How long a member is waited for that may know what another database lacks; it may have to find this control plane first.</summary>
    private static readonly TimeSpan UnheardPatience = TimeSpan.FromSeconds(10);

    /// <summary>An agent has heard of more renewals than the database knows.</summary>
    private bool MissesRenewals => _missedRenewals > DatabaseCounter + RenewalsMissed;

    /// <summary>C7: a backup may have been restored, of a time when this was the owner, and a member that has not been heard yet knows a later
    /// one. An owner that holds a lease has one from a leader that knew better.</summary>
    private bool MayBeOutdated(OwnedGroup group, BootInstant now, out string obstacle)
    {
        obstacle = "";
        if (!group.IsInherited || group.LeaseSeen || now >= OutdatedUntil(group) || Removed.HasFlag(Rule.C7Witnesses))
            return false;
        // C11: of a group that is registered again, what a member knows counts when it says so after that.
        var isLater = group.KnownSince > _leaderSince;
        var unheard = group.Group.Members
            .Select(m => m.Host)
            .Where(h => h != group.Owner || (isLater && group.OwnerEnded))
            .Where(h => SessionOf(h).LastHeartbeatAt is var heard && heard == BootInstant.Zero
                ? now < _leaderSince + UnheardPatience
                : isLater && heard <= group.KnownSince)
            .ToArray();
        if (unheard.Length == 0)
            return false;
        obstacle = $"{(group.IsEpochOver ? "the group was registered" : "the control plane started")} a moment ago; {string.Join(", ", unheard)} may know of a later owner than {group.Owner}";
        return true;
    }

    /// <summary>C7: from when on nobody is waited for that may know a later owner.</summary>
    private BootInstant OutdatedUntil(OwnedGroup group) => BootInstant.Max(_leaderSince, group.KnownSince) + UnheardPatience;

    /// <summary>Agents keep what they have heard of the counter: the next leader must find the restore too.</summary>
    private bool IsSettling => _restored > 0 || _settled > DatabaseCounter;

    /// <summary>Holds what a member says against the database, and collects it when the database is the older one.</summary>
    private void NoteRestores(string host, Heartbeat heartbeat, BootInstant now, List<FailoverEffect> effects)
    {
        if (heartbeat.DatabaseCounter > DatabaseCounter + RenewalsMissed && !Removed.HasFlag(Rule.S4Restored))
            NoteMissedRenewals(host, heartbeat.DatabaseCounter, effects);
        foreach (var holding in heartbeat.Holdings)
        {
            if (Newer(holding.Group, host, holding.Epoch, effects) is { } restored)
                restored.SawOwn(host, holding.Epoch);
            if (_groups.TryGetValue(holding.Group, out var group) && group.Owner == host && group.Epoch == holding.Epoch
                && holding.ViewVersion > group.Ledger.Current.Version)
            {
                NoteNewerView(group, host, holding.ViewVersion, effects);
            }
        }
        foreach (var accepted in heartbeat.Accepted)
            Newer(accepted.Group, host, accepted.Epoch, effects)?.SawOwn(host, accepted.Epoch);
        foreach (var ending in heartbeat.Ending)
            Newer(ending.Group, host, ending.Epoch, effects)?.SawOwn(host, ending.Epoch);
        foreach (var ended in heartbeat.Ended)
            Newer(ended.Group, host, ended.Epoch, effects)?.SawOwn(host, ended.Epoch);
        foreach (var promise in heartbeat.Promises)
            Newer(promise.Group, host, promise.Epoch, effects)?.Saw(promise.Epoch);
        foreach (var seal in heartbeat.Seals)
            Newer(seal.Group, host, seal.UpTo, effects)?.SawSeal(host, seal.UpTo);

        if (_restored == 0)
            return;
        foreach (var group in GroupsOf(host))
        {
            if (group is { Restored: { } restored, IsPending: false })
                Collect(group, restored, host, heartbeat, now);
        }
    }

    private void Collect(OwnedGroup group, RestoredGroup restored, string host, Heartbeat heartbeat, BootInstant now)
    {
        var name = group.Group.Name;
        BootInstant? until = null;
        foreach (var holding in heartbeat.Holdings.Where(h => h.Group == name))
        {
            _ = group.Ledger.Report(holding with { ViewVersion = 0 }, renewed: false, now); // L5
            until = now + holding.LeaseLeft;
            restored.SawView(holding.ViewVersion);
        }
        // W7: without a lease, and its shims may be killing right now.
        var isEnding = heartbeat.Ending.Any(e => e.Group == name) && !Removed.HasFlag(Rule.S4Ending);
        restored.Reported(host, until, isEnding);
        foreach (var promise in heartbeat.Promises.Where(p => p.Group == name))
            restored.Vouched(now + promise.Left);
        foreach (var seal in heartbeat.Seals.Where(s => s.Group == name && s.UpTo >= restored.NextEpoch - 1))
            _ = restored.Seals.TryAdd(host, now + seal.PromiseLeft);
    }

    /// <summary>The database lacks what has certainly been in it: anything that was written since may be lost, for every group.</summary>
    private void NoteMissedRenewals(string host, long counter, List<FailoverEffect> effects)
    {
        // Every heartbeat says it again until all is settled; groups that are looked at later are judged when they come (OnSettled, OnLoaded).
        if (counter <= _missedRenewals)
            return;
        _missedRenewals = counter;
        var found = false;
        foreach (var group in _groups.Values)
        {
            if (group.Restored is { } known)
                SawCounter(known);
            if (group.Restored is not null || group.IsPending || group.IsSettledAfterRestore)
                continue;
            found = true;
            _ = BecomeRestored(group, effects);
        }
        if (!found)
            return;
        effects.Add(new RecordHistory(
            "OlderDatabaseFound",
            "",
            host,
            0,
            $"{host} has heard of renewal {counter} of the leadership, the database knows only {DatabaseCounter}: an older backup was "
            + "restored; nobody is promoted before it is known who acts"));
    }

    /// <summary>What is known of a group when an epoch is higher than the database has it; null when it is not.</summary>
    private RestoredGroup? Newer(string name, string host, long epoch, List<FailoverEffect> effects)
    {
        // C6: what is under way is read back first; who knows more says so again.
        if (!_groups.TryGetValue(name, out var group) || group.IsPending || Removed.HasFlag(Rule.S4Restored))
            return null;
        if (group.Restored is { } known)
            return epoch > group.Epoch ? known : null;
        if (epoch <= group.Epoch)
            return null;
        return BecomeRestored(group, host, $"{host} knows epoch {epoch}, the database only {group.Epoch}", effects);
    }

    /// <summary>What a leader before this one had found out, of which only the views were stored.</summary>
    private void NoteUnsettled(OwnedGroup group, List<FailoverEffect> effects)
    {
        if (!RestoredGroup.IsUnsettled(group.Epoch, group.Ledger.Current.Version))
            return;
        _ = BecomeRestored(group, effects);
        effects.Add(new RecordHistory(
            "OlderDatabaseFound",
            group.Group.Name,
            "",
            group.Epoch,
            "an older backup was restored, as the control plane before this one has found; nobody is promoted before it is known who acts"));
    }

    private void NoteNewerView(OwnedGroup group, string host, long version, List<FailoverEffect> effects)
    {
        if (group.IsPending || group.Restored is not null || group.StoringView || Removed.HasFlag(Rule.S4Restored))
            return;
        var known = group.Ledger.Current.Version;
        BecomeRestored(group, host, $"{host} acts under view {version}, the database knows only {known}", effects).SawOwn(host, group.Epoch);
    }

    private RestoredGroup BecomeRestored(OwnedGroup group, string host, string what, List<FailoverEffect> effects)
    {
        effects.Add(new RecordHistory(
            "OlderDatabaseFound",
            group.Group.Name,
            host,
            group.Epoch,
            $"{what}: an older backup was restored; nobody is promoted before it is known who acts"));
        return BecomeRestored(group, effects);
    }

    private RestoredGroup BecomeRestored(OwnedGroup group, List<FailoverEffect> effects)
    {
        if (group.Switchover is not null)
            FailSwitchover(group, "an older backup of the database was restored", effects);
        _restored++;
        var restored = group.BecomeRestored();
        restored.Saw(group.Epoch);
        SawCounter(restored);
        restored.SawView(group.Ledger.Current.Version);
        if (!group.StoringView)
            _ = IsBeingMarked(group, restored, effects);
        return restored;
    }

    /// <summary>Before anything else: who has told it may be gone when the next leader comes, and the others may know nothing.</summary>
    private bool IsBeingMarked(OwnedGroup group, RestoredGroup restored, List<FailoverEffect> effects)
    {
        var newest = group.Ledger.Current.Version;
        if (RestoredGroup.IsUnsettled(group.Epoch, newest) || Removed.HasFlag(Rule.S4Mark))
            return false;
        group.StoringView = true;
        effects.Add(new StoreView(group.Group.Name, ViewOf(group.Group, Math.Max(newest + 1, restored.NextEpoch))));
        return true;
    }

    private void SawCounter(RestoredGroup restored)
    {
        if (!Removed.HasFlag(Rule.S4Counter))
            restored.SawCounter(_missedRenewals);
    }

    /// <summary>Who gets the epoch above all that may have been given: the one that holds a lease keeps it; without one, whoever ranks
    /// first, when nobody that has not been heard can act any more.</summary>
    private void SettleRestored(OwnedGroup group, RestoredGroup restored, BootInstant now, List<FailoverEffect> effects)
    {
        if (group.StoringView || IsBeingMarked(group, restored, effects))
            return;
        var longest = LongestLost(group);
        string? owner;
        string reason;
        var held = restored.HolderAt(now);
        if (held is var (holder, until))
        {
            if (!SessionOf(holder).IsLiveBothWays(group.Group.Timing.Heartbeat, now))
            {
                group.Obstacle = $"an older backup was restored; {holder} holds a lease and does not hear the control plane yet";
                WakeAt(until, group, now);
                return;
            }
            owner = holder;
            reason = $"an older backup of the database was restored; {holder} holds the lease of epoch {restored.Epoch} and keeps it";
        }
        else if (group.IsRetiring && !Removed.HasFlag(Rule.C11Promotion))
        {
            RetireRestored(group, restored, longest, now, effects);
            return;
        }
        else
        {
            owner = ChooseAfterRestore(group, restored, longest, now, effects);
            reason = $"an older backup of the database was restored, and nobody holds a lease any more; the highest epoch known was {restored.Epoch}";
        }
        if (owner is null)
            return;
        restored.PlanViews(
            group.Group,
            owner,
            held is not null && !Removed.HasFlag(Rule.S4LostViews),
            group.Ledger.Current.Version,
            longest == TimeSpan.MaxValue ? null : longest);
        if (restored.Views.TryPeek(out var view))
        {
            group.StoringView = true;
            effects.Add(new StoreView(group.Group.Name, view));
            return;
        }
        group.BecomeDeciding(owner, reason, asked: false, holds: held is not null);
        group.Obstacle = "";
        effects.Add(new CommitPromotion(
            group.Group.Name,
            group.Epoch,
            Removed.HasFlag(Rule.S4NextEpoch) ? group.Epoch + 1 : restored.NextEpoch,
            owner,
            reason,
            "",
            []));
    }

    private string? ChooseAfterRestore(
        OwnedGroup group, RestoredGroup restored, TimeSpan longest, BootInstant now, List<FailoverEffect> effects)
    {
        var suspects = SuspectsOf(group, restored);
        if (!IsLostLeaseOver(group, restored, suspects, longest, now, effects, out var obstacle))
        {
            group.Obstacle = $"an older backup was restored; {obstacle}";
            return null;
        }
        var last = restored.LastOwner ?? group.Owner;
        var ranked = CandidateRanking.Rank(group, _sessions, now).Where(h => !suspects.Contains(h));
        if (IsLocked(group) && last is not null && !Removed.HasFlag(Rule.C2Lock))
            ranked = ranked.Where(h => h == last);
        if (ranked.FirstOrDefault() is { } owner)
            return owner;
        if (MayGoOn(group, last, now) && !suspects.Contains(last))
            return last;
        group.Obstacle = "an older backup was restored; no member can take over" + ObstaclesOf(group, now);
        foreach (var session in group.Group.Members.Select(m => SessionOf(m.Host)).Where(s => s.AcceptsFrom > now))
            _wakes.At(session.AcceptsFrom, group.Group.Name);
        return null;
    }

    /// <summary>The members that may still act.</summary>
    private string[] SuspectsOf(OwnedGroup group, RestoredGroup restored) =>
        Removed.HasFlag(Rule.S4Suspects) ? [] : [.. group.Group.Members.Select(m => m.Host).Where(restored.MayAct)];

    /// <summary>A lease that this leader does not know of is over when the longest one would be, and when nobody promises its
    /// owner anything any more: everybody else has sealed.</summary>
    private bool IsLostLeaseOver(
        OwnedGroup group,
        RestoredGroup restored,
        string[] suspects,
        TimeSpan longest,
        BootInstant now,
        List<FailoverEffect> effects,
        out string obstacle)
    {
        obstacle = "";
        if (suspects.Length == 0)
        {
            // Everybody has said that it holds nothing; D is time for the members to come (C1).
            var ttl = group.Group.Timing.Ttl;
            var from = _leaderSince + ttl + (ttl / 100) + group.Group.Timing.TakeoverMargin;
            obstacle = "the control plane started a moment ago";
            WakeAt(from, group, now);
            return now >= from;
        }
        var who = string.Join(", ", suspects);
        if (longest == TimeSpan.MaxValue)
        {
            obstacle = $"{who} may act without a lease, as the only member that the lost records name";
            return false;
        }
        var margin = (longest / 100) + group.Group.Timing.TakeoverMargin;
        var over = BootInstant.Max(BootInstant.Max(_leaderSince + longest, group.Ledger.Expiry) + margin, restored.VouchedUntil);
        if (now < over)
        {
            obstacle = $"{who} may hold a lease that the database has lost, for {Text.Of(over - now)} at most";
            WakeAt(over, group, now);
            return false;
        }
        foreach (var member in group.Group.Members.Select(m => m.Host).Where(h => !suspects.Contains(h)))
            AskForRestoredSeal(group, restored, member, effects);
        foreach (var suspect in suspects)
        {
            foreach (var member in group.Group.Members.Select(m => m.Host).Where(h => h != suspect))
            {
                if (!restored.Seals.TryGetValue(member, out var until))
                {
                    obstacle = $"{member} has not confirmed that it promises {suspect} nothing more";
                    return false;
                }
                if (now < until + margin)
                {
                    obstacle = $"{suspect} may still rely on a promise of {member} for {Text.Of(until + margin - now)}";
                    WakeAt(until + margin, group, now);
                    return false;
                }
            }
        }
        return true;
    }

    private void AskForRestoredSeal(OwnedGroup group, RestoredGroup restored, string member, List<FailoverEffect> effects)
    {
        if (restored.Seals.ContainsKey(member) || !_sessions.TryGetValue(member, out var session) || !session.Attached
            || restored.SealAsked.GetValueOrDefault(member) == session.StreamId)
        {
            return;
        }
        restored.AskedToSeal(member, session.StreamId);
        effects.Add(new SendSealAsked(member, session.StreamId, group.Group.Name, restored.NextEpoch - 1));
    }

    /// <summary>The lost records may name any length that this group gives: also that of an owner that was alone (L6).</summary>
    private static TimeSpan LongestLost(OwnedGroup group)
    {
        if (group.Group.Members.Length == 1)
            return TimeSpan.MaxValue;
        ImmutableArray<TimeSpan> lengths = [group.Ledger.Longest, group.Group.Timing.Ttl, group.Group.Timing.SoloTtl];
        return lengths.Max();
    }
}
