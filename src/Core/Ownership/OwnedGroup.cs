using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>What the leader knows of one group, and what it is doing about it.</summary>
internal sealed class OwnedGroup
{
    public OwnedGroup(StoredGroup stored, BootInstant knownSince, BootInstant leaderSince, Rule removed)
    {
        (Group, KnownSince) = (stored.Group, knownSince);
        (Owner, Epoch, IsInherited) = (stored.Ownership.Owner, stored.Ownership.Epoch, stored.Ownership is { Epoch: > 0, IsOfThisLeader: false });
        IsHandedOver = stored.Ownership is { Epoch: > 0, IsOfThisLeader: true };
        (OwnerEnded, IsEpochOver) = (stored.Ownership.IsOver, stored.Ownership.IsOver);
        Ledger = new(stored, leaderSince, removed);
        Set = new("", [this]);
    }

    public Group Group { get; set; }

    /// <summary>The groups that move together with this one, and itself.</summary>
    public SyncSet Set { get; set; }

    public BootInstant KnownSince { get; }

    /// <summary>C11: the epoch is that of a deleted group of the name. Its owner may have accepted it and have heard nothing of its end.</summary>
    public bool IsEpochOver { get; private set; }

    /// <summary>Nobody has owned it since it was registered.</summary>
    public bool IsNew => Epoch == 0 || IsEpochOver;

    /// <summary>C2: who keeps the group from moving by itself, for people; empty when nobody does.</summary>
    public string Lock { get; set; } = "";

    /// <summary>C2: the move that the lock forbids now and that the history has been told of; empty for none.</summary>
    public string Held { get; set; } = "";

    public LeaseLedger Ledger { get; }

    public string? Owner { get; private set; }

    public long Epoch { get; private set; }

    /// <summary>When this leader has given it to another host; <see cref="BootInstant.Zero"/> while it has not.</summary>
    public BootInstant MovedAt { get; private set; }

    /// <summary>C3: the owner itself said that the epoch is over, or its host is confirmed to be off (C10).</summary>
    public bool OwnerEnded
    {
        get => field || Fence is not null;
        set;
    }

    /// <summary>C10: why the epoch counts as ended although the owner has not said so; null when it does not.</summary>
    public HostFence? Fence { get; set; }

    /// <summary>C6: a decision is on its way to the database; nobody is renewed until it is read back.</summary>
    public PendingPromotion? Promotion { get; private set; }

    /// <summary>C11: who wants it deleted, for people; empty when nobody does.</summary>
    public string Retiring { get; set; } = "";

    /// <summary>C11: it is to end and to be forgotten.</summary>
    public bool IsRetiring => Retiring.Length > 0;

    /// <summary>C11: the epoch that is remembered of it; null while its end is not on its way to the database.</summary>
    public long? ForgottenEpoch { get; private set; }

    /// <summary>C6, C11: something is on its way to the database before which nobody may be renewed.</summary>
    public bool IsPending => Promotion is not null || ForgottenEpoch is not null;

    /// <summary>C9: the owner is asked to release.</summary>
    public PendingSwitchover? Switchover { get; set; }

    /// <summary>A view is on its way to the database.</summary>
    public bool StoringView { get; set; }

    /// <summary>Why the last change of owner happened.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>C4: which members have sealed the epoch, and until when the promise that they named may be relied on.</summary>
    public Dictionary<string, BootInstant> Seals { get; } = new(StringComparer.Ordinal);

    /// <summary>C4: on which stream of a member the seal was asked for last.</summary>
    public Dictionary<string, long> SealAsked { get; } = new(StringComparer.Ordinal);

    /// <summary>F4: until when a member has promised not to take over from the owner.</summary>
    public BootInstant VouchedUntil { get; private set; } = BootInstant.Zero;

    /// <summary>F4: who has.</summary>
    public string VouchedBy { get; private set; } = "";

    /// <summary>C7: the epoch before this one is known to be over.</summary>
    public bool FormerIsOver { get; private set; }

    /// <summary>True once a lease for this epoch is recorded.</summary>
    public bool LeaseSeen { get; set; }

