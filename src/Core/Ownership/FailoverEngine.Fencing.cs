using HaGrpc.Core.Access;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <content>Rule C10: a host that is confirmed to be off owns nothing any more.</content>
public sealed partial class FailoverEngine
{
    private void OnFenceBegun(FenceBegun begun, List<FailoverEffect> effects)
    {
        var session = SessionOf(begun.Host);
        session.Fencing.Begin(session.BootId);
        effects.Add(new RecordHistory("FenceStarted", "", begun.Host, 0, $"{begun.Device}: {begun.Reason}", begun.Actor));
    }

    private void OnFenceFailed(FenceFailed failed, BootInstant now, List<FailoverEffect> effects)
    {
        SessionOf(failed.Host).Fencing.Failed(failed.Error, now);
        effects.Add(new RecordHistory(
            "FenceFailed", "", failed.Host, 0, $"it is not confirmed that {failed.Host} is off: {failed.Error}", failed.Actor));
        EvaluateAllOf(failed.Host, now, effects);
    }

    private void OnHostFenced(HostFenced fenced, BootInstant now, List<FailoverEffect> effects)
    {
        var session = SessionOf(fenced.Host);
        if (fenced.Method == FenceMethod.Device)
        {
            // It was off at some instant since the device began. What runs there now may have begun after that.
            var isOutdated = !session.Fencing.IsUnderWay || session.Fencing.BootId != session.BootId;
            session.Fencing.Forget();
            if (isOutdated && !Removed.HasFlag(Rule.C10Boot))
            {
                effects.Add(new RecordHistory(
                    "FenceOutdated",
                    "",
                    fenced.Host,
                    0,
                    $"{ActorName.Shown(fenced.By)} has switched {fenced.Host} off, but a boot of it has come since that was not known when that began: what it owns is "
                    + "judged by its lease",
                    fenced.Actor));
                EvaluateAllOf(fenced.Host, now, effects);
                return;
            }
        }
        session.Fence = new HostFence($"{fenced.Host} is confirmed off by {ActorName.Shown(fenced.By)}", now, session.BootId);
        session.Liveness = HostLiveness.Dead;
        var counted = new List<string>();
        var others = new List<string>();
        foreach (var group in _groups.Values.Where(g => g.Owner == fenced.Host))
        {
            CountFence(group);
            if (group.Fence is not null)
                counted.Add($"{group.Group.Name}@{group.Epoch}");
            else if (!group.OwnerEnded)
                others.Add($"{group.Group.Name}: {WhyNotCounted(group)}");
        }
        effects.Add(new RecordHistory(
            "HostFenced",
            "",
            fenced.Host,
            0,
            $"confirmed off by {ActorName.Shown(fenced.By)}; "
            + (counted.Count > 0 ? $"over now: {string.Join(", ", counted)}" : "it owned nothing that is over now")
            + string.Concat(others.Select(o => $"; {o}")),
            fenced.Actor));
        EvaluateAllOf(fenced.Host, now, effects);
    }

    /// <summary>The epoch of an owner that is off and has not been heard since is over. Also one that was being committed when the host was
    /// switched off: nobody has told it.</summary>
    private void CountFence(OwnedGroup group)
    {
        if (group.Owner is { } owner && SessionOf(owner).Fence is { } fence && WhyNotCounted(group).Length == 0)
            group.Fence = fence;
    }

    private static string WhyNotCounted(OwnedGroup group)
    {
        if (group.Restored is not null) // S4
            return "an older backup was restored, and who owns the group is being found out";
        // L6: without a lease it goes on after a boot without asking.
        return group.Ledger.Views.Any(v => v.Length is null) ? "its owner needs no lease, and goes on by itself when it is on again" : "";
    }

    private void EvaluateAllOf(string host, BootInstant now, List<FailoverEffect> effects)
    {
        foreach (var group in _groups.Values)
        {
            if (group.Owner == host || group.Group.Members.Any(m => m.Host == host))
                Evaluate(group, now, effects);
        }
    }

