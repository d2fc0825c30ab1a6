using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// Until when the owner of a group may still act, as far as the control plane must fear. It only ever errs towards
/// later: everything that the owner reported or was granted raises the recorded expiry, and it falls only when the owner
/// acts under a newer view with a shorter lease and that is in the database (rules L5, V1).
/// </summary>
internal sealed class LeaseLedger
{
    private readonly List<View> _views;
    private readonly Rule _removed;

    // Until when the owner may act by what it was granted under a view or said that it held; a view that is absent grants nothing yet.
    private readonly Dictionary<long, BootInstant> _under = [];
    private long _confirming;

    public LeaseLedger(StoredGroup stored, BootInstant leaderSince, Rule removed)
    {
        _removed = removed;
        _views = [.. stored.Views];
        Confirmed = stored.ConfirmedView;
        if (stored.Ownership.Epoch == 0 || removed.HasFlag(Rule.C1LeaderWaits))
            return;
        Expiry = leaderSince + Longest;
        foreach (var view in _views)
            _under[view.Version] = leaderSince + view.LengthOrMax;
    }

    /// <summary>The newest stored view: what leases are given under.</summary>
    public View Current => _views.Count == 0 ? View.None : _views[^1];

    /// <summary>The views that the owner may act under: the last confirmed one and all later ones (C4).</summary>
    public IReadOnlyList<View> Views => _views;

    public long Confirmed { get; private set; }

    /// <summary>Recorded expiry (L5).</summary>
    public BootInstant Expiry { get; private set; }

    /// <summary>The longest length among the last confirmed and all later views (C1).</summary>
    public TimeSpan Longest => _views.Count == 0 ? TimeSpan.Zero : _views.Max(v => v.LengthOrMax);

    /// <summary>The longest promise that the owner may rely on: what it was promised under an earlier view is worth nothing under these (L4).</summary>
    public TimeSpan LongestWithOthers => _views.Where(v => v.Members.Length > 1).Select(v => v.Length ?? TimeSpan.Zero).DefaultIfEmpty().Max();

    public void Store(View view)
    {
        if (view.Version > Current.Version)
            _views.Add(view);
    }

    /// <summary>L5: also when the heartbeat is not renewed. Returns true when a newer view must be confirmed (V1).</summary>
    public bool Report(Holding holding, bool renewed, BootInstant now)
    {
        if ((renewed && !_removed.HasFlag(Rule.L5RecordedExpiry)) || IsTakenForShort)
            Grant(now);
        var version = holding.ViewVersion;
        var known = _views.Exists(v => v.Version == version);
        if (!IsTakenForShort)
            Fear(known ? version : Confirmed, now + holding.LeaseLeft);

        // S4: after a restore an owner may act under a view that is not in the database.
        if (version <= Confirmed || version <= _confirming || !known)
            return false;
        _confirming = version;
        return true;
    }

    /// <summary>L5: what is renewed, and C7: a first lease for an owner that only accepted so far.</summary>
    public void Grant(BootInstant now) => Fear(Current.Version, now + Granted);

    /// <summary>V1: the confirmation is in the database, so what was granted under an earlier view may be forgotten. Everything else is
    /// still feared, and this may be another epoch than the one in which the owner was heard: the database may be slow.</summary>
    public void Confirm(long version)
    {
        if (version <= Confirmed)
            return;
        Confirmed = version;
        _views.RemoveAll(v => v.Version < version);
        foreach (var earlier in _under.Keys.Where(v => v < version).ToArray())
            _ = _under.Remove(earlier);
        if (_under.Count > 0)
            Expiry = _under.Values.Max();
    }

    /// <summary>C7: until a lease is recorded for a new epoch, it counts as one that began with the commit.</summary>
    public void Restart(BootInstant committedAt, TimeSpan ttl)
    {
        _under.Clear();
        Expiry = BootInstant.Zero;
        Fear(Current.Version, committedAt + ttl);
    }

    /// <summary>C8: the same owner goes on under the next epoch with the lease that it has.</summary>
    public void CarryOver(BootInstant committedAt, TimeSpan ttl) => Fear(Current.Version, committedAt + ttl);

    /// <summary>C3: from this instant on the owner cannot act any more, whatever its clock did.</summary>
    public BootInstant OverAt(GroupTiming timing)
    {
        if (Expiry == BootInstant.Never || _removed.HasFlag(Rule.C3Margin))
            return Expiry;
        var length = Longest == TimeSpan.MaxValue ? timing.Ttl : Longest;
        return Expiry + (length / 100) + timing.TakeoverMargin;
    }

    private void Fear(long version, BootInstant until)
    {
        _under[version] = _under.TryGetValue(version, out var already) ? BootInstant.Max(already, until) : until;
        Expiry = BootInstant.Max(Expiry, until);
    }

    /// <summary>L6: what is granted under the newest view.</summary>
    private TimeSpan Granted => IsTakenForShort ? TimeSpan.FromSeconds(1) : Current.LengthOrMax;

    private bool IsTakenForShort => _removed.HasFlag(Rule.L6Solo) && Current.Members.Length == 1;
}