    /// <summary>Why nothing can be done now; empty when nothing needs to be done.</summary>
    public string Obstacle { get; set; } = "";

    /// <summary>What was told last of the window of its failback policy; null while nothing was.</summary>
    public FailbackWindowSeen? Window { get; set; }

    /// <summary>What a failback that is due waits for; empty for nothing.</summary>
    public string FailbackWaitsFor { get; set; } = "";

    /// <summary>Agents know more than the database (rule S4); null when they do not.</summary>
    public RestoredGroup? Restored { get; private set; }

    /// <summary>C7: the epoch is what the database said when this leader began, not one that it has committed itself.</summary>
    public bool IsInherited { get; private set; }

    /// <summary>The epoch is the one with which an operator handed over what ran there, and no other has followed. A host that has never had a group
    /// is told that this one is over (S2), and gets the next.</summary>
    public bool IsHandedOver { get; private set; }

    /// <summary>S4: an epoch above all that may have been given is committed, by this leader.</summary>
    public bool IsSettledAfterRestore { get; private set; }

    public RestoredGroup BecomeRestored()
    {
        Fence = null; // C10: it may be another one that owns the group.
        return Restored = new RestoredGroup();
    }

    public void BecomeForgotten(long epoch) => ForgottenEpoch = epoch;

    public void BecomeDeciding(string owner, string reason, bool asked, bool holds = false)
    {
        Promotion = new PendingPromotion(owner, asked, holds);
        Reason = reason;
        FormerIsOver = Restored is null && (OwnerEnded || Epoch == 0);
    }

    /// <summary>F4: a member says that it has promised the owner something.</summary>
    public void Vouched(string member, BootInstant until)
    {
        if (until > VouchedUntil)
            (VouchedUntil, VouchedBy) = (until, member);
    }

    /// <summary>C6: the database has spoken. True when the pending promotion is committed.</summary>
    public bool BecomeSettled(StoredOwnership stored, BootInstant now)
    {
        var committed = stored.Epoch > Epoch;
        var holds = Promotion is { Holds: true } promotion && promotion.Owner == stored.Owner;
        Promotion = null;
        if (!committed)
            return false;
        var goesOn = holds || (stored.Owner == Owner && !OwnerEnded);
        if (stored.Owner != Owner)
            MovedAt = now;
        (Owner, Epoch) = (stored.Owner, stored.Epoch);
        (OwnerEnded, IsEpochOver, IsInherited, IsHandedOver, Fence) = (false, false, false, false, null);
        (Obstacle, Held) = ("", "");
        Seals.Clear();
        SealAsked.Clear();
        (VouchedUntil, VouchedBy) = (BootInstant.Zero, "");
        LeaseSeen = goesOn && (holds || LeaseSeen);
        if (Restored is { } restored && restored.Epoch < Epoch)
            (Restored, IsSettledAfterRestore) = (null, true);
        if (goesOn)
            Ledger.CarryOver(now, Group.Timing.Ttl);
        else
            Ledger.Restart(now, Group.Timing.Ttl);
        return true;
    }
}

/// <summary>A promotion that is being committed.</summary>
/// <param name="Owner">The new owner.</param>
/// <param name="Asked">True when an operator asked for it.</param>
/// <param name="Holds">True when the owner holds a lease of an epoch that the database has lost (rule S4).</param>
internal sealed record PendingPromotion(string Owner, bool Asked, bool Holds);

/// <summary>A planned change of owner.</summary>
/// <param name="RequestId">Of the operator's request; null when nobody waits for the outcome.</param>
/// <param name="From">The owner that is asked to release.</param>
/// <param name="Target">Who shall own the group.</param>
/// <param name="Reason">Why.</param>
/// <param name="Actor">Who asks; empty for the system itself.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="IsAsked">True when an operator asked for it, or for that of another group of the sync group.</param>
internal sealed record PendingSwitchover(
    long? RequestId,
    string From,
    string Target,
    string Reason,
    string Actor,
    BootInstant AskedAt,
    bool IsAsked);
