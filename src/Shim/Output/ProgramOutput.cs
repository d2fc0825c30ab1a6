using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>
/// A program's output as the main thread sees it. Disks are the writer's thread's business alone, because they may hang, and what the
/// main thread has to do may not wait. While a disk takes nothing the main thread takes the pipes over and drops what comes, so that the
/// program runs on; the writer's thread gets them back when its call returns.
/// </summary>
internal sealed unsafe class ProgramOutput
{
    /// <summary>How many descriptors are to be polled.</summary>
    public const int Watched = 4;

    private const int NewsAt = 0, TickAt = 1, DrainAt = 2;
    private const int Nonblocking = Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK;
    private const int Buffer = 64 << 10;
    // A thread that takes as long as this many ticks for one call hangs. Counted in looks of this process, not in time: it may have
    // been stopped itself, and then the next look is late but the call is not.
    private const int Ticks = 3;
    private const long Tick = 350_000_000;

    private readonly Faults _faults = new();
    private readonly OutputStream[] _streams;
    private readonly WriterThread? _writer;
    private readonly int _news;
    private readonly int _ticker;
    private byte* _scratch;
    private long _seen;
    private int _same;
    private bool _isDraining;
    private bool _isFinishing;
    private long _pushedLoss;
    private bool _pushedLosing;
    private (LogFault, int) _pushedFault;

    /// <param name="spec">Where it goes.</param>
    public ProgramOutput(Spec spec)
    {
        var stdout = OutputStream.Make(spec, standardError: false, _faults, out var failed);
        var stderr = failed != 0 ? null : OutputStream.Make(spec, standardError: true, _faults, out failed);
        _streams = (stdout, stderr) switch
        {
            (null, null) => [],
            ({ } one, null) => [one],
            (null, { } one) => [one],
            var (one, other) => [one, other],
        };
        if (failed != 0)
            Failure = new LaunchFailure(stdout is null ? LaunchStep.Stdout : LaunchStep.Stderr, failed);
        _news = _ticker = -1;
        if (_streams.Length == 0 || failed != 0)
            return;
        _news = Libc.eventfd(0, Nonblocking);
        _ticker = Libc.timerfd_create(Libc.CLOCK_MONOTONIC, Libc.TFD_CLOEXEC | Libc.TFD_NONBLOCK);
        _writer = new WriterThread(_streams, _news, _ticker, Tick, _faults);
    }

    /// <summary>What went wrong in opening the files; for the main thread once <see cref="IsOpen"/>.</summary>
    public LaunchFailure Failure { get; private set; }

    /// <summary>True when the program may start.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>The step that takes its time while it is not open.</summary>
    public LaunchStep Opening => _streams is [{ IsStandardError: true }] ? LaunchStep.Stderr : LaunchStep.Stdout;

    /// <summary>True when nothing of the output is left that could still be written.</summary>
    public bool IsOver => !IsRunning || _writer!.IsOver || _isDraining;

    /// <summary>The process that compresses a backup, or 0: a child that is not the program's.</summary>
    public int Packer => _writer?.Packing.Process ?? 0;

    /// <summary>True when what there is to say of losses and faults has changed since it was asked last.</summary>
    public bool HasNews
    {
        get
        {
            var (losing, total, fault) = (IsLosing, Lost, _faults.Last);
            if (losing == _pushedLosing && (losing || total == _pushedLoss) && fault == _pushedFault)
                return false;
            (_pushedLosing, _pushedLoss, _pushedFault) = (losing, total, fault);
            return true;
        }
    }

    private bool IsRunning => _writer is not null && IsOpen && Failure.Step == LaunchStep.None;

    private bool IsLosing => Array.Exists(_streams, stream => stream.Log.Loss.IsOngoing);

    private long Lost
    {
        get
        {
            long total = 0;
            foreach (var stream in _streams)
                total += stream.Log.Loss.Total;
            return total;
        }
    }

    /// <summary>Begins to open the files; a program without any may start at once.</summary>
    public void Open()
    {
        if (_writer is null)
            IsOpen = true;
        else if (_writer.Start() is var error and not 0)
            (IsOpen, Failure) = (true, new LaunchFailure(LaunchStep.Fork, error));
    }

    /// <summary>The end of a pipe that becomes the program's standard output or error; -1 for nowhere.</summary>
    public int EndOf(bool standardError)
    {
        foreach (var stream in _streams)
        {
            if (stream.IsStandardError == standardError)
                return stream.End;
        }
        return -1;
    }

