namespace HaGrpc.Core.Model;

/// <summary>The times of the ownership protocol for one group; validated together.</summary>
/// <param name="Ttl">D: how long a lease lasts, counted from before the heartbeat was sent.</param>
/// <param name="Heartbeat">h: how often the owner renews; at most a third of <paramref name="Ttl"/>.</param>
/// <param name="TakeoverMargin">μ: what the control plane waits beyond a lease's end: killing a process tree, a kernel
/// tick, a late write (rule W4), and 1 % of <paramref name="Ttl"/> for clock drift.</param>
public sealed record GroupTiming(TimeSpan Ttl, TimeSpan Heartbeat, TimeSpan TakeoverMargin)
{
    /// <summary>S: how long a lease lasts while no other member has been heard for long (rule L6): nobody could take over, so the
    /// owner need not fear anybody, and the control plane may be away for so long.</summary>
    public TimeSpan SoloTtl { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Survives a busy but ordinary LAN: expected outage about 1.6 s when a host is lost.</summary>
    public static GroupTiming Default { get; } = Milliseconds(1500, 300, 200);

    /// <summary>For a quiet LAN: expected outage about 0.5 s.</summary>
    public static GroupTiming Fast { get; } = Milliseconds(400, 80, 100);

    /// <summary>For busy hypervisors and lossy links: expected outage about 5 s.</summary>
    public static GroupTiming Calm { get; } = Milliseconds(5000, 1000, 500);

    private static GroupTiming Milliseconds(int ttl, int heartbeat, int margin) =>
        new(TimeSpan.FromMilliseconds(ttl), TimeSpan.FromMilliseconds(heartbeat), TimeSpan.FromMilliseconds(margin));
}
