using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>One output of a program: the pipe that it writes to, and the log that this goes to.</summary>
internal sealed unsafe class OutputStream
{
    // What is in a pipe is the kernel's memory, only as much as is filled, and a program's time when its disk is slow.
    private const int PipeBytes = 256 << 10;

    private int _end = -1;
    private int _lastDropped = -1;

    private OutputStream(int pipe, int end, LogWriter log, bool isStandardError) =>
        (Pipe, _end, Log, IsStandardError) = (pipe, end, log, isStandardError);

    /// <summary>The pipe's end to read from, which does not block; -1 when nobody can write any more. The writer's thread's, but for
    /// while the main thread drains.</summary>
    public int Pipe { get; private set; }

    /// <summary>Where it goes.</summary>
    public LogWriter Log { get; }

    /// <summary>Which of the two it is.</summary>
    public bool IsStandardError { get; }

    /// <summary>The end for the program; -1 when it has been closed here.</summary>
    public int End => _end;

    /// <summary>An output with a log file; null, and no errno, for none.</summary>
    /// <param name="spec">What says where it goes.</param>
    /// <param name="standardError">Which of the two.</param>
    /// <param name="faults">Hears of what cannot be done with its files.</param>
    /// <param name="error">Why there is none: an errno, or 0.</param>
    public static OutputStream? Make(Spec spec, bool standardError, Faults faults, out int error)
    {
        error = 0;
        var path = LogSettings.PathOf(spec, standardError);
        if (AdoptedOutput.IsWanted(spec))
            return AdoptedOutput.TryOpen(spec, standardError) is >= 0 and var adopted
                ? new OutputStream(adopted, -1, new LogWriter(path is null ? Spec.Name("/dev/null\0"u8) : path, LogSettings.Read(spec, standardError), faults), standardError)
                : null;
        if (path is null)
            return null;
        var ends = stackalloc int[2];
        if (Libc.pipe2(ends, Libc.O_CLOEXEC) != 0)
        {
            error = Libc.Errno;
            return null;
        }
        _ = Libc.fcntl(ends[0], Libc.F_SETFL, Libc.O_NONBLOCK);
        _ = Libc.fcntl(ends[1], Libc.F_SETPIPE_SZ, PipeBytes);
        // So that the program may open its own /dev/stdout and /dev/stderr.
        if (spec.Find("uid="u8) is not null)
            _ = Libc.fchown(ends[1], (uint)spec.Number("uid="u8, 0), (uint)spec.Number("gid="u8, 0));
        var log = new LogWriter(path, LogSettings.Read(spec, standardError), faults);
        return new OutputStream(ends[0], ends[1], log, standardError);
    }

    /// <summary>The program has its end.</summary>
    public void CloseEnd()
    {
        if (_end >= 0)
            _ = Libc.close(_end);
        _end = -1;
    }

    /// <summary>Bytes that are in the pipe now.</summary>
    public int Waiting
    {
        get
        {
            int count;
            return Pipe >= 0 && Libc.ioctl(Pipe, Libc.FIONREAD, &count) == 0 ? count : 0;
        }
    }

    /// <summary>Reads what is there; 0 when there is nothing now.</summary>
    public int Read(byte* buffer, int size)
    {
        if (Pipe < 0)
            return 0;
        var count = (int)Libc.read(Pipe, buffer, size);
        if (count != 0)
            return Math.Max(0, count);
        _ = Libc.close(Pipe);
        Pipe = -1;
        return 0;
    }

    /// <summary>Drops what is there, while nobody else reads.</summary>
    public void Drop(byte* buffer, int size)
    {
        var count = Read(buffer, size);
        if (count == 0)
            return;
        _lastDropped = buffer[count - 1];
        _ = Log.Loss.Add(count, Loss.Hung);
    }

    /// <summary>Nothing is dropped any more; the log goes on behind what was.</summary>
    public void TakeBack()
    {
        if (_lastDropped >= 0)
            Log.Dropped((byte)_lastDropped);
        _lastDropped = -1;
    }
}
