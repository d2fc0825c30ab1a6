using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>One moment on two clocks, in nanoseconds.</summary>
/// <param name="Boot">CLOCK_BOOTTIME: what decisions are made with.</param>
/// <param name="Wall">CLOCK_REALTIME since 1970: what people read.</param>
internal readonly unsafe record struct Instants(long Boot, long Wall)
{
    /// <summary>Reads both clocks.</summary>
    public static Instants Now() => new(Read(Libc.CLOCK_BOOTTIME), Read(Libc.CLOCK_REALTIME));

    /// <summary>A moment of this boot on both clocks.</summary>
    /// <param name="boot">CLOCK_BOOTTIME.</param>
    public static Instants At(long boot)
    {
        var now = Now();
        return new(boot, now.Wall - (now.Boot - boot));
    }

    private static long Read(int clock)
    {
        Libc.TimeSpec time;
        _ = Libc.clock_gettime(clock, &time);
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }
}
