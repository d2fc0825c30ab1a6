using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <content>Views that follow who is there (rules V1, V2, L6), and what members have promised and sealed (F4, C4).</content>
public sealed partial class FailoverEngine
{
    /// <summary>V1, V2: a change of members or of the length is a new view.</summary>
    private void KeepView(OwnedGroup group, BootInstant now, List<FailoverEffect> effects)
    {
        if (group.StoringView)
            return;
        var current = group.Ledger.Current;
        var members = WantedMembers(group, now);
        var length = WantedLength(group, members);
        if (current.Version > 0 && current.Length == length && current.Members.SequenceEqual(members))
            return;
        var wanted = new View(current.Version + 1, members, length);
        group.StoringView = true;
        if (Removed.HasFlag(Rule.V1StoredView))
            group.Ledger.Store(wanted);
        effects.Add(new StoreView(group.Group.Name, wanted));
    }

    private void OnViewStored(OwnedGroup group, View view, BootInstant now, List<FailoverEffect> effects)
    {
        group.StoringView = false;
        group.Ledger.Store(view);
        if (group is { Restored: null, IsRetiring: false })
        {
            KeepView(group, now, effects);
            return;
        }
        group.Restored?.Stored(view.Version);
        Evaluate(group, now, effects);
    }

    /// <summary>V2: every member that is there, however ranked. One is left out when it has not been heard for long, and only while the
    /// owner is there to confirm it: a lease without others is long, and would have to be waited for.</summary>
    private ImmutableArray<string> WantedMembers(OwnedGroup group, BootInstant now)
    {
        var current = group.Ledger.Current.Members;
        var mayDrop = group.Owner is { } owner && group.LeaseSeen && !group.OwnerEnded && group.Ledger.Expiry > now
            && SessionOf(owner).IsLiveBothWays(group.Group.Timing.Heartbeat, now);
        var members = ImmutableArray.CreateBuilder<string>(group.Group.Members.Length);
        foreach (var member in group.Group.Members)
        {
            if (member.Host == group.Owner || IsThere(member.Host) || (!mayDrop && (current.IsDefaultOrEmpty || current.Contains(member.Host))))
                members.Add(member.Host);
        }
        members.Sort(StringComparer.Ordinal);
        return members.ToImmutable();

        bool IsThere(string host)
        {
            var heard = _sessions.TryGetValue(host, out var session) ? session.LastHeartbeatAt : BootInstant.Zero;
            var goneAt = BootInstant.Max(BootInstant.Max(heard, _leaderSince), group.KnownSince) + DropAfter;
            if (now >= goneAt)
                return false;
            // A member that is not in the view is not missed; one that was never heard is not taken in.
            if (heard == BootInstant.Zero && !current.IsDefaultOrEmpty && !current.Contains(host))
                return false;
            _wakes.At(goneAt, group.Group.Name);
            return true;
        }
    }

    /// <summary>L6.</summary>
    private static TimeSpan? WantedLength(OwnedGroup group, ImmutableArray<string> members)
    {
        if (group.Group.Members.Length == 1)
            return null;
        var isAlone = group.Owner is { } owner && members is [var only] && only == owner;
        return isAlone ? group.Group.Timing.SoloTtl : group.Group.Timing.Ttl;
    }

    /// <summary>F4, C4: what a member has promised to the owner, and whether it will promise anything more.</summary>
    private void NotePromises(string host, Heartbeat heartbeat, BootInstant now, List<FailoverEffect> effects)
    {
        foreach (var seal in heartbeat.Seals)
        {
            if (_groups.TryGetValue(seal.Group, out var group) && group.Owner != host && group.Epoch > 0 && seal.UpTo >= group.Epoch)
                _ = group.Seals.TryAdd(host, now + seal.PromiseLeft);
        }
        foreach (var promise in heartbeat.Promises)
        {
            if (!_groups.TryGetValue(promise.Group, out var group) || group.Owner == host || group.Epoch != promise.Epoch
                || group.Seals.ContainsKey(host))
            {
                continue; // What one that has sealed still reports is the promise that it named with the seal.
            }
            NoteVouchedAfterFence(group, host, now + promise.Left, effects);
            var isNew = group.VouchedUntil <= now;
            group.Vouched(host, now + promise.Left);
            if (isNew)
            {
                effects.Add(new RecordHistory(
                    "OwnerVouched",
                    group.Group.Name,
                    group.Owner ?? "",
                    group.Epoch,
                    $"cut off from the control plane, vouched for by {host}"));
            }
        }
    }

