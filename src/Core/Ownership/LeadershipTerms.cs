namespace HaGrpc.Core.Ownership;

/// <summary>How long a leadership lives without being renewed, and what follows from that (rule S3).</summary>
/// <param name="Ttl">TTL: a challenger waits 1.01 of it, a leader ends itself before 0.99 of it.</param>
/// <param name="Margin">How much earlier than 0.99 TTL the leader ends itself: a thread that was not scheduled.</param>
public sealed record LeadershipTerms(TimeSpan Ttl, TimeSpan Margin)
{
    /// <summary>3 s, less 100 ms.</summary>
    public static LeadershipTerms Default { get; } = new(TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(100));

    /// <summary>How long the leader may act after the stamp that it took before the query that renewed it.</summary>
    public TimeSpan Hold => (Ttl * 0.99) - Margin;

    /// <summary>For how long the counter must have stood still before a challenger takes the row.</summary>
    public TimeSpan Patience => Ttl * 1.01;

    /// <summary>How often the leader renews, and how often a challenger looks.</summary>
    public TimeSpan Interval => Ttl / 4;
}
