using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <content>Rule C11: a group that operators want deleted ends before it is forgotten.</content>
public sealed partial class FailoverEngine
{
    /// <summary>Nobody is promoted any more. The owner is asked to release with the answers to its heartbeats; an owner that does not hear is
    /// waited for as before a change of owner.</summary>
    private void Retire(OwnedGroup group, BootInstant now, List<FailoverEffect> effects)
    {
        if (group.Switchover is not null)
            FailSwitchover(group, group.Retiring, effects);
        AskForSeals(group, now, effects);
        if (group.StoringView)
            return;
        if (!HasEnded(group, now, out var isOver, out var obstacle))
        {
            group.Obstacle = obstacle;
            WakeAt(group.Ledger.Expiry, group, now);
            WakeAt(group.Ledger.OverAt(group.Group.Timing), group, now);
            return;
        }
        Forget(group, group.Epoch, isOver, effects);
    }

    private static void Forget(OwnedGroup group, long epoch, bool isOver, List<FailoverEffect> effects)
    {
        var expected = group.Epoch;
        group.BecomeForgotten(epoch);
        group.Obstacle = "";
        effects.Add(new CommitRetirement(group.Group.Name, expected, epoch, isOver, group.Owner ?? ""));
    }

    /// <summary>C11: by the word of the owner, or as C1, C3 and C4 ask for before somebody else may own it. A word of a member for the owner (F4)
    /// counts as long as that has not sealed, and no longer: operators do not want it to go on.</summary>
    /// <param name="group">The group.</param>
    /// <param name="now">The instant.</param>
    /// <param name="isOver">True when its epoch is over for good; false when a group of the same name must fear it still.</param>
    /// <param name="obstacle">Why it has not ended, for people.</param>
    private bool HasEnded(OwnedGroup group, BootInstant now, out bool isOver, out string obstacle)
    {
        (isOver, obstacle) = (true, "");
        if (Removed.HasFlag(Rule.C11Ended))
            return true;
        if (MayDecideFrom(group) is var from && now < from)
        {
            obstacle = "the control plane started a moment ago and waits for leases it may not know of";
            WakeAt(from, group, now);
            return false;
        }
        if (group.Epoch == 0)
            return true;
        if (group.OwnerEnded)
        {
            if (!MayBeOutdated(group, now, out obstacle))
                return true;
            WakeAt(OutdatedUntil(group), group, now);
            return false;
        }
        var owner = group.Owner!;
        // C10: without a lease it may go on when it is on again, until it hears that the group is gone.
        if (SessionOf(owner).Fence is not null)
        {
            isOver = false;
            return true;
        }
        if (now >= group.Ledger.OverAt(group.Group.Timing))
        {
            // Who registers it again and requires fencing must have it fenced then.
            isOver = group.Group.Fencing != Fencing.Required;
            return Removed.HasFlag(Rule.C11Seals) || IsSealed(group, "", now, out obstacle);
        }
        obstacle = SessionOf(owner).IsLiveBothWays(group.Group.Timing.Heartbeat, now)
            ? $"{owner} is stopping its programs"
            : group.Ledger.Expiry == BootInstant.Never
                ? $"{owner} needs no lease and has to end it itself, or must be confirmed off (hactl fence {owner} --confirm-off)"
                : $"{owner} is not heard; its lease and the margin last for {Text.Of(group.Ledger.OverAt(group.Group.Timing) - now)} at most";
        return false;
    }

    /// <summary>S4: nobody holds a lease of what may have been lost, so nobody has to be given it first.</summary>
    private void RetireRestored(OwnedGroup group, RestoredGroup restored, TimeSpan longest, BootInstant now, List<FailoverEffect> effects)
    {
        if (IsLostLeaseOver(group, restored, SuspectsOf(group, restored), longest, now, effects, out var obstacle))
            Forget(group, restored.NextEpoch, isOver: true, effects);
        else
            group.Obstacle = $"an older backup was restored; {obstacle}";
    }

    /// <summary>It is not registered any more: whoever still says that it owns it hears so.</summary>
    private void OnGone(OwnedGroup group, List<FailoverEffect> effects)
    {
        if (group.Switchover is not null)
            FailSwitchover(group, "the group is not registered any more", effects);
        if (group.Restored is not null)
        {
            _restored--;
            if (!Removed.HasFlag(Rule.S4Counter))
                _settled = Math.Max(_settled, group.ForgottenEpoch ?? 0);
        }
        _ = _groups.Remove(group.Group.Name);
    }
}
