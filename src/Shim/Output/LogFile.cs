using HaGrpc.Linux.Files;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>A log's open file: appended to, rotated, looked after when somebody else renames, removes or cuts it.</summary>
internal sealed unsafe class LogFile
{
    // The shim leads a session: a terminal must not become its own.
    private const int Append = Libc.O_WRONLY | Libc.O_APPEND | Libc.O_NOCTTY | Libc.O_CLOEXEC;

    private int _fd = -1;
    private FileIdentity _identity;
    private uint _mode = 0x1A4; // 0644: log files are for people to read
    private uint _uid;
    private uint _gid;

    /// <param name="path">Absolute path; copied.</param>
    public LogFile(byte* path) => Name = new LogName(path);

    /// <summary>Its path and those of its backups.</summary>
    public LogName Name { get; }

    /// <summary>Bytes in it, as far as is known.</summary>
    public long Size { get; private set; }

    /// <summary>False for a device or a pipe.</summary>
    public bool IsRegular { get; private set; }

    /// <summary>When it began: nanoseconds of CLOCK_BOOTTIME, negative when that was before the boot.</summary>
    public long Began { get; private set; }

    /// <summary>True when the last byte ended a line, or there is none.</summary>
    public bool IsAtLineStart { get; private set; } = true;

    /// <summary>Opens the file for the first time.</summary>
    /// <returns>0, or the errno.</returns>
    public int Open()
    {
        // A named pipe that nobody reads would be waited for, and the program with it, without a word.
        var isPipe = FileState.TryRead(Name.Path, out var state) && state.IsPipe;
        var fd = Libc.open(Name.Path, Append | Libc.O_CREAT | (isPipe ? Libc.O_NONBLOCK : 0), 0x1B6);
        if (fd < 0)
            return Libc.Errno;
        if (isPipe)
            _ = Libc.fcntl(fd, Libc.F_SETFL, Libc.O_APPEND);
        Take(fd, isNew: false);
        return 0;
    }

    /// <summary>Writes some bytes, 1 or more.</summary>
    /// <returns>How many, or minus the errno.</returns>
    public int Write(byte* data, int count)
    {
        nint written;
        do
            written = Libc.write(_fd, data, count);
        while (written < 0 && Libc.Errno == Libc.EINTR);
        if (written < 0)
            return -Libc.Errno;
        // Nothing, and no reason: it would be asked for ever.
        if (written == 0)
            return -Libc.EIO;
        IsAtLineStart = data[written - 1] == (byte)'\n';
        Size += written;
        return (int)written;
    }

    /// <summary>Compares with what the path names now.</summary>
    /// <returns>False when that is another file, or none.</returns>
    public bool IsInPlace()
    {
        if (!IsRegular)
            return true;
        if (!FileState.TryRead(Name.Path, out var now))
            return Libc.Errno is not (Libc.ENOENT or Libc.ENOTDIR);
        if (now.Identity != _identity)
            return false;
        // Also what somebody else has cut, or written.
        Size = now.Size;
        IsAtLineStart |= Size == 0;
        (_mode, _uid, _gid) = (now.Permissions, now.Uid, now.Gid);
        return true;
    }

    /// <summary>Opens what the path names now, made as the file before if it is not there. The file before stays when that fails.</summary>
    /// <returns>0, or the errno.</returns>
    public int Reopen()
    {
        // Nobody may read what they could not read before, not even for a moment.
        var fd = Libc.open(Name.Path, Append | Libc.O_CREAT | Libc.O_EXCL, 0x180);
        if (fd >= 0)
        {
            _ = Libc.fchown(fd, _uid, _gid);
            _ = Libc.fchmod(fd, _mode);
            Take(fd, isNew: true);
            return 0;
        }
        fd = Libc.Errno == Libc.EEXIST ? Libc.open(Name.Path, Append, 0) : -1;
        if (fd < 0)
            return Libc.Errno;
        Take(fd, isNew: false);
        return 0;
    }

    /// <summary>Empties it.</summary>
    public bool Empty()
    {
        if (Libc.ftruncate(_fd, 0) != 0)
            return false;
        (Size, IsAtLineStart) = (0, true);
        BeginAnew();
        return true;
    }

    /// <summary>Keeps every other writer of this file from rotating it, until <see cref="Unlock"/> or another file is opened in its place.</summary>
    /// <returns>False when another one is doing so at this moment. A file system without locks says nothing.</returns>
    public bool TryLock() => Libc.flock(_fd, Libc.LOCK_EX | Libc.LOCK_NB) == 0 || Libc.Errno != Libc.EAGAIN;

    /// <summary>Others may rotate it again.</summary>
    public void Unlock() => _ = Libc.flock(_fd, Libc.LOCK_UN);

    /// <summary>Its age counts from now on.</summary>
    public void BeginAnew() => Began = Instants.Now().Boot;

    /// <summary>Closes it for good.</summary>
    public void Close()
    {
        if (_fd >= 0)
            _ = Libc.close(_fd);
        _fd = -1;
    }

    private void Take(int fd, bool isNew)
    {
        if (_fd >= 0)
            _ = Libc.close(_fd);
        _fd = fd;
        IsAtLineStart = true;
        _ = FileState.TryRead(fd, out var state);
        (_identity, Size, IsRegular) = (state.Identity, state.Size, state.IsRegular);
        (_mode, _uid, _gid) = (state.Permissions, state.Uid, state.Gid);
        var now = Instants.Now();
        // A file outlives boots: only the wall clock knows how old it is. From here on it is the boot clock that counts.
        var age = isNew || state.Identity.Born == 0 || Size == 0 ? 0 : Math.Max(0, now.Wall - state.Identity.Born);
        Began = now.Boot - age;
    }
}
