using System.ComponentModel;
using System.Runtime.InteropServices;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Platform;

/// <summary>
/// Lets one thread wait for an instant on CLOCK_BOOTTIME (timerfd_create(2)) or for a call of <see cref="Signal"/>. Unlike the
/// waits of the runtime, which count CLOCK_MONOTONIC in milliseconds, it fires at once when the machine resumes.
/// </summary>
internal sealed unsafe partial class WakeTimer : IDisposable
{
    private const int ClockBoottime = 7;
    private const int TimerAbsolute = 1;
    private const int NonBlocking = 0x800, CloseOnExec = 0x80000;
    private const short PollIn = 1;
    private const int Interrupted = 4;

    private readonly int _timer;
    private readonly int _event;

    /// <summary>Opens timer and event.</summary>
    /// <exception cref="Win32Exception">The kernel refused one of them.</exception>
    public WakeTimer()
    {
        _timer = Checked(TimerCreate(ClockBoottime, NonBlocking | CloseOnExec), "timerfd_create");
        _event = Checked(EventCreate(0, NonBlocking | CloseOnExec), "eventfd");
    }

    /// <summary>Ends the current or the next <see cref="WaitUntil"/>. From any thread.</summary>
    public void Signal()
    {
        ulong one = 1;
        _ = Write(_event, &one, sizeof(ulong));
    }

    /// <summary>Waits. From one thread.</summary>
    /// <param name="instant">When to wake at the latest; <see cref="BootInstant.Never"/> for only by signal.</param>
    public void WaitUntil(BootInstant instant)
    {
        var spec = default(TimerSpec);
        if (instant != BootInstant.Never)
        {
            // An all-zero value would disarm the timer.
            var nanoseconds = Math.Max(1, instant.Nanoseconds);
            (spec.Seconds, spec.Nanoseconds) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        }
        _ = Checked(TimerSet(_timer, TimerAbsolute, &spec, null), "timerfd_settime");
        var polled = stackalloc PollEntry[2];
        polled[0] = new PollEntry { Fd = _timer, Events = PollIn };
        polled[1] = new PollEntry { Fd = _event, Events = PollIn };
        while (Poll(polled, 2, -1) < 0)
        {
            if (Marshal.GetLastPInvokeError() != Interrupted)
                throw new Win32Exception(Marshal.GetLastPInvokeError(), "poll");
        }
        ulong count;
        if (polled[1].Revents != 0)
            _ = Read(_event, &count, sizeof(ulong));
    }

    /// <summary>Closes timer and event.</summary>
    public void Dispose()
    {
        _ = Close(_timer);
        _ = Close(_event);
    }

    private static int Checked(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Marshal.GetLastPInvokeError(), call);

    [LibraryImport("libc", EntryPoint = "timerfd_create", SetLastError = true)]
    private static partial int TimerCreate(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime", SetLastError = true)]
    private static partial int TimerSet(int fd, int flags, TimerSpec* value, TimerSpec* old);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    private static partial int EventCreate(uint value, int flags);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "read")]
    private static partial nint Read(int fd, ulong* value, nuint count);

    [LibraryImport("libc", EntryPoint = "write")]
    private static partial nint Write(int fd, ulong* value, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);

    private struct TimerSpec
    {
#pragma warning disable CS0649 // Written by nobody: the interval of a one-shot timer is zero.
        public long IntervalSeconds;
        public long IntervalNanoseconds;
#pragma warning restore CS0649
        public long Seconds;
        public long Nanoseconds;
    }

    private struct PollEntry
    {
        public int Fd;
        public short Events;
#pragma warning disable CS0649 // Written by the kernel.
        public short Revents;
#pragma warning restore CS0649
    }
}
