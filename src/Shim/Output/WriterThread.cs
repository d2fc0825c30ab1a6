using System.Runtime.InteropServices;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>
/// The thread that reads a program's pipes and writes its logs. It sleeps while nothing comes. It shares nothing with the main thread
/// but what is atomic here: whether it is in a call that may hang, how many such calls it has made, and who reads the pipes.
/// </summary>
internal sealed unsafe class WriterThread
{
    private const int Buffer = 64 << 10;
    private const int StackBytes = 128 << 10;
    private const int Detached = 1;
    private const int Turns = 4;

    private readonly OutputStream[] _streams;
    private readonly int _news;
    private readonly int _ticker;
    private readonly long _tick;
    private readonly int _wake = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
    private readonly byte* _buffer = (byte*)Libc.malloc(Buffer);
    private long _progress;
    private int _isBusy;
    private int _isTicking;
    private int _isTakenOver;
    private int _isFinishing;
    private int _isOpen;
    private int _isOver;
    private int _inHand;
    private readonly Faults _faults;
    private Handover? _next;
    private bool _hasRotated;

    /// <param name="streams">What it writes.</param>
    /// <param name="news">An eventfd that tells the main thread.</param>
    /// <param name="ticker">A timerfd of the main thread that runs while this thread is busy.</param>
    /// <param name="tick">Its period in nanoseconds.</param>
    /// <param name="faults">What hears of what cannot be done.</param>
    public WriterThread(OutputStream[] streams, int news, int ticker, long tick, Faults faults)
    {
        _faults = faults;
        Packing = new Packing(faults);
        (_streams, _news, _ticker, _tick) = (streams, news, ticker, tick);
        foreach (var stream in streams)
        {
            var log = stream.Log;
            log.Progressed = () => Volatile.Write(ref _progress, _progress + 1);
            log.Rotated = below =>
            {
                Packing.Moved(log, below);
                _hasRotated = true;
            };
        }
    }

    /// <summary>What compresses backups.</summary>
    public Packing Packing { get; }

    /// <summary>True once every file is open, or one could not be.</summary>
    public bool IsOpen => Volatile.Read(ref _isOpen) != 0;

    /// <summary>Which one could not be.</summary>
    public LaunchFailure Failure { get; private set; }

    /// <summary>True once everything is written and the thread does nothing more.</summary>
    public bool IsOver => Volatile.Read(ref _isOver) != 0;

    /// <summary>True while it may be in a call that hangs.</summary>
    public bool IsBusy => Volatile.Read(ref _isBusy) != 0;

    /// <summary>Counts its calls that may hang.</summary>
    public long Progress => Volatile.Read(ref _progress);

    /// <summary>Bytes that it has read and not written yet.</summary>
    public int InHand => Volatile.Read(ref _inHand);

    /// <summary>Starts it.</summary>
    /// <returns>0, or the errno.</returns>
    public int Start()
    {
        // What a limit or a reader that has gone away would do to a process that writes.
        _ = Libc.signal(Libc.SIGXFSZ, 1);
        _ = Libc.signal(Libc.SIGPIPE, 1);
        var attributes = stackalloc byte[64]; // pthread_attr_t: 56 bytes on x64, 64 on arm64
        nuint thread;
        _ = Libc.pthread_attr_init(attributes);
        _ = Libc.pthread_attr_setstacksize(attributes, StackBytes);
        _ = Libc.pthread_attr_setdetachstate(attributes, Detached);
        var self = (void*)GCHandle.ToIntPtr(GCHandle.Alloc(this));
        return Libc.pthread_create(&thread, attributes, &Enter, self);
    }

    /// <summary>Makes the thread look at what has changed. Main thread, as all that follows.</summary>
    public void Wake()
    {
        ulong one = 1;
        _ = Libc.write(_wake, &one, 8);
    }

    /// <summary>Lets the ticker run on while the thread is busy; false when it rests, and then the thread starts it again.</summary>
    public bool GoesOnTicking()
    {
        if (!IsBusy)
        {
            _ = Interlocked.Exchange(ref _isTicking, 0);
            // It may have become busy before it could see that.
            if (!IsBusy || Interlocked.Exchange(ref _isTicking, 1) != 0)
                return false;
        }
        SetTicker();
        return true;
    }

    /// <summary>Takes the pipes from a thread that hangs.</summary>
    /// <param name="progress">Where it hung.</param>
    /// <returns>False when it has moved meanwhile.</returns>
    public bool TakeOver(long progress)
    {
        _ = Interlocked.Exchange(ref _isTakenOver, 1);
        if (IsBusy && Progress == progress)
            return true;
        GiveBack();
        return false;
    }

    /// <summary>The thread may read the pipes again.</summary>
    public void GiveBack()
    {
        _ = Interlocked.Exchange(ref _isTakenOver, 0);
        Wake();
    }

    /// <summary>Hands other settings over; ones that it has not looked at yet are forgotten.</summary>
    public void Follow(Spec logs)
    {
        (Interlocked.Exchange(ref _next, new Handover(logs)))?.Logs.Free();
        Wake();
    }

    /// <summary>Everything that is in the pipes now is to be written, and nothing more.</summary>
    public void Finish()
    {
        Volatile.Write(ref _isFinishing, 1);
        Wake();
    }

    /// <summary>Empties an eventfd or a timerfd.</summary>
    public static void Clear(int fd)
    {
        ulong count;
        _ = Libc.read(fd, &count, 8);
    }

