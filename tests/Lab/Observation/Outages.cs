namespace HaGrpc.Lab.Observation;

/// <summary>A time without service as the client saw it.</summary>
internal sealed record Outage(long From, long To)
{
    public TimeSpan Length => TimeSpan.FromTicks((To - From) / 100);
}

/// <summary>
/// Computes outages from probes. By starts: from the last success's start to the first following success's start. By
/// ends likewise: a connection that was begun early in the outage and waited for its end (in the ARP queue, for
/// example) must not make it look shorter. The longer of both counts.
/// </summary>
internal static class Outages
{
    /// <summary>Gaps longer than the threshold between an instant and another.</summary>
    public static IReadOnlyList<Outage> Between(IEnumerable<Probe> probes, long from, long to, TimeSpan threshold)
    {
        var successes = probes.Where(p => p.Ok && p.Start >= from && p.Start <= to).ToList();
        var gaps = Gaps(successes.Select(p => p.Start), threshold).Concat(Gaps(successes.Select(p => p.End), threshold));
        List<Outage> merged = [];
        foreach (var gap in gaps.OrderBy(g => g.From))
        {
            if (merged.Count > 0 && gap.From < merged[^1].To)
                merged[^1] = gap.Length > merged[^1].Length ? gap : merged[^1];
            else
                merged.Add(gap);
        }
        return merged;
    }

    /// <summary>The longest gap between two successes, however short.</summary>
    public static TimeSpan Longest(IEnumerable<Probe> probes, long from, long to) =>
        Between(probes, from, to, TimeSpan.Zero).Select(o => o.Length).DefaultIfEmpty(TimeSpan.Zero).Max();

    private static IEnumerable<Outage> Gaps(IEnumerable<long> instants, TimeSpan threshold)
    {
        var sorted = instants.Order().ToList();
        return sorted.Zip(sorted.Skip(1), (a, b) => new Outage(a, b)).Where(o => o.Length > threshold);
    }
}
