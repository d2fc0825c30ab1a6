using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>Who confirms that a host is off (rule C10).</summary>
public enum FenceMethod
{
    /// <summary>A fence device that began at <see cref="FenceBegun"/>: the host was off at some instant since then.</summary>
    Device,

    /// <summary>An operator who has seen it: the host is off now.</summary>
    Operator,
}

/// <summary>A host that is confirmed to be off (rule C10).</summary>
/// <param name="Reason">Why an epoch of it is over, for people.</param>
/// <param name="At">When that was confirmed.</param>
/// <param name="BootId">Of the kernel that was off; empty when it is not known.</param>
internal sealed record HostFence(string Reason, BootInstant At, Guid BootId);

/// <summary>What a host's fence device is doing, and when it may be tried again by itself (rule C10).</summary>
internal sealed class FenceAttempts
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);
    private TimeSpan _pause = FirstPause;

    /// <summary>True from the instant when it is asked to begin until its result.</summary>
    public bool IsUnderWay { get; private set; }

    /// <summary>Of the kernel that it was asked to end; empty when it is not known.</summary>
    public Guid BootId { get; private set; }

    /// <summary>Not by itself before this instant.</summary>
    public BootInstant NextAt { get; private set; } = BootInstant.Zero;

    /// <summary>Why the last one was no success; empty when there was none.</summary>
    public string Failure { get; private set; } = "";

    /// <summary>It begins; what the host was then is noted once.</summary>
    public void Begin(Guid bootId)
    {
        if (IsUnderWay)
            return;
        (IsUnderWay, BootId) = (true, bootId);
    }

    /// <summary>It is over, and has confirmed nothing. Each pause is twice the one before, up to a minute.</summary>
    public void Failed(string error, BootInstant now)
    {
        (IsUnderWay, Failure, NextAt) = (false, error, now + _pause);
        _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
    }

    /// <summary>It is over and not needed any more, or the host is there again.</summary>
    public void Forget() => (IsUnderWay, Failure, NextAt, _pause) = (false, "", BootInstant.Zero, FirstPause);

    /// <summary>The host has been heard: the next need is another one. One that is under way goes on.</summary>
    public void Heard() => (Failure, NextAt, _pause) = ("", BootInstant.Zero, FirstPause);
}
