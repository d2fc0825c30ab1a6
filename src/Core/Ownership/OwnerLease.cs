using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>What a host is for one group.</summary>
public enum OwnerRole
{
    /// <summary>Not the owner.</summary>
    Standby,

    /// <summary>Promoted, but the acceptance is not on disk yet.</summary>
    Accepting,

    /// <summary>Promoted and waiting for the first lease (rule C7).</summary>
    Accepted,

    /// <summary>Holds the lease and acts.</summary>
    Owner,

    /// <summary>Holds the lease; the programs are stopping for a planned change of owner (rule C9).</summary>
    Releasing,

    /// <summary>The lease is over or given up; acts are being undone (rule W7).</summary>
    Ending,

    /// <summary>Acts are undone; <c>ended</c> is being written to disk (rule W7).</summary>
    Recording,
}

/// <summary>
/// One group on one host: may this host act, and until when. The lease is counted from the instant before the heartbeat
/// was sent here, and from the instant after it was received there, so the two clocks never need to agree; what is
/// rejected is a lease that counts from the answer, which a delayed answer would stretch beyond what the control plane
/// waits for.
/// </summary>
internal sealed class OwnerLease(string group, Rule removed)
{
    private string _reason = "";
    private View? _unconfirmed;

    public string Group { get; } = group;

    public Group? Configured { get; set; }

    public OwnerRole Role { get; private set; }

    public long Epoch { get; private set; }

    public long Ended { get; private set; }

    /// <summary>The view that the next heartbeat confirms: on disk, and in the deadline file.</summary>
    public View View { get; private set; } = View.None;

    public BootInstant Until { get; private set; }

    public bool IsOwner => Role is OwnerRole.Owner or OwnerRole.Releasing;

    /// <summary>The instant at which time alone changes something here.</summary>
    public BootInstant NextWake => IsOwner ? Until : BootInstant.Never;

    private DurableGroup Durable(long accepted, long ended, View view) => new(Group, accepted, ended, view);

    /// <summary>S1, S2: what outlived the previous agent, or the previous boot.</summary>
    public void Start(DurableGroup disk, RecordedDeadline? deadline, bool sameBoot, BootInstant now, List<HostEffect> effects)
    {
        (Epoch, Ended, View) = (disk.Accepted, disk.Ended, disk.View);
        if (Epoch <= Ended)
            return;
        if (View.Length is null || (!sameBoot && removed.HasFlag(Rule.S2Boot)))
        {
            // L6: without a lease there is nothing to lose by a restart or a boot.
            BecomeResumed(BootInstant.Never, effects);
            return;
        }
        if (!sameBoot)
        {
            // S2: the boot killed every program and removed every address.
            BecomeRecording(effects);
            effects.Add(new ReportEvent("EpochEnded", Group, Epoch, "the host booted"));
            return;
        }
        if (deadline is { } d && d.Epoch == Epoch && d.Until > now)
            BecomeResumed(d.Until, effects);
        else
            BecomeEnding("the agent was away for longer than the lease", effects);
    }

    /// <summary>C7: a promotion grants nothing; it is refused when the epoch is not new here.</summary>
    public void Promote(long epoch, string reason, List<HostEffect> effects)
    {
        if (Role != OwnerRole.Standby || epoch <= Ended || epoch <= Epoch)
            return;
        Role = removed.HasFlag(Rule.C7Durable) ? OwnerRole.Accepted : OwnerRole.Accepting;
        Epoch = epoch;
        _reason = reason;
        effects.Add(new PersistGroup(Durable(epoch, Ended, View)));
    }

    /// <summary>L3, L4, L6: a lease granted for the heartbeat that was sent at <paramref name="sentAt"/>.</summary>
    public void Renew(Renewal renewal, BootInstant sentAt, BootInstant now, List<HostEffect> effects)
    {
        if (renewal.Epoch != Epoch || !(IsOwner || Role == OwnerRole.Accepted))
            return;
        var known = _unconfirmed ?? View;
        if (renewal.View.Version < known.Version)
            return;
        var granted = sentAt + renewal.View.LengthOrMax;
        if (granted <= now)
            return;

        var newer = renewal.View.Version > known.Version;
        var first = Role == OwnerRole.Accepted;
        // L4: a newer view counts alone, and not only when it is shorter than the last one known here: an agent that was
        // restarted may have resumed a lease of a longer view that never came to its disk.
        Until = first || (newer && !removed.HasFlag(Rule.L4NewerView)) ? granted : BootInstant.Max(Until, granted);

        // W1: the file is written before the heartbeat that confirms the view, which comes after GroupPersisted.
        effects.Add(new WriteDeadline(Group, Epoch, Until, renewal.View));
        if (newer)
        {
            _unconfirmed = renewal.View;
            effects.Add(new PersistGroup(Durable(Epoch, Ended, renewal.View)));
        }
        if (first)
        {
            Role = OwnerRole.Owner;
            effects.Add(new Claim(Group, Epoch, Until, _reason));
        }
        else
        {
            effects.Add(new ExtendLease(Group, Epoch, Until));
        }
    }

