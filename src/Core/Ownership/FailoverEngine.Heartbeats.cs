using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <content>What agents say: renewals, revocations, ended epochs, and who can be heard.</content>
public sealed partial class FailoverEngine
{
    private void OnHeartbeat(HeartbeatReceived received, BootInstant now, List<FailoverEffect> effects)
    {
        var session = SessionOf(received.Host);
        var heartbeat = received.Heartbeat;
        if (!session.Accept(received.StreamId, heartbeat, now)) // L2
            return;
        NoteHeardAfterFence(session, heartbeat, effects);
        BecomeLive(session, now, effects);

        var renewals = ImmutableArray.CreateBuilder<Renewal>();
        var revocations = ImmutableArray.CreateBuilder<Revocation>();
        var requests = ImmutableArray.CreateBuilder<ReleaseRequest>();
        NoteRestores(received.Host, heartbeat, now, effects);
        foreach (var ended in heartbeat.Ended)
            NoteEnded(received.Host, ended);
        NotePromises(received.Host, heartbeat, now, effects);
        foreach (var holding in heartbeat.Holdings)
        {
            var epoch = new EpochOf(holding.Group, holding.Epoch);
            if (Agree(received.Host, epoch, revocations) is not { } group)
            {
                // L5: an owner that has not heard of its new epoch yet still acts under the one before.
                if (_groups.TryGetValue(holding.Group, out group) && group.Owner == received.Host && group.Epoch > holding.Epoch)
                    _ = group.Ledger.Report(holding with { ViewVersion = 0 }, renewed: false, now);
                continue;
            }
            var renewed = MayRenew(group);
            if (group.Ledger.Report(holding, renewed, now))
                effects.Add(new ConfirmView(holding.Group, holding.ViewVersion));
            if (renewed)
                renewals.Add(new Renewal(holding.Group, holding.Epoch, group.Ledger.Current));
            group.LeaseSeen = true;
            EndSwitchoverOf(group, effects);
            if (group.Switchover is { } switchover && switchover.From == received.Host)
                requests.Add(new ReleaseRequest(holding.Group, holding.Epoch, switchover.Reason)); // C9
            else if (group.IsRetiring)
                requests.Add(new ReleaseRequest(holding.Group, holding.Epoch, group.Retiring)); // C11
        }
        foreach (var accepted in heartbeat.Accepted)
        {
            if (Agree(received.Host, accepted, revocations) is not { } group || !MayRenew(group) || MayBeOutdated(group, now, out _))
                continue;
            if (group.IsRetiring && !Removed.HasFlag(Rule.C11Promotion))
            {
                // C11: it has not begun, so there is nothing to stop; its word that this is over is as good as any.
                revocations.Add(new Revocation(accepted.Group, accepted.Epoch, group.Retiring));
                continue;
            }
            group.Ledger.Grant(now);
            renewals.Add(new Renewal(accepted.Group, accepted.Epoch, group.Ledger.Current));
        }
        session.Answered(heartbeat.Seq, now);
        effects.Add(new SendAnswer(
            received.Host,
            received.StreamId,
            new HeartbeatAnswer(
                heartbeat.Instance, heartbeat.Seq, renewals.ToImmutable(), revocations.ToImmutable(), requests.ToImmutable())
            {
                Told = Tell(received.Host, heartbeat),
                DatabaseCounter = IsSettling ? heartbeat.DatabaseCounter : DatabaseCounter,
            }));

        foreach (var renewal in renewals)
            RaiseSealedEpoch(_groups[renewal.Group], now, effects);
        foreach (var group in GroupsOf(received.Host))
        {
            _ = group.SealAsked.Remove(received.Host);
            _ = group.Restored?.SealAsked.Remove(received.Host);
            ResendPromotion(group, session, heartbeat, now, effects);
            Evaluate(group, now, effects);
        }
    }

    /// <summary>C6: deciding stops renewals at once. Nothing is renewed under a view that is not in the database (V1).</summary>
    private bool MayRenew(OwnedGroup group) =>
        (!group.IsPending || Removed.HasFlag(Rule.C6StopRenewals)) && group.Ledger.Current.Version > 0;

    /// <summary>C8: a member has sealed the epoch of an owner that turned out to be alive. Under the next epoch it can promise again; the
    /// owner keeps acting. Right after a renewal, because there is none until the outcome is known (C6).</summary>
    private void RaiseSealedEpoch(OwnedGroup group, BootInstant now, List<FailoverEffect> effects)
    {
        if (group.IsPending || group.Switchover is not null || group.IsRetiring || group.Restored is not null || group.OwnerEnded || !group.LeaseSeen
            || group.Seals.Count == 0 || now < MayDecideFrom(group)
            || !SessionOf(group.Owner!).IsLiveBothWays(group.Group.Timing.Heartbeat, now) || Removed.HasFlag(Rule.C8NewEpoch))
        {
            return;
        }
        var sealers = string.Join(", ", group.Seals.Keys.Order(StringComparer.Ordinal));
        group.BecomeDeciding(group.Owner!, $"{group.Owner} is alive after all; {sealers} could vouch for it no more under epoch {group.Epoch}", asked: false);
        effects.Add(new CommitPromotion(group.Group.Name, group.Epoch, group.Epoch + 1, group.Owner!, group.Reason, "", []));
    }

