using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>
/// Writes one output to its file and rotates it. Lines are not torn between two files unless they are longer than what is read at one
/// time. What the disk does not take is counted and dropped, and the log says so where it goes on.
/// </summary>
internal sealed unsafe class LogWriter
{
    private const long Second = 1_000_000_000;
    private const long RetryAfter = Second / 4;
    private const long RotateAgainAfter = 5 * Second;
    private const long Flutter = 60 * Second;
    private const long Calm = 10 * Second;
    private const int LongestLine = 64 << 10;

    private long _lookAt;
    private long _writeAt;
    private long _rotateAt;
    private long _beganAt = -Flutter;
    private long _lostAt;
    private long _calm;
    private bool _isMoved;
    private bool _isMidLine;
    private readonly Faults _faults;

    /// <param name="path">Where to; copied.</param>
    /// <param name="settings">When to rotate.</param>
    /// <param name="faults">Hears of what cannot be done.</param>
    public LogWriter(byte* path, LogSettings settings, Faults faults)
    {
        _faults = faults;
        File = new LogFile(path);
        Settings = settings;
    }

    /// <summary>The file.</summary>
    public LogFile File { get; private set; }

    /// <summary>When it is rotated.</summary>
    public LogSettings Settings { get; private set; }

    /// <summary>What was lost.</summary>
    public Loss Loss { get; } = new();

    /// <summary>Called with each number below which backups have moved on by one.</summary>
    public Action<int>? Rotated { get; set; }

    /// <summary>Called after every call that may have taken the disk a while.</summary>
    public Action? Progressed { get; set; }

    /// <summary>Takes other settings over; another path too, if it can be opened: else the file before is written on.</summary>
    public void Follow(byte* path, LogSettings settings)
    {
        Settings = settings;
        if (File.Name.Is(path))
            return;
        var next = new LogFile(path);
        if (next.Open() is var error and not 0)
        {
            next.Close();
            _faults.Add(LogFault.Open, error);
            return;
        }
        File.Close();
        File = next;
        (_isMoved, _lookAt, _rotateAt) = (false, 0, 0);
    }

    /// <summary>Writes what there is, or loses it.</summary>
    public void Write(byte* data, int count)
    {
        var now = Instants.Now().Boot;
        if (Loss.Pending > 0 && !TryGoOn(ref data, ref count, now))
        {
            Lose(data, count, Loss.Error, now);
            return;
        }
        if (now >= _lookAt)
            Look(now);
        if (File.Size == 0)
            File.BeginAnew();
        while (count > 0)
        {
            var part = BeforeRotation(data, count, now);
            if (part == 0)
            {
                Rotate(now);
                continue;
            }
            var written = File.Write(data, part);
            Progressed?.Invoke();
            if (written < 0)
            {
                _writeAt = now + RetryAfter;
                Lose(data, count, -written, now);
                return;
            }
            data += written;
            count -= written;
        }
        if (Loss.Pending == 0 && now - _lostAt >= _calm)
            Loss.End();
    }

    /// <summary>Says in the log what was lost, if it takes that, though nothing else is to be written now.</summary>
    /// <param name="isLast">True: there will be no other time.</param>
    public void GoOn(bool isLast)
    {
        byte nothing;
        if (isLast)
            (_writeAt, _calm) = (0, 0);
        if (Loss.IsOngoing)
            Write(&nothing, 0);
    }

    /// <summary>What came while the disk hung is gone.</summary>
    /// <param name="last">Its last byte.</param>
    public void Dropped(byte last) => _isMidLine = last != (byte)'\n';

    private void Lose(byte* data, int count, int error, long now)
    {
        if (count == 0)
            return;
        _isMidLine = data[count - 1] != (byte)'\n';
        _lostAt = now;
        if (!Loss.Add(count, error))
            return;
        // A disk that is full but for moments loses all the time, as far as people want to hear of it.
        _calm = now - _beganAt < Flutter ? Calm : 0;
        _beganAt = now;
    }

    /// <summary>Says in the log what is missing, if it takes that.</summary>
    private bool TryGoOn(ref byte* data, ref int count, long now)
    {
        if (now < _writeAt)
            return false;
        _writeAt = now + RetryAfter;
        Look(now);
        if (_isMoved && File.Reopen() == 0)
            _isMoved = false;
        if (_isMidLine && count > 0)
        {
            _isMidLine = false;
            // The rest of a line whose beginning is lost says nothing.
            var rest = new ReadOnlySpan<byte>(data, count).IndexOf((byte)'\n') + 1;
            if (rest > 0)
                _ = Loss.Add(rest, Loss.Error);
            data += rest;
            count -= rest;
        }
        var note = stackalloc byte[256];
        var length = Loss.Describe(note, File.IsAtLineStart);
        var written = File.Write(note, length);
        Progressed?.Invoke();
        if (written != length)
        {
            if (written < 0)
                _ = Loss.Add(0, -written);
            return false;
        }
        Loss.Note();
        return true;
    }

    private void Look(long now)
    {
        _lookAt = now + Second;
        _isMoved = !File.IsInPlace();
        Progressed?.Invoke();
    }

    /// <summary>How much of the data still belongs into this file; 0 when it is to be rotated first.</summary>
    private int BeforeRotation(byte* data, int count, long now)
    {
        if (!File.IsRegular || now < _rotateAt || !IsDue(count, now))
            return count;
        // The truth before a rotation: somebody else may have cut or renamed it.
        Look(now);
        if (!IsDue(count, now))
            return count;
        var text = new ReadOnlySpan<byte>(data, count);
        var room = _isMoved || IsTooOld(now) ? 0 : Math.Min(count, Settings.MostBytes - File.Size);
        if (room > 0 && text[..(int)room].LastIndexOf((byte)'\n') + 1 is var lines and > 0)
            return lines;
        if (File.IsAtLineStart && (File.Size > 0 || _isMoved))
            return 0;
        if (text.IndexOf((byte)'\n') + 1 is var line and > 0)
            return line;
        return Settings.MostBytes > 0 && File.Size >= Settings.MostBytes + LongestLine ? 0 : count;
    }

    private bool IsDue(int count, long now) =>
        _isMoved || IsTooOld(now) || (Settings.MostBytes > 0 && File.Size + count > Settings.MostBytes);

    private bool IsTooOld(long now) => Settings.LongestAge > 0 && File.Size > 0 && now - File.Began >= Settings.LongestAge;

    private void Rotate(long now)
    {
        if (_isMoved)
        {
            Tell(File.Reopen(), now);
            return;
        }
        // Other programs may write to this file, too, and each rotates it: two at a time would move their lines over each other's.
        if (!File.TryLock())
        {
            _rotateAt = now + RetryAfter;
            return;
        }
        var before = File.Size;
        _isMoved = !File.IsInPlace();
        // Else one of them has just done it.
        if (!_isMoved && File.Size >= before)
            Tell(Settings.Backups == 0 ? Empty() : Move(), now);
        File.Unlock();
    }

    private int Empty() => File.Empty() ? 0 : Libc.Errno;

    private int Move()
    {
        var error = Rotation.Move(File.Name, Settings.Backups, out var moved);
        Rotated?.Invoke(moved);
        // Until that works, the lines go to the file that is a backup now: better there than nowhere.
        return error == 0 ? File.Reopen() : error;
    }

    private void Tell(int error, long now)
    {
        Progressed?.Invoke();
        if (error == 0)
        {
            _isMoved = false;
            return;
        }
        _rotateAt = now + RotateAgainAfter;
        _faults.Add(LogFault.Rotate, error);
    }
}
