using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>How long a program waits for the next try (docs/adr/0009): exponential with a cap, less up to a fifth at random.</summary>
public static class RestartDelay
{
    private const double Jitter = 0.2;

    /// <summary>The wait.</summary>
    /// <param name="failures">Failures in a row, at least 1.</param>
    /// <param name="backoff">The program's waits.</param>
    /// <param name="chance">A random number, at least 0 and below 1.</param>
    public static TimeSpan After(int failures, Backoff backoff, double chance)
    {
        // Beyond 2^40 every allowed first wait has reached every allowed longest one.
        var doubled = backoff.Initial.Ticks * Math.Pow(2, Math.Min(failures - 1, 40));
        var full = Math.Min(doubled, backoff.Longest.Ticks);
        return TimeSpan.FromTicks((long)(full * (1 - (Jitter * chance))));
    }
}
