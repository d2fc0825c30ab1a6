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
/// <param name="group">The group.</param>
/// <param name="host">This host.</param>
/// <param name="startedAt">When the agent started.</param>
/// <param name="removed">Rules that a test has removed.</param>
internal sealed class OwnerLease(string group, string host, BootInstant startedAt, Rule removed)
{
    /// <summary>F2: what an owner is told that asks a host which does not belong to the group.</summary>
    public const string NoMember = "it is no member of the group";

    private readonly List<PromiseRound> _rounds = [];
    private string _reason = "";
    private View? _unconfirmed;
    private long _raising;
    private bool _isVouched;
    private bool _isOver;

    public string Group { get; } = group;

    public Group? Configured { get; set; }

    public OwnerRole Role { get; private set; }

    public long Epoch { get; private set; }

    public long Ended { get; private set; }

    /// <summary>The view that the next heartbeat confirms: on disk, and in the deadline file.</summary>
    public View View { get; private set; } = View.None;

    public BootInstant Until { get; private set; }

    public bool IsOwner => Role is OwnerRole.Owner or OwnerRole.Releasing;

    /// <summary>What this host has promised to other owners of the group.</summary>
    public PromiseBook Book { get; } = new(startedAt, removed);

    /// <summary>F1: from when on the other members are asked; never while there is nobody to ask.</summary>
    public BootInstant FailsafeFrom { get; private set; } = BootInstant.Never;

    /// <summary>The instant at which time alone changes something here.</summary>
    public BootInstant NextWake => IsOwner ? Until : BootInstant.Never;

    private View Newest => _unconfirmed ?? View;

    /// <summary>C7: a promotion to one of these is not new here.</summary>
    private long Highest =>
        Math.Max(Math.Max(Math.Max(Ended, Epoch), _raising), Math.Max(Book.SealedSoon, Book.Promised));

    /// <summary>What must be on disk, whatever it is written for: a later write may take the place of an earlier one.</summary>
    public DurableGroup Durable(BootInstant now) => new(
        Group,
        Math.Max(Epoch, _raising),
        Role == OwnerRole.Recording ? Math.Max(Epoch, _raising) : Ended,
        Newest,
        Book.SealedSoon,
        Book.LongestSoon(Configured?.Timing.Ttl ?? TimeSpan.Zero, now));

    /// <summary>S2: nothing is on disk, and yet something was owned. When its lease is over already, shims may be killing its programs right
    /// now; and this host may have sealed later epochs, so that undoing its acts does not make it a host that knows.</summary>
    public void StartLost(RecordedDeadline deadline, BootInstant now, List<HostEffect> effects)
    {
        Epoch = deadline.Epoch;
        _isOver = deadline.Until <= now;
        BecomeEnding("the state file of the group is lost", effects);
    }