    /// <summary>The program has been forked: it alone holds the ends of its pipes.</summary>
    public void CloseEnds()
    {
        foreach (var stream in _streams)
            stream.CloseEnd();
    }

    /// <summary>Fills <paramref name="fds"/> with <see cref="Watched"/> entries.</summary>
    public void Watch(Libc.PollFd* fds)
    {
        fds[NewsAt] = new Libc.PollFd { Fd = _news, Events = Libc.POLLIN };
        fds[TickAt] = new Libc.PollFd { Fd = _ticker, Events = Libc.POLLIN };
        for (var i = 0; i < 2; i++)
        {
            var pipe = _isDraining && i < _streams.Length ? _streams[i].Pipe : -1;
            fds[DrainAt + i] = new Libc.PollFd { Fd = pipe, Events = Libc.POLLIN };
        }
    }

    /// <summary>Looks at what was polled.</summary>
    public void Serve(Libc.PollFd* fds)
    {
        if (_writer is null)
            return;
        for (var i = 0; i < _streams.Length; i++)
        {
            if (fds[DrainAt + i].Returned == 0)
                continue;
            if (_scratch is null)
                _scratch = (byte*)Libc.malloc(Buffer);
            _streams[i].Drop(_scratch, Buffer);
        }
        if (fds[TickAt].Returned != 0)
            Look();
        if (fds[NewsAt].Returned == 0)
            return;
        WriterThread.Clear(_news);
        if (!IsOpen && _writer.IsOpen)
            (IsOpen, Failure) = (true, _writer.Failure);
        if (_isDraining && !_writer.IsBusy)
        {
            _isDraining = false;
            _writer.GiveBack();
        }
        if (_writer.Packing.IsWanted && !_isFinishing)
        {
            _writer.Packing.Start();
            _writer.Wake();
        }
    }

    /// <summary>The process that compresses has been reaped.</summary>
    public void PackerEnded(int status)
    {
        _writer!.Packing.Reaped(status);
        _writer.Wake();
    }

    /// <summary>The file <c>logs</c> says something else now.</summary>
    public void Follow()
    {
        if (_writer is null)
            return;
        if (Spec.TryLoad(Spec.Name("logs\0"u8), out var logs))
            _writer.Follow(logs);
        else
            logs.Free();
    }

    /// <summary>The program's tree is gone: what is in the pipes is written, and then <see cref="IsOver"/>.</summary>
    public void Finish()
    {
        _isFinishing = true;
        if (IsRunning)
            _writer!.Finish();
    }

    /// <summary>Counts what nobody will write any more, when the disk hangs at the program's end.</summary>
    public void GiveUp()
    {
        if (!IsRunning || _writer!.IsOver)
            return;
        foreach (var stream in _streams)
            _ = stream.Log.Loss.Add(stream.Waiting, Loss.Hung);
        _ = _streams[0].Log.Loss.Add(_writer.InHand, Loss.Hung);
    }

    /// <summary>The shim ends.</summary>
    public void Abandon() => _writer?.Packing.Abandon();

    /// <summary>Says what was lost and what could not be done, if anything was.</summary>
    public void Describe(ref Record record)
    {
        if (_faults.Last is var (fault, error) && fault != LogFault.None)
        {
            record.Add("fault="u8, Faults.NameOf(fault));
            record.Add("faulterrno="u8, error);
        }
        if (Lost == 0)
            return;
        var worst = _streams[0];
        foreach (var stream in _streams)
        {
            if (stream.Log.Loss.IsOngoing || worst.Log.Loss.Total == 0)
                worst = stream;
        }
        record.Add("lost="u8, Lost);
        record.Add("losterrno="u8, worst.Log.Loss.Error);
        record.Add("losing="u8, IsLosing ? 1 : 0);
        record.Add("lostof="u8, worst.IsStandardError ? "stderr"u8 : "stdout"u8);
    }

    /// <summary>Is the writer's thread where it was at the last looks?</summary>
    private void Look()
    {
        WriterThread.Clear(_ticker);
        var at = _writer!.Progress;
        _same = at == _seen ? _same + 1 : 0;
        _seen = at;
        if (!_writer.GoesOnTicking())
            return;
        if (_same >= Ticks && IsOpen && !_isDraining)
            _isDraining = _writer.TakeOver(at);
    }
}
