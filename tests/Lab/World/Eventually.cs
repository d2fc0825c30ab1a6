using HaGrpc.Linux;

namespace HaGrpc.Lab.World;

/// <summary>The one place where the lab waits for the state of other processes.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    /// <summary>Returns when the condition holds; fails after the limit, saying what was awaited and what was seen last.</summary>
    /// <exception cref="TimeoutException">The condition did not hold in time.</exception>
    public static async Task Until(string what, TimeSpan limit, Func<Task<bool>> condition, Func<string>? seen = null)
    {
        var end = BootClock.Nanoseconds + (long)limit.TotalNanoseconds;
        while (!await condition())
        {
            if (BootClock.Nanoseconds > end)
                throw new TimeoutException($"not within {limit.TotalSeconds:0.#} s: {what}{(seen is null ? "" : $"; last seen: {seen()}")}");
            await Task.Delay(Interval);
        }
    }

    public static Task Until(string what, TimeSpan limit, Func<bool> condition, Func<string>? seen = null) =>
        Until(what, limit, () => Task.FromResult(condition()), seen);
}