    /// <summary>C9: a planned change of owner; the lease is kept while the programs stop.</summary>
    public void Release(ReleaseRequest request, BootInstant sentAt, BootInstant now, List<HostEffect> effects)
    {
        if (Role != OwnerRole.Owner || request.Epoch != Epoch)
            return;
        // The control plane may have given up on this request one lease length after the heartbeat was sent.
        if (View.Length is { } length && now >= sentAt + length)
            return;
        BecomeReleasing(request.Reason, effects);
    }

    public void BecomeReleasing(string reason, List<HostEffect> effects)
    {
        Role = OwnerRole.Releasing;
        _reason = reason;
        effects.Add(new StopPrograms(Group, Epoch, reason));
    }

    public void ProgramsStopped(long epoch, List<HostEffect> effects)
    {
        if (Role == OwnerRole.Releasing && epoch == Epoch)
            BecomeEnding(_reason, effects);
    }

    /// <summary>The database gave the group to another, or does not know this epoch.</summary>
    public void Revoke(Revocation revocation, List<HostEffect> effects)
    {
        if (revocation.Epoch != Epoch)
            return;
        if (IsOwner)
            BecomeEnding(revocation.Reason, effects);
        else if (Role is OwnerRole.Accepted)
            BecomeEnding(revocation.Reason, effects);
    }

    /// <summary>L7: when the lease has run out nothing else may happen before its end is acted on.</summary>
    public void CheckLapse(BootInstant now, List<HostEffect> effects)
    {
        if (!IsOwner || now < Until)
            return;
        effects.Add(new ReportEvent("LeaseLapsed", Group, Epoch, "no renewal came before the lease ended"));
        BecomeEnding("the lease ran out", effects);
    }

    /// <summary>W1: the programs may be dead and the gate shut, whatever the extension says.</summary>
    public void DeadlinePassed(long epoch, List<HostEffect> effects)
    {
        if (!IsOwner || epoch != Epoch)
            return;
        effects.Add(new ReportEvent("LeaseLapsed", Group, Epoch, "its extension was written after the lease had ended"));
        BecomeEnding("the lease ran out before its extension was written", effects);
    }

    /// <summary>W6: kernel timeouts stood still while the lease went on.</summary>
    public void Slept(List<HostEffect> effects)
    {
        if (IsOwner)
            effects.Add(new ExtendLease(Group, Epoch, Until));
    }

    public void ActsEnded(long epoch, List<HostEffect> effects)
    {
        if (Role == OwnerRole.Ending && epoch == Epoch)
            BecomeRecording(effects);
    }

    public void Persisted(DurableGroup disk, List<HostEffect> effects)
    {
        if (_unconfirmed is { } view && disk.View.Version >= view.Version)
        {
            View = view;
            _unconfirmed = null;
        }
        if (Role == OwnerRole.Accepting && disk.Accepted >= Epoch)
        {
            Role = OwnerRole.Accepted;
        }
        else if (Role == OwnerRole.Recording && disk.Ended >= Epoch)
        {
            Ended = Epoch;
            Role = OwnerRole.Standby;
            effects.Add(new SendReleased(Group, Epoch));
        }
    }

    private void BecomeResumed(BootInstant until, List<HostEffect> effects)
    {
        Role = OwnerRole.Owner;
        Until = until;
        effects.Add(new ResumeOwnership(Group, Epoch, until));
    }

    private void BecomeEnding(string reason, List<HostEffect> effects)
    {
        Role = OwnerRole.Ending;
        Until = BootInstant.Zero;
        effects.Add(new EndEpoch(Group, Epoch, reason));
    }

    private void BecomeRecording(List<HostEffect> effects)
    {
        Role = OwnerRole.Recording;
        effects.Add(new PersistGroup(Durable(Epoch, Epoch, _unconfirmed ?? View)));
    }
}
