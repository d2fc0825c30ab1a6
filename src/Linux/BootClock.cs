using System.ComponentModel;
using System.Runtime.InteropServices;

namespace HaGrpc.Linux;

/// <summary>CLOCK_BOOTTIME and CLOCK_MONOTONIC (clock_gettime(2)) in nanoseconds.</summary>
public static partial class BootClock
{
    private const int ClockMonotonic = 1;
    private const int ClockBoottime = 7;

    /// <summary>Nanoseconds since boot, suspend included.</summary>
    /// <exception cref="Win32Exception">The kernel has no such clock.</exception>
    public static long Nanoseconds => Read(ClockBoottime);

    /// <summary>Nanoseconds since boot, suspend not included: their difference jumps when the machine slept (rule W6).</summary>
    /// <exception cref="Win32Exception">The kernel has no such clock.</exception>
    public static long MonotonicNanoseconds => Read(ClockMonotonic);

    private static long Read(int clock)
    {
        if (GetTime(clock, out var time) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"clock_gettime({clock})");
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int GetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