    /// <summary>S1, S2: what outlived the previous agent, or the previous boot.</summary>
    public void Start(DurableGroup disk, RecordedDeadline? deadline, bool sameBoot, BootInstant now, List<HostEffect> effects)
    {
        (Epoch, Ended, View) = (disk.Accepted, disk.Ended, disk.View);
        Book.Start(disk);
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
            BecomeRecording(now, effects);
            effects.Add(new ReportEvent("EpochEnded", Group, Epoch, "the host booted"));
            return;
        }
        if (deadline is { } d && d.Epoch == Epoch && d.Until > now)
            BecomeResumed(d.Until, effects);
        else
            BecomeEnding("the agent was away for longer than the lease", effects);
    }

    /// <summary>C7: a promotion grants nothing; it is refused when the epoch is not new here.</summary>
    public void Promote(PromoteReceived promote, BootInstant now, List<HostEffect> effects)
    {
        if (promote.Epoch <= Highest || !Book.IsTold)
            return;
        if (Role == OwnerRole.Owner)
        {
            // C8: the owner goes on under a new epoch, because a member has sealed this one.
            _raising = promote.Epoch;
            effects.Add(new PersistGroup(Durable(now)));
            return;
        }
        // One that has not acted yet takes a later epoch as well as a first one.
        if (Role is not (OwnerRole.Standby or OwnerRole.Accepting or OwnerRole.Accepted) || (Book.PromisedUntil > now && !promote.FormerIsOver))
            return;
        Role = removed.HasFlag(Rule.C7Durable) ? OwnerRole.Accepted : OwnerRole.Accepting;
        Epoch = promote.Epoch;
        _reason = promote.Reason;
        effects.Add(new PersistGroup(Durable(now)));
    }

    /// <summary>S2: the control plane says what this host cannot know any more.</summary>
    public void Told(EpochTold told, BootInstant now, List<HostEffect> effects)
    {
        if (Book.IsTold || Role != OwnerRole.Standby)
            return;
        (Epoch, Ended) = (Math.Max(Epoch, told.Ended), Math.Max(Ended, told.Ended));
        Book.Told(told);
        effects.Add(new PersistGroup(Durable(now)));
    }

    /// <summary>C4: promise the owner of this epoch nothing from now on.</summary>
    public void Seal(long epoch, BootInstant now, List<HostEffect> effects)
    {
        if (Book.IsTold && epoch > Epoch && Book.Seal(epoch))
            effects.Add(new PersistGroup(Durable(now)));
    }

    /// <summary>F2.</summary>
    public string Promise(PeerPing ping, BootInstant now) => Configured is null
        ? NoMember
        : Book.Promise(ping, Math.Max(Epoch, _raising), now);

    /// <summary>F1: whom to ask now, and what; the round is remembered until it is answered.</summary>
    public IEnumerable<(string Member, PeerPing Ping)> BeginRound(
        long seq, Guid instance, BootInstant now, List<HostEffect> effects)
    {
        var view = Newest;
        string[] others = [.. view.Others(host)];
        if (removed.HasFlag(Rule.F1EveryMember))
            others = others[..Math.Min(others.Length, 1)];
        if (view.Length is not { } length)
            return [];
        if (others.Length == 0)
        {
            // Only without rule F3: nobody was asked, so nobody has refused.
            Until = now + length;
            effects.Add(new WriteDeadline(Group, Epoch, Until, view));
            effects.Add(new ExtendLease(Group, Epoch, Until));
            return [];
        }
        _rounds.RemoveAll(r => now >= r.SentAt + length);
        _rounds.Add(new PromiseRound(seq, now, view, others));
        return others.Select(member => (member, new PeerPing(Group, Epoch, view.Version, seq, instance, length)));
    }

    /// <summary>F3: promises of all members for the same ping.</summary>
    public void Promised(string from, PeerPromise promise, BootInstant now, List<HostEffect> effects)
    {
        if (!IsOwner || promise.Epoch != Epoch || !promise.IsGiven
            || _rounds.Find(r => r.Seq == promise.Seq) is not { } round || round.View.Version != Newest.Version
            || round.View.Length is not { } length || promise.Ttl < length)
        {
            return;
        }
        var isWhole = round.Add(from);
        if (removed.HasFlag(Rule.F3SamePing))
            isWhole |= _rounds.SelectMany(r => r.Promised).Distinct().Count() == round.Members.Count;
        if (!isWhole)
            return;
        var granted = (removed.HasFlag(Rule.F3SentAt) ? now : round.SentAt) + length;
        if (granted <= BootInstant.Max(Until, now))
            return;
        Until = granted;
        _rounds.RemoveAll(r => r.Seq <= round.Seq && !removed.HasFlag(Rule.F3SamePing));
        effects.Add(new WriteDeadline(Group, Epoch, Until, Newest));
        effects.Add(new ExtendLease(Group, Epoch, Until));
        if (_isVouched)
            return;
        _isVouched = true;
        effects.Add(new ReportEvent(
            "LeaseVouched", Group, Epoch, $"the control plane does not answer; {string.Join(", ", round.Members)} {(round.Members.Count == 1 ? "vouches" : "vouch")} for this host"));
    }

    /// <summary>L3, L4, L6: a lease granted for the heartbeat that was sent at <paramref name="sentAt"/>.</summary>
    public void Renew(Renewal renewal, BootInstant sentAt, BootInstant now, List<HostEffect> effects)
    {
        if (renewal.Epoch != Epoch || !(IsOwner || Role == OwnerRole.Accepted))
            return;
        var known = Newest;
        var first = Role == OwnerRole.Accepted;
        if (renewal.View.Version < known.Version && !first)
            return;
        var granted = sentAt + renewal.View.LengthOrMax;
        if (granted <= now)
            return;

        // S4: what this host remembers of earlier epochs may be newer than a restored database; a first lease is under what that says.
        var newer = renewal.View.Version > known.Version || (first && !renewal.View.IsSame(known));
        // L4: a newer view counts alone, and not only when it is shorter than the last one known here: an agent that was
        // restarted may have resumed a lease of a longer view that never came to its disk.
        Until = first || (newer && !removed.HasFlag(Rule.L4NewerView)) ? granted : BootInstant.Max(Until, granted);
        FailsafeFrom = FailsafeAfter(renewal.View, sentAt);
        if (_isVouched)
        {
            _isVouched = false;
            effects.Add(new ReportEvent("LeaseRenewed", Group, Epoch, "the control plane answers again"));
        }

        // W1: the file is written before the heartbeat that confirms the view, which comes after GroupPersisted.
        effects.Add(new WriteDeadline(Group, Epoch, Until, renewal.View));
        if (newer)
        {
            _unconfirmed = renewal.View;
            effects.Add(new PersistGroup(Durable(now)));
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
        var missing = _rounds.Count > 0 ? $", and {_rounds[^1].MissingForPeople} did not vouch for this host" : "";
        effects.Add(new ReportEvent("LeaseLapsed", Group, Epoch, $"no renewal came before the lease ended{missing}"));
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

    public void ActsEnded(long epoch, BootInstant now, List<HostEffect> effects)
    {
        if (Role != OwnerRole.Ending || epoch != Epoch)
            return;
        if (_isOver)
            (Role, _isOver) = (OwnerRole.Standby, false);
        else
            BecomeRecording(now, effects);
    }

    public void Persisted(DurableGroup disk, List<HostEffect> effects)
    {
        Book.Persisted(disk);
        if (_raising > Epoch && disk.Accepted >= _raising && Role == OwnerRole.Owner)
        {
            var from = Epoch;
            Epoch = _raising;
            _rounds.Clear();
            effects.Add(new RaiseEpoch(Group, from, Epoch));
        }
        if (_unconfirmed is { } view && disk.View.Version == view.Version)
        {
            View = view;
            _unconfirmed = null;
        }
        if (Role == OwnerRole.Accepting && disk.Accepted >= Epoch)
        {
            Role = OwnerRole.Accepted;
        }
        else if (Role == OwnerRole.Recording && disk.Ended >= Math.Max(Epoch, _raising))
        {
            Ended = Epoch = Math.Max(Epoch, _raising);
            Role = OwnerRole.Standby;
            effects.Add(new SendReleased(Group, Epoch));
        }
    }

    private void BecomeResumed(BootInstant until, List<HostEffect> effects)
    {
        Role = OwnerRole.Owner;
        Until = until;
        // When the last renewal was is not known; that it was a whole length before the end at the latest is.
        FailsafeFrom = View.Length is { } length && until != BootInstant.Never ? FailsafeAfter(View, until - length) : BootInstant.Never;
        effects.Add(new ResumeOwnership(Group, Epoch, until));
    }

    private void BecomeEnding(string reason, List<HostEffect> effects)
    {
        Role = OwnerRole.Ending;
        Until = BootInstant.Zero;
        FailsafeFrom = BootInstant.Never;
        _isVouched = false;
        _rounds.Clear();
        effects.Add(new EndEpoch(Group, Epoch, reason));
    }

    private void BecomeRecording(BootInstant now, List<HostEffect> effects)
    {
        Role = OwnerRole.Recording;
        effects.Add(new PersistGroup(Durable(now)));
    }

    /// <summary>F1: when half of the lease is over without a renewal. Nobody is asked under a view without others.</summary>
    private BootInstant FailsafeAfter(View view, BootInstant sentAt) =>
        view.Length is { } length && (view.Others(host).Any() || removed.HasFlag(Rule.F3EmptyView)) ? sentAt + (length / 2) : BootInstant.Never;
}