    /// <summary>C8: true from the seal to the next epoch; a new leader may have to wait first (C1).</summary>
    internal bool IsAboutToRaise(string group) => _groups[group].Seals.Count > 0 && !Removed.HasFlag(Rule.C8NewEpoch);

    /// <summary>L3: what a host says it owns, held against the database. Null when it is not to be renewed.</summary>
    private OwnedGroup? Agree(string host, EpochOf said, ImmutableArray<Revocation>.Builder revocations)
    {
        if (!_groups.TryGetValue(said.Group, out var group))
        {
            revocations.Add(new Revocation(said.Group, said.Epoch, "the group is not registered"));
            return null;
        }
        if (group.Restored is not null || said.Epoch > group.Epoch)
            return null; // S4: the agents know better; nobody is renewed, and nobody's lease is taken away.
        if (group.IsEpochOver && !Removed.HasFlag(Rule.C11Over))
        {
            revocations.Add(new Revocation(said.Group, said.Epoch, "the group of that epoch was deleted"));
            return null;
        }
        if ((group.Owner == host && group.Epoch == said.Epoch) || Removed.HasFlag(Rule.L3Database))
            return group;
        if (group.Owner == host)
            return null; // C8: it has not heard of its new epoch yet.
        revocations.Add(new Revocation(
            said.Group, said.Epoch, $"{group.Owner} owns the group at epoch {group.Epoch}"));
        return null;
    }

    /// <summary>W7, C3: only the owner itself can say that its epoch is over.</summary>
    private void NoteEnded(string host, EpochOf ended)
    {
        if (_groups.TryGetValue(ended.Group, out var group) && group.Owner == host && ended.Epoch == group.Epoch)
            group.OwnerEnded = true;
    }

    private void OnReleased(EpochReleased released, BootInstant now, List<FailoverEffect> effects)
    {
        if (SessionOf(released.Host).StreamId != released.StreamId) // L2
            return;
        NoteEnded(released.Host, new EpochOf(released.Group, released.Epoch));
        if (_groups.TryGetValue(released.Group, out var group))
            Evaluate(group, now, effects);
    }

    /// <summary>C7: re-sent until the owner's heartbeat lists the epoch, whatever way it lists it.</summary>
    private void ResendPromotion(
        OwnedGroup group,
        HostSession session,
        Heartbeat heartbeat,
        BootInstant now,
        List<FailoverEffect> effects)
    {
        var name = group.Group.Name;
        if (group.Owner != session.Host || group.OwnerEnded || group.IsPending || group.Restored is not null
            || heartbeat.Untold.Contains(name) || MayBeOutdated(group, now, out _)
            || heartbeat.Holdings.Any(h => h.Group == name && h.Epoch >= group.Epoch)
            || heartbeat.Accepted.Any(a => a.Group == name && a.Epoch >= group.Epoch))
        {
            return;
        }
        effects.Add(new SendPromote(session.Host, session.StreamId, name, group.Epoch, group.Reason, group.FormerIsOver));
    }

    private void BecomeLive(HostSession session, BootInstant now, List<FailoverEffect> effects)
    {
        if (session.Liveness != HostLiveness.Live)
        {
            var before = session.Liveness;
            session.Liveness = HostLiveness.Live;
            session.LiveSince = now;
            effects.Add(new RecordHistory(
                "HostLive", "", session.Host, 0, before == HostLiveness.Unknown ? "first heartbeat" : "heartbeats are back"));
        }
        _wakes.At(now + SuspectAfter(session.Host) + Instant, session.Host, host: true);
    }

    private void JudgeLiveness(HostSession session, BootInstant now, List<FailoverEffect> effects)
    {
        var suspectAt = session.LastHeartbeatAt + SuspectAfter(session.Host) + Instant;
        var deadAt = session.LastHeartbeatAt + DeadAfter(session.Host) + Instant;
        if (now < suspectAt)
        {
            _wakes.At(suspectAt, session.Host, host: true);
            return;
        }
        if (session.Liveness == HostLiveness.Live)
        {
            session.Liveness = HostLiveness.Suspect;
            effects.Add(new RecordHistory(
                "HostSuspected", "", session.Host, 0, $"no heartbeat for {Text.Of(now - session.LastHeartbeatAt)}"));
        }
        if (now < deadAt)
        {
            _wakes.At(deadAt, session.Host, host: true);
        }
        else if (session.Liveness == HostLiveness.Suspect)
        {
            session.Liveness = HostLiveness.Dead;
            effects.Add(new RecordHistory(
                "HostLost", "", session.Host, 0, $"no heartbeat for {Text.Of(now - session.LastHeartbeatAt)}"));
        }
    }

    private static readonly TimeSpan Instant = new(1);

    private TimeSpan SuspectAfter(string host) =>
        GroupsOf(host).Select(g => g.Group.Timing.Heartbeat).DefaultIfEmpty(TimeSpan.FromSeconds(1)).Min() * 2;

    private TimeSpan DeadAfter(string host) =>
        GroupsOf(host).Select(g => g.Group.Timing.Ttl + g.Group.Timing.TakeoverMargin)
            .DefaultIfEmpty(TimeSpan.FromSeconds(5)).Max();
}
