using System.ComponentModel;
using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>
/// One thread that waits for descriptors, instants on CLOCK_BOOTTIME and work posted by other threads, and runs everything one
/// after the other. It stays for as long as this object: processes started from it have a permanent parent thread.
/// </summary>
internal sealed unsafe class EventThread : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<int, (int Watch, Action Readable)> _readers = [];
    private readonly PriorityQueue<Timer, long> _timers = new();
    private readonly int _epoll = Check(Libc.epoll_create1(Libc.O_CLOEXEC), "epoll_create1");
    private readonly int _wake = Check(Libc.eventfd(0, Libc.O_CLOEXEC | Libc.O_NONBLOCK), "eventfd");
    private readonly int _clock =
        Check(Libc.timerfd_create(Libc.CLOCK_BOOTTIME, Libc.TFD_CLOEXEC | Libc.TFD_NONBLOCK), "timerfd_create");
    private readonly Thread _thread;
    private Queue<Action> _posted = new();
    private bool _stopping;
    private int _watches;

    /// <param name="name">The thread's name, for people.</param>
    public EventThread(string name)
    {
        Add(_wake);
        Add(_clock);
        _thread = new Thread(Run, maxStackSize: 256 * 1024) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>True on the thread itself.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Runs work on the thread; after <see cref="Dispose"/> it is dropped.</summary>
    public void Post(Action work)
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _posted.Enqueue(work);
        }
        Wake();
    }

    /// <summary>Runs work whenever a descriptor is readable or has ended. To be called on the thread.</summary>
    public void Watch(int descriptor, Action readable)
    {
        _readers[descriptor] = (++_watches, readable);
        Add(descriptor, _watches);
    }

    /// <summary>Ends a watch; before the descriptor is closed. To be called on the thread.</summary>
    public void Unwatch(int descriptor)
    {
        if (_readers.Remove(descriptor))
            _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, descriptor, null);
    }

    /// <summary>Runs work at an instant, unless it is cancelled before. To be called on the thread.</summary>
    /// <param name="at">CLOCK_BOOTTIME nanoseconds; <see cref="long.MaxValue"/> for never.</param>
    /// <param name="work">The work.</param>
    public Timer At(long at, Action work)
    {
        var timer = new Timer(at, work);
        if (at != long.MaxValue)
            _timers.Enqueue(timer, at);
        return timer;
    }

    /// <summary>Ends the thread after the work at hand; work that is still queued is dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_stopping)
                return;
            _stopping = true;
        }
        Wake();
        if (!IsCurrent)
            _thread.Join();
        _ = Libc.close(_epoll);
        _ = Libc.close(_wake);
        _ = Libc.close(_clock);
    }

    private void Run()
    {
        var events = stackalloc byte[16 * 64];
        var drained = 0L;
        while (true)
        {
            ArmClock();
            var count = Libc.epoll_wait(_epoll, events, 64, -1);
            // Emptied before anything that a wake stands for is looked at: one that comes later ends the next wait.
            for (var i = 0; i < count; i++)
            {
                if (Descriptor(events, i) is var fd && (fd == _wake || fd == _clock))
                    _ = Libc.read(fd, &drained, 8);
            }
            lock (_gate)
            {
                if (_stopping)
                    return;
            }
            for (var i = 0; i < count; i++)
            {
                // What is told of a descriptor that has been closed since is not of the next one that has got its number.
                if (_readers.TryGetValue(Descriptor(events, i), out var reader) && reader.Watch == WatchOf(events, i))
                    reader.Readable();
            }
            RunPosted();
            RunTimers();
        }
    }

    private void RunPosted()
    {
        Queue<Action> posted;
        lock (_gate)
        {
            if (_posted.Count == 0)
                return;
            (posted, _posted) = (_posted, new Queue<Action>());
        }
        while (posted.TryDequeue(out var work))
            work();
    }

    private void RunTimers()
    {
        while (_timers.TryPeek(out var timer, out var at) && (timer.IsCancelled || at <= BootClock.Nanoseconds))
        {
            _timers.Dequeue();
            if (!timer.IsCancelled)
                timer.Fire();
        }
    }

    private void ArmClock()
    {
        while (_timers.TryPeek(out var timer, out _) && timer.IsCancelled)
            _timers.Dequeue();
        var value = default(Libc.TimerSpec);
        if (_timers.TryPeek(out _, out var at))
        {
            value.Value.Seconds = at / 1_000_000_000;
            value.Value.Nanoseconds = Math.Max(1, at % 1_000_000_000);
        }
        _ = Libc.timerfd_settime(_clock, Libc.TFD_TIMER_ABSTIME, &value, null);
    }

    private void Wake()
    {
        var one = 1L;
        _ = Libc.write(_wake, &one, 8);
    }

    // struct epoll_event is packed to 12 bytes on x86-64 only.
    private static int EventSize => RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private static int Descriptor(byte* events, int index) => *(int*)(events + (index * EventSize) + EventSize - 8);

    private static int WatchOf(byte* events, int index) => *(int*)(events + (index * EventSize) + EventSize - 4);

    private void Add(int descriptor, int watch = 0)
    {
        var change = stackalloc byte[16];
        new Span<byte>(change, 16).Clear();
        *(uint*)change = Libc.EPOLLIN;
        *(int*)(change + EventSize - 8) = descriptor;
        *(int*)(change + EventSize - 4) = watch;
        Check(Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, descriptor, change), "epoll_ctl");
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(Libc.Errno, $"{call}: errno {Libc.Errno}");

    /// <summary>Work at an instant.</summary>
    internal sealed class Timer(long at, Action work)
    {
        /// <summary>The instant, CLOCK_BOOTTIME nanoseconds.</summary>
        public long Instant { get; } = at;

        /// <summary>True once it is not to run any more.</summary>
        public bool IsCancelled { get; private set; }

        /// <summary>It is not to run any more.</summary>
        public void Cancel() => IsCancelled = true;

        internal void Fire() => work();
    }
}
