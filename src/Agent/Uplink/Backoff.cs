namespace HaGrpc.Agent.Uplink;

/// <summary>Pauses that double up to a limit, each drawn evenly between nothing and the whole (full jitter), so that
/// agents that lost the same control plane do not return together.</summary>
/// <param name="random">Seeded, so that a run can be replayed.</param>
internal sealed class Backoff(Random random)
{
    private const double FirstMilliseconds = 20;

    /// <summary>Rounds that have failed in a row.</summary>
    public int Failures { get; private set; }

    /// <summary>Forgets the failures.</summary>
    public void Reset() => Failures = 0;

    /// <summary>Counts a failure.</summary>
    /// <param name="longest">The limit.</param>
    /// <returns>How long to wait before the next attempt.</returns>
    public TimeSpan Next(TimeSpan longest)
    {
        var whole = Math.Min(longest.TotalMilliseconds, FirstMilliseconds * Math.Pow(2, Math.Min(Failures, 20)));
        Failures++;
        return TimeSpan.FromMilliseconds(whole * random.NextDouble());
    }
}
