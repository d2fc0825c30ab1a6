using System.Globalization;
using HaGrpc.Linux.Files;

namespace HaGrpc.Agent.Logs;

/// <summary>Where a reader stands: enough to go on there later, also when the file has been renamed since.</summary>
/// <param name="File">The file's <see cref="FileIdentity"/> as text.</param>
/// <param name="Offset">The first byte that was not read.</param>
internal readonly record struct LogPosition(string File, long Offset)
{
    /// <summary>Before there is a file: whichever comes is read whole.</summary>
    public static LogPosition Beginning { get; } = new("", 0);
}

/// <summary>What happened to a log between two readings.</summary>
internal enum LogChange
{
    /// <summary>Nothing worth a word; a rotation of which everything was read is nothing either.</summary>
    None,

    /// <summary>It was cut to less than was read already, and is read from its beginning.</summary>
    Truncated,

    /// <summary>Files were rotated out before they were read: lines may be missing here.</summary>
    Skipped,
}

/// <summary>The result of a reading.</summary>
/// <param name="Count">Bytes that were read; 0 when there is nothing more now.</param>
/// <param name="Change">What happened before these bytes.</param>
internal readonly record struct LogReading(int Count, LogChange Change);

/// <summary>
/// Reads one log on and on, through rotation by renaming (PATH, PATH.1, PATH.2, …) and by copying and truncating. Compressed
/// backups (PATH.1.gz) keep their place in the row, but are not read: whoever comes too late for them has skipped them. It never
/// waits: when to read again is its caller's business, for example by <see cref="Linux.Watching.FileWatch"/>. For one thread.
/// </summary>
/// <param name="path">The log's path; the file may come later.</param>
internal sealed class LogTail(string path) : IDisposable
{
    private const int MostBackups = 1000;
    private const int Attempts = 5;

    private LogFile? _file;
    private long _offset;
    private long _end = long.MaxValue;

    /// <summary>The log's path.</summary>
    public string Path => path;

    /// <summary>Where it stands; null before there is a file.</summary>
    public LogPosition? Position => _file is null ? null : new(_file.Identity.ToString(), _offset);

    /// <summary>Why the log cannot be read now; empty when it can, or when the file is not there yet.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>True while there is no file to read.</summary>
    public bool IsMissing => _file is null;

    /// <summary>Begins with the last lines; a file that comes later is read from its beginning.</summary>
    /// <param name="lines">How many; 0 for only what comes.</param>
    /// <exception cref="IOException">The disk fails.</exception>
    public void BeginWithLines(int lines)
    {
        if (Open(path))
            _offset = _file!.LastLines(lines);
    }

    /// <summary>Goes on at a position, in the file of then, wherever rotation has put it.</summary>
    /// <returns><see cref="LogChange.Skipped"/> when that file is gone.</returns>
    /// <exception cref="IOException">The disk fails.</exception>
    public LogChange BeginAt(LogPosition position)
    {
        if (position == LogPosition.Beginning)
        {
            Open(path);
            return LogChange.None;
        }
        foreach (var candidate in Backups().Where(backup => !backup.IsPacked).Select(backup => backup.Path).Prepend(path))
        {
            if (!Open(candidate))
                continue;
            _offset = position.Offset;
            if (_file!.Identity.ToString() == position.File)
                return LogChange.None;
        }
        _offset = 0;
        Open(path);
        return LogChange.Skipped;
    }

    /// <summary>From now on only what has been written by now is read, and no later file.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public void EndHere() => _end = _file?.Size ?? 0;

    /// <summary>Reads what comes next.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public LogReading Read(Span<byte> buffer)
    {
        if (_file is null && (_end != long.MaxValue || !Open(path)))
            return default;
        if (ReadOn(buffer) is var count and > 0)
            return new(count, LogChange.None);
        var status = _file!.Status;
        if (status.Size < _offset)
        {
            (_offset, _end) = (0, _end == long.MaxValue ? _end : Math.Min(_end, status.Size));
            return new(ReadOn(buffer), LogChange.Truncated);
        }
        // An empty successor may not be used yet: logrotate creates it before the program lets go of the old one.
        var isReplaced = _end == long.MaxValue && FileStatus.Read(path, out var now) == 0
            && now.Identity != _file.Identity && now.Size > 0;
        if (!isReplaced)
            return default;
        // What was written between the last reading and the renaming.
        if (ReadOn(buffer) is var rest and > 0)
            return new(rest, LogChange.None);
        return MoveOn(status) is { } change ? new(ReadOn(buffer), change) : default;
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private int ReadOn(Span<byte> buffer)
    {
        var left = _end - _offset;
        if (left <= 0)
            return 0;
        var count = _file!.Read(_offset, left < buffer.Length ? buffer[..(int)left] : buffer);
        _offset += count;
        return count;
    }

    private bool Open(string candidate)
    {
        if (LogFile.TryOpen(candidate, out var problem) is not { } file)
        {
            Problem = problem;
            return false;
        }
        _file?.Dispose();
        (_file, _offset, Problem) = (file, 0, "");
        return true;
    }

    /// <summary>Opens the file that was written after the one that is read; null when rotation was faster, so that the next reading
    /// is to look again.</summary>
    private LogChange? MoveOn(FileStatus read)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var backups = Backups();
            var place = backups.FindIndex(backup => backup.Is(read));
            // A file that has left the row of backups was followed by the oldest that is younger than it.
            var follower = place >= 0 ? place - 1 : backups.FindLastIndex(backup => backup.Status.Written >= read.Written);
            var next = follower;
            while (next >= 0 && backups[next].IsPacked)
                next--;
            var expected = next >= 0 ? backups[next].Status.Identity : default;
            if (LogFile.TryOpen(next >= 0 ? backups[next].Path : path, out var problem) is not { } file)
            {
                Problem = problem;
                return null;
            }
            var isIt = next >= 0
                ? file.Identity == expected
                : Backups().FindIndex(backup => backup.Is(read)) == place;
            if (!isIt || file.Identity == read.Identity)
            {
                file.Dispose();
                continue;
            }
            _file?.Dispose();
            (_file, _offset, Problem) = (file, 0, "");
            return (place < 0 && follower >= 0) || next < follower ? LogChange.Skipped : LogChange.None;
        }
        return null;
    }

    /// <summary>PATH.1, PATH.2, … as far as there are any; the youngest first.</summary>
    private List<Backup> Backups()
    {
        var found = new List<Backup>();
        for (var number = 1; number <= MostBackups; number++)
        {
            var backup = string.Create(CultureInfo.InvariantCulture, $"{path}.{number}");
            var isPacked = false;
            if (FileStatus.Read(backup, out var status) != 0)
            {
                isPacked = FileStatus.Read(backup + ".gz", out status) == 0;
                if (!isPacked)
                    break;
            }
            found.Add(new(backup, status, isPacked));
        }
        return found;
    }

    private readonly record struct Backup(string Path, FileStatus Status, bool IsPacked)
    {
        // Compressing keeps the time at which it was written last, and nothing else.
        public bool Is(FileStatus read) => IsPacked ? Status.Written == read.Written : Status.Identity == read.Identity;
    }
}