    [UnmanagedCallersOnly]
    private static void* Enter(void* self)
    {
        ((WriterThread)GCHandle.FromIntPtr((nint)self).Target!).Run();
        return null;
    }

    private void Run()
    {
        BeBusy();
        Failure = OpenAll();
        Volatile.Write(ref _isOpen, 1);
        var tells = true;
        var fds = stackalloc Libc.PollFd[3];
        fds[0] = new Libc.PollFd { Fd = _wake, Events = Libc.POLLIN };
        if (Failure.Step == LaunchStep.None)
            _ = Pack();
        while (Failure.Step == LaunchStep.None && !IsOver)
        {
            Rest(tells);
            for (var i = 0; i < 2; i++)
                fds[i + 1] = new Libc.PollFd { Fd = i < _streams.Length ? _streams[i].Pipe : -1, Events = Libc.POLLIN };
            _ = Libc.poll(fds, 3, -1);
            BeBusy();
            tells = fds[0].Returned != 0 && Attend();
            for (var i = 0; i < _streams.Length; i++)
            {
                if (fds[i + 1].Returned != 0)
                    tells |= Pump(_streams[i]);
            }
            if (Volatile.Read(ref _isFinishing) != 0)
                tells = Drain();
        }
        Rest(tells: true);
    }

    private LaunchFailure OpenAll()
    {
        foreach (var stream in _streams)
        {
            if (stream.Log.File.Open() is var error and not 0)
                return new LaunchFailure(stream.IsStandardError ? LaunchStep.Stderr : LaunchStep.Stdout, error);
        }
        return default;
    }

    /// <summary>Something else than output wants to be looked at.</summary>
    private bool Attend()
    {
        Clear(_wake);
        if (Interlocked.Exchange(ref _next, null) is { } next)
        {
            foreach (var stream in _streams)
            {
                var path = LogSettings.PathOf(next.Logs, stream.IsStandardError);
                if (path is null)
                    continue;
                if (!stream.Log.File.Name.Is(path))
                    Packing.Leave(stream.Log);
                stream.Log.Follow(path, LogSettings.Read(next.Logs, stream.IsStandardError));
            }
            next.Logs.Free();
        }
        var tells = false;
        foreach (var stream in _streams)
        {
            var wasLosing = stream.Log.Loss.IsOngoing;
            stream.Log.GoOn(isLast: false);
            tells |= wasLosing != stream.Log.Loss.IsOngoing;
        }
        Packing.Continue();
        return Pack() || tells;
    }

    private bool Pack()
    {
        var wants = false;
        foreach (var stream in _streams)
            wants |= Packing.Begin(stream.Log);
        return wants;
    }

    /// <summary>Writes what a pipe has to give, but leaves the other one its turn.</summary>
    /// <returns>True when the main thread is to be told.</returns>
    private bool Pump(OutputStream stream)
    {
        var count = Buffer;
        var tells = false;
        for (var turn = 0; turn < Turns && count == Buffer; turn++)
        {
            count = stream.Read(_buffer, Buffer);
            if (count > 0)
                tells |= Write(stream.Log, count);
        }
        return tells;
    }

    private bool Write(LogWriter log, int count)
    {
        var wasLosing = log.Loss.IsOngoing;
        Volatile.Write(ref _inHand, count);
        log.Write(_buffer, count);
        Volatile.Write(ref _inHand, 0);
        var packs = _hasRotated && Pack();
        _hasRotated = false;
        return packs || wasLosing != log.Loss.IsOngoing;
    }

    // Until it is empty, not until its end: somebody else may hold that. What such a one writes from now on is not the program's.
    private bool Drain()
    {
        foreach (var stream in _streams)
        {
            for (int left = stream.Waiting, count; left > 0; left -= count)
            {
                count = stream.Read(_buffer, Math.Min(left, Buffer));
                if (count == 0)
                    break;
                _ = Write(stream.Log, count);
            }
            stream.Log.GoOn(isLast: true);
        }
        Volatile.Write(ref _isOver, 1);
        return true;
    }

    private void BeBusy()
    {
        Volatile.Write(ref _progress, _progress + 1);
        _ = Interlocked.Exchange(ref _isBusy, 1);
        if (Volatile.Read(ref _isTicking) == 0 && Interlocked.Exchange(ref _isTicking, 1) == 0)
            SetTicker();
    }

    /// <summary>Nothing that could hang comes next. If the pipes were taken over meanwhile, it waits until they are given back.</summary>
    private void Rest(bool tells)
    {
        tells |= _faults.Take();
        _ = Interlocked.Exchange(ref _isBusy, 0);
        if (Volatile.Read(ref _isTakenOver) == 0)
        {
            if (tells)
                Tell();
            return;
        }
        Tell();
        var wake = new Libc.PollFd { Fd = _wake, Events = Libc.POLLIN };
        while (Volatile.Read(ref _isTakenOver) != 0)
        {
            _ = Libc.poll(&wake, 1, -1);
            Clear(_wake);
        }
        // Whatever else it was woken for; and the logs are to say what was dropped.
        Wake();
        foreach (var stream in _streams)
            stream.TakeBack();
    }

    private void Tell()
    {
        ulong one = 1;
        _ = Libc.write(_news, &one, 8);
    }

    private void SetTicker()
    {
        var value = default(Libc.TimerSpec);
        value.Value.Nanoseconds = _tick;
        _ = Libc.timerfd_settime(_ticker, 0, &value, null);
    }

    private sealed record Handover(Spec Logs);
}
