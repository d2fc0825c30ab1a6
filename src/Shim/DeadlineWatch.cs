using HaGrpc.Linux;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// Sleeps for a group's deadline file (rules W1, W2) on a CLOCK_BOOTTIME timerfd: no message is needed when a lease is
/// renewed, and a suspended machine wakes up late rather than never. At the timer's end the file is read again.
/// </summary>
internal sealed unsafe class DeadlineWatch
{
    private readonly DeadlineFile? _file;
    private long _armed;

    /// <param name="file">The deadline; null for a group without a lease.</param>
    public DeadlineWatch(DeadlineFile? file)
    {
        _file = file;
        Timer = Libc.timerfd_create(Libc.CLOCK_BOOTTIME, Libc.TFD_CLOEXEC | Libc.TFD_NONBLOCK);
    }

    /// <summary>The timerfd to poll; when it is readable, ask <see cref="IsOver"/>.</summary>
    public int Timer { get; }

    /// <summary>Reads the file: true when the right to act is over, else the timer is set to its end.</summary>
    public bool IsOver()
    {
        if (_file is null)
            return false;
        var until = _file.Until;
        if (until <= BootClock.Nanoseconds)
            return true;
        // Also when the end is unchanged but the timer has fired: reading disarms nothing, setting clears it.
        var value = default(Libc.TimerSpec);
        if (until != long.MaxValue)
        {
            value.Value.Seconds = until / 1_000_000_000;
            value.Value.Nanoseconds = until % 1_000_000_000;
        }
        if (until == _armed)
            return false;
        _armed = until;
        _ = Libc.timerfd_settime(Timer, Libc.TFD_TIMER_ABSTIME, &value, null);
        return false;
    }
}