    /// <summary>The host is heard again. One that has booted says itself what is over; the boot that was confirmed off can only be heard when
    /// it was not off, or when the message was late: it is not worth finding out which.</summary>
    private void NoteHeardAfterFence(HostSession session, Heartbeat heartbeat, List<FailoverEffect> effects)
    {
        session.Fencing.Heard();
        var fence = session.Fence;
        session.Fence = null;
        if (fence is not null && fence.BootId != Guid.Empty && fence.BootId == session.BootId)
        {
            Doubt(session.Host, _groups.Values.Where(g => g.Owner == session.Host && g.Fence is not null), HeardAgain(session.Host), effects);
            return;
        }
        // S2: a boot would have ended these.
        List<OwnedGroup>? named = null;
        foreach (var holding in heartbeat.Holdings)
            Name(holding.Group, holding.Epoch);
        foreach (var accepted in heartbeat.Accepted)
            Name(accepted.Group, accepted.Epoch);
        foreach (var ending in heartbeat.Ending)
            Name(ending.Group, ending.Epoch);
        if (named is not null)
            Doubt(session.Host, named, HeardAgain(session.Host), effects);

        void Name(string name, long epoch)
        {
            if (_groups.TryGetValue(name, out var group) && group.Fence is not null && group.Owner == session.Host && group.Epoch == epoch)
                (named ??= []).Add(group);
        }
    }

    private static string HeardAgain(string host) => $"{host} was heard after it was confirmed off, from the boot that should have ended";

    /// <summary>F4: no promise that was given before the host was off can last for so long.</summary>
    private static void NoteVouchedAfterFence(OwnedGroup group, string member, BootInstant until, List<FailoverEffect> effects)
    {
        var longest = group.Ledger.LongestWithOthers;
        if (group.Fence is { } fence && until > fence.At + longest + (longest / 100) + group.Group.Timing.TakeoverMargin)
            Doubt(group.Owner!, [group], $"{member} has promised {group.Owner} something after that was confirmed off", effects);
    }

    private static void Doubt(string host, IEnumerable<OwnedGroup> groups, string why, List<FailoverEffect> effects)
    {
        var back = new List<string>();
        var late = new List<string>();
        foreach (var group in groups)
        {
            (group.IsPending ? late : back).Add(group.Group.Name);
            group.Fence = null;
        }
        var what = (back.Count, late.Count) switch
        {
            (0, 0) => "what it owned has been given away already: two hosts may act, so see what the fence device really does",
            (_, 0) => $"{string.Join(", ", back)}: its lease counts again",
            _ => $"{string.Join(", ", late)}: being given away already, so two hosts may act; see what the fence device really does",
        };
        effects.Add(new RecordHistory("FenceDoubted", "", host, 0, $"{why}: {what}"));
    }

    /// <summary>A group that requires fencing is not taken from an owner that may only be cut off. Its device is asked when everything else
    /// allows to take over, and again while that lasts.</summary>
    private bool IsFencedWhereRequired(OwnedGroup group, string candidate, string need, BootInstant now, List<FailoverEffect> effects)
    {
        if (group.Group.Fencing != Fencing.Required || group.Epoch == 0 || group.OwnerEnded || candidate == group.Owner)
            return true;
        var owner = group.Owner!;
        var attempts = SessionOf(owner).Fencing;
        if (!attempts.IsUnderWay && now >= attempts.NextAt)
        {
            attempts.Begin(SessionOf(owner).BootId);
            effects.Add(new FenceWanted(owner, group.Group.Name, $"{group.Group.Name} requires it: {need}"));
        }
        group.Obstacle = attempts.IsUnderWay
            ? $"fencing is required: the fence device of {owner} is being asked to switch it off"
                + (attempts.Failure.Length > 0 ? $" (before: {attempts.Failure})" : "")
            : $"fencing is required and {owner} is not confirmed off: {attempts.Failure}; tried again in {Text.Of(attempts.NextAt - now)}, "
                + $"or see that it is off and say so: hactl fence {owner} --confirm-off";
        WakeAt(attempts.NextAt, group, now);
        return false;
    }
}
