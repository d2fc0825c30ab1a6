namespace HaGrpc.Core.Model.Validation;

/// <summary>The constraints between a group's times (docs/ownership-protocol.md, "Words").</summary>
internal static class TimingRules
{
    /// <summary>
    /// What the margin must hold besides 1 % of the ttl for clock drift: killing a process tree (a few ms), a kernel
    /// tick (up to 10 ms), and a late write that is noticed and undone (rule W4). 20 ms is above what was measured for
    /// the three together, and far below what a usable margin has anyway.
    /// </summary>
    internal static readonly TimeSpan EndingBound = TimeSpan.FromMilliseconds(20);

    internal static readonly TimeSpan ShortestTtl = TimeSpan.FromMilliseconds(200);
    internal static readonly TimeSpan LongestTtl = TimeSpan.FromSeconds(60);
    internal static readonly TimeSpan ShortestHeartbeat = TimeSpan.FromMilliseconds(20);
    internal static readonly TimeSpan LongestMargin = TimeSpan.FromSeconds(60);

    internal static readonly TimeSpan ShortestSoloTtl = TimeSpan.FromMinutes(1);
    internal static readonly TimeSpan LongestSoloTtl = TimeSpan.FromDays(1);

    internal static void Check(GroupTiming timing, string path, ICollection<FieldError> errors)
    {
        var (ttl, heartbeat, margin) = (timing.Ttl, timing.Heartbeat, timing.TakeoverMargin);
        if (ttl < ShortestTtl || ttl > LongestTtl)
        {
            Add("ttl", ttl, $"must be {Text(ShortestTtl)} to {Text(LongestTtl)}");
            // The other two are measured by the ttl: more errors would only repeat this one.
            if (ttl <= TimeSpan.Zero)
                return;
        }
        var longest = ttl / 4;
        if (heartbeat < ShortestHeartbeat)
            Add("heartbeat", heartbeat, $"must be at least {Text(ShortestHeartbeat)}");
        else if (heartbeat > longest)
            Add("heartbeat", heartbeat, $"must be at most a quarter of the ttl, {Text(longest)} for {Text(ttl)}, " +
                "so that two rounds fit into the second half of a lease");
        var shortest = (ttl / 100) + EndingBound;
        if (margin < shortest)
            Add("takeover_margin", margin, $"must be at least 1 % of the ttl + {Text(EndingBound)}, " +
                $"{Text(shortest)} for {Text(ttl)}: clock drift, killing a process tree and a late write must fit");
        else if (margin > LongestMargin)
            Add("takeover_margin", margin, $"must be at most {Text(LongestMargin)}");

        // A member is left out of the view after 30 s: a lease that is not longer than that would be no use.
        if (timing.SoloTtl < ShortestSoloTtl || timing.SoloTtl > LongestSoloTtl)
            Add("solo_ttl", timing.SoloTtl, $"must be {Text(ShortestSoloTtl)} to {Text(LongestSoloTtl)}");

        void Add(string field, TimeSpan value, string message) =>
            errors.Add(new($"{path}.{field}", Text(value), message));
    }

    private static string Text(TimeSpan duration) => DurationText.Format(duration);
}