    /// <summary>S2: a host whose disk has nothing of the group hears what it may rely on. What it has sealed is known here as long as
    /// anybody relies on it; what it has owned is over.</summary>
    private ImmutableArray<EpochTold> Tell(string host, Heartbeat heartbeat)
    {
        if (heartbeat.Untold.IsEmpty)
            return [];
        var told = ImmutableArray.CreateBuilder<EpochTold>();
        foreach (var name in heartbeat.Untold)
        {
            if (!_groups.TryGetValue(name, out var group))
                continue;
            if (group.Restored is { } restored)
            {
                told.Add(new EpochTold(name, 0, restored.Tell(host), group.Group.Timing.Ttl)); // S4
                continue;
            }
            var promised = group.Ledger.LongestWithOthers;
            told.Add(group.Owner == host
                ? new EpochTold(name, group.Epoch, group.Epoch, promised)
                : new EpochTold(name, 0, group.Seals.ContainsKey(host) ? group.Epoch : Math.Max(0, group.Epoch - 1), promised));
        }
        return told.ToImmutable();
    }

    /// <summary>C4: from the recorded expiry on, unless somebody vouches for the owner, each member of its views is asked once on a
    /// stream and again with each of its heartbeats.</summary>
    private void AskForSeals(OwnedGroup group, BootInstant now, List<FailoverEffect> effects)
    {
        if (group.Epoch == 0 || group.OwnerEnded || group.Owner is null || now < group.Ledger.Expiry || Removed.HasFlag(Rule.C4Seals))
            return;
        // C11: nobody is to take its place, so nobody has to be able to, and nobody shall keep it.
        if (!group.IsRetiring && (now < group.VouchedUntil || (IsLocked(group) && !Removed.HasFlag(Rule.C2Lock))))
            return;
        if (!group.IsRetiring && CandidateRanking.Rank(group, _sessions, now).All(h => h == group.Owner))
            return;
        foreach (var view in group.Ledger.Views)
        {
            foreach (var member in view.Others(group.Owner))
            {
                if (group.Seals.ContainsKey(member) || !_sessions.TryGetValue(member, out var session) || !session.Attached
                    || group.SealAsked.GetValueOrDefault(member) == session.StreamId)
                {
                    continue;
                }
                group.SealAsked[member] = session.StreamId;
                effects.Add(new SendSealAsked(member, session.StreamId, group.Group.Name, group.Epoch));
            }
        }
    }

    /// <summary>C4: for every view that the owner may act under, one of the others has sealed the epoch, and the promise that it named
    /// has run out.</summary>
    /// <param name="group">The group.</param>
    /// <param name="candidate">Who shall own it.</param>
    /// <param name="now">The instant.</param>
    /// <param name="missing">Why not, for the operator.</param>
    private bool IsSealed(OwnedGroup group, string candidate, BootInstant now, out string missing)
    {
        missing = "";
        if (group.Epoch == 0 || group.OwnerEnded || candidate == group.Owner || Removed.HasFlag(Rule.C4Seals))
            return true;
        var over = BootInstant.Zero;
        foreach (var view in group.Ledger.Views)
        {
            var best = BootInstant.Never;
            var isAlone = true;
            foreach (var member in view.Others(group.Owner))
            {
                isAlone = false;
                if (group.Seals.TryGetValue(member, out var until))
                    best = BootInstant.Min(best, until);
            }
            if (isAlone)
                continue;
            if (best == BootInstant.Never)
            {
                missing = $"none of {string.Join(", ", view.Others(group.Owner))} has confirmed that it promises {group.Owner} nothing more";
                return false;
            }
            if (!Removed.HasFlag(Rule.C4Remainder))
                over = BootInstant.Max(over, best + (view.LengthOrMax / 100) + group.Group.Timing.TakeoverMargin);
        }
        if (now >= over)
            return true;
        missing = $"{group.Owner} may still rely on a promise for {Text.Of(over - now)}";
        _wakes.At(over, group.Group.Name);
        return false;
    }
}
