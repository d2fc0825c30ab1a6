using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// What a host has promised to owners of one group as a member of their views (rule F2), and which of them it promises nothing
/// any more (rule C4). Promises are forgotten by a restart of the agent, and what the control plane is told allows for that;
/// seals are on disk before anybody hears of them.
/// </summary>
internal sealed class PromiseBook(BootInstant startedAt, Rule removed)
{
    private long _sealing;
    private long _epoch;
    private BootInstant _until = BootInstant.Zero;
    private TimeSpan _longest;
    private TimeSpan _longestSoon;
    private TimeSpan _forgotten;
    private bool _isTold;

    /// <summary>S2: true when it is known, from disk or from the control plane, what this host has sealed.</summary>
    public bool IsTold => _isTold || removed.HasFlag(Rule.S2Told);

    /// <summary>C4: the epochs up to this are sealed, on disk.</summary>
    public long Sealed { get; private set; }

    /// <summary>What the next write to the disk must say.</summary>
    public long SealedSoon => Math.Max(Sealed, _sealing);

    /// <summary>The highest epoch whose owner has ever been promised something by this instance.</summary>
    public long Promised => _epoch;

    /// <summary>C7: until when a promise is live.</summary>
    public BootInstant PromisedUntil => _until;

    /// <summary>S1: until when a promise of an earlier instance may be live.</summary>
    public BootInstant ForgottenUntil => startedAt + _forgotten;

    public void Start(DurableGroup disk)
    {
        (Sealed, _isTold) = (disk.Sealed, true);
        _longest = _longestSoon = _forgotten = disk.Promised;
    }

    /// <summary>S2: an earlier instance whose disk is lost may have given promises of the configured length.</summary>
    public void StartUntold(TimeSpan configured) => _forgotten = configured > _forgotten ? configured : _forgotten;

    /// <summary>S2: what the control plane knows of what the lost disk said.</summary>
    public void Told(EpochTold told)
    {
        StartUntold(told.Promised);
        _longest = told.Promised > _longest ? told.Promised : _longest;
        _ = Seal(told.Sealed);
    }

    /// <summary>What the disk must say of the longest promise: of the configured length, and of any that may still be live.</summary>
    public TimeSpan LongestSoon(TimeSpan configured, BootInstant now) =>
        _longestSoon = configured >= _longest || (now >= ForgottenUntil && now >= _until) ? configured : _longest;

    /// <summary>C4: a promise of this length could not be given yet, or not any more once the write under way has landed.</summary>
    public bool IsShorterThan(TimeSpan ttl) => _longest < ttl || WillBeShorterThan(ttl);

    /// <summary>C4: a promise of this length could not be given when the newest write has landed.</summary>
    public bool WillBeShorterThan(TimeSpan ttl) => _longestSoon < ttl;

    /// <summary>F2: promises, or says why not.</summary>
    /// <param name="ping">What is asked.</param>
    /// <param name="accepted">The highest epoch that this host has accepted itself.</param>
    /// <param name="now">After the ping's receipt.</param>
    public string Promise(PeerPing ping, long accepted, BootInstant now)
    {
        if (!IsTold)
            return "it has lost its state and the control plane has not told it the epochs yet";
        if (SealedSoon >= ping.Epoch && !removed.HasFlag(Rule.F2Sealed))
            return $"it has sealed epoch {SealedSoon}";
        if (accepted >= ping.Epoch)
            return $"it has accepted epoch {accepted}";
        if (_epoch > ping.Epoch)
            return $"it has promised to the owner of epoch {_epoch}";
        // What is being lowered on the disk holds from now on; what is being raised holds when it is there.
        if (ping.Ttl > _longest || ping.Ttl > _longestSoon)
            return $"it has not stored yet that it gives promises of {Text.Of(ping.Ttl)}";
        _epoch = ping.Epoch;
        _until = BootInstant.Max(_until, now + ping.Ttl);
        return "";
    }

    /// <summary>C4: true when that must be written to the disk.</summary>
    public bool Seal(long epoch)
    {
        if (epoch <= SealedSoon)
            return false;
        _sealing = epoch;
        if (removed.HasFlag(Rule.C4Durable))
            Sealed = epoch;
        return true;
    }

    public void Persisted(DurableGroup disk)
    {
        _isTold = true;
        Sealed = Math.Max(Sealed, disk.Sealed);
        _longest = disk.Promised;
    }

    /// <summary>C4: how long the owner of a sealed epoch may still rely on a promise of this host, of this or an earlier instance;
    /// negative for how long it has not been able to any more.</summary>
    public TimeSpan Remainder(BootInstant now)
    {
        var until = removed.HasFlag(Rule.C4BootRemainder) ? _until : BootInstant.Max(_until, ForgottenUntil);
        return until - now;
    }
}
