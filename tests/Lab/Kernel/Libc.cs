using System.ComponentModel;
using System.Runtime.InteropServices;

namespace HaGrpc.Lab.Kernel;

/// <summary>The system calls that the lab makes. Its own, not the product's: an observer must not share the observed code.</summary>
internal static unsafe partial class Libc
{
    public const int AfUnix = 1, AfNetlink = 16, AfPacket = 17;
    public const int SockDgram = 2, SockRaw = 3, SockCloexec = 0x80000;
    public const int SolSocket = 1, SoReceiveBuffer = 8, SoReceiveBufferForce = 33;
    public const int SolPacket = 263, PacketVnetHeader = 15, PacketIgnoreOutgoing = 23;
    public const ushort EtherTypeAll = 3;
    public const int SigInt = 2, SigQuit = 3, SigKill = 9, SigTerm = 15, SigCont = 18, SigStop = 19;
    public const short PollIn = 1;
    public const int CloneNewNet = 0x40000000;
    private const long SysPidfdOpen = 434;
    private const int SchedFifo = 1, SchedResetOnFork = 0x40000000;
    private const int ClockBoottime = 7, ClockMonotonicCoarse = 6, TimerAbsolute = 1;

    /// <summary>Throws with the call's name and errno when <paramref name="result"/> is negative; else returns it.</summary>
    public static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{call}: {Marshal.GetLastPInvokeErrorMessage()}");

    /// <summary>A file descriptor that becomes readable when the process has ended; negative when there is none.</summary>
    public static int PidfdOpen(int pid) => (int)SysCall(SysPidfdOpen, pid, 0);

    /// <summary>Waits until an instant of CLOCK_BOOTTIME: the pace of a sampling loop, without drift.</summary>
    public static void WaitUntil(long nanoseconds)
    {
        var at = new TimeSpec { Seconds = nanoseconds / 1_000_000_000, Nanoseconds = nanoseconds % 1_000_000_000 };
        _ = ClockNanosleep(ClockBoottime, TimerAbsolute, &at, null);
    }

    /// <summary>The kernel's own clock of whole ticks, in nanoseconds: what its timeouts are counted in. It stands behind the real time by
    /// up to a tick, and by more while the processor that keeps it is held up (9 ms seen on a busy virtual machine).</summary>
    public static long TickClock => Read(ClockGetTime(ClockMonotonicCoarse, out var now), now);

    /// <summary>One tick, in nanoseconds.</summary>
    public static long Tick => Read(ClockGetResolution(ClockMonotonicCoarse, out var tick), tick);

    /// <summary>Waits until <see cref="TickClock"/> has reached an instant.</summary>
    public static void WaitForTick(long nanoseconds)
    {
        for (long left; (left = nanoseconds - TickClock) > 0;)
        {
            var pause = new TimeSpec { Seconds = left / 1_000_000_000, Nanoseconds = left % 1_000_000_000 };
            _ = ClockNanosleep(ClockBoottime, 0, &pause, null);
        }
    }

    private static long Read(int result, TimeSpec time)
    {
        _ = Check(result, "clock_gettime");
        return (time.Seconds * 1_000_000_000) + time.Nanoseconds;
    }

    /// <summary>Lets the calling thread run whenever it has something to do, and nothing that it starts: SCHED_FIFO with
    /// SCHED_RESET_ON_FORK (sched(7)). Refused without CAP_SYS_NICE.</summary>
    public static bool RunFirst()
    {
        var lowest = 1;
        return SetScheduler(0, SchedFifo | SchedResetOnFork, &lowest) == 0;
    }

    [LibraryImport("libc", EntryPoint = "sched_setscheduler", SetLastError = true)]
    private static partial int SetScheduler(int thread, int policy, int* parameter);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNs(int fd, int kind);

    [LibraryImport("libc", EntryPoint = "unshare", SetLastError = true)]
    public static partial int Unshare(int kinds);

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int OpenSocket(int domain, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int fd, byte* address, int length);

    [LibraryImport("libc", EntryPoint = "recv", SetLastError = true)]
    public static partial nint Receive(int fd, byte* buffer, nint length, int flags);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int fd, byte* buffer, nint length, int flags, byte* address, int addressLength);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int fd, int level, int name, int* value, int length);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollFd* fds, nuint count, int timeoutMilliseconds);

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    public static partial int Kill(int pid, int signal);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial uint InterfaceIndex(string name);

    [LibraryImport("libc", EntryPoint = "clock_nanosleep")]
    private static partial int ClockNanosleep(int clock, int flags, TimeSpec* request, TimeSpec* remain);

    [LibraryImport("libc", EntryPoint = "clock_gettime", SetLastError = true)]
    private static partial int ClockGetTime(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "clock_getres", SetLastError = true)]
    private static partial int ClockGetResolution(int clock, out TimeSpec time);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial long SysCall(long number, long first, long second);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollFd
    {
        public int Fd;
        public short Events;
        public short Seen;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
