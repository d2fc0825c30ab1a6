namespace HaGrpc.Ctl.Shell;

/// <summary>Lines that were typed, oldest first, in a file that only its owner can read: reasons and names of a fleet stand in it.</summary>
internal sealed class History
{
    private const int Most = 1000;
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string? _path;
    private readonly List<string> _lines = [];

    /// <param name="path">The file; null to keep nothing. One that cannot be read is none.</param>
    internal History(string? path)
    {
        _path = path;
        try
        {
            if (path is not null && File.Exists(path))
                _lines.AddRange(File.ReadLines(path).TakeLast(Most));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // A shell without its history is a shell.
        }
    }

    internal IReadOnlyList<string> Lines => _lines;

    /// <summary><c>$XDG_STATE_HOME/hagrpc/history</c>, else below <c>~/.local/state</c>; null when nobody says where the operator's home is.</summary>
    internal static string? PathOf(Func<string, string?> variable)
    {
        if (variable("XDG_STATE_HOME") is { Length: > 0 } state && Path.IsPathFullyQualified(state))
            return Path.Join(state, "hagrpc", "history");
        return variable("HOME") is { Length: > 0 } home ? Path.Join(home, ".local", "state", "hagrpc", "history") : null;
    }

    /// <summary>Keeps a line, unless it begins with a space or stands there already.</summary>
    internal void Add(string line)
    {
        if (line.Length == 0 || line[0] == ' ' || (_lines.Count > 0 && _lines[^1] == line))
            return;
        _lines.Add(line);
        if (_lines.Count > Most)
            _lines.RemoveAt(0);
        Store(line);
    }

    private void Store(string line)
    {
        if (_path is null)
            return;
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_path)!, Own | UnixFileMode.UserExecute);
            // Another shell may have written meanwhile: a line is appended, and what is too old goes at the next beginning.
            using var file = new FileStream(_path, new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, UnixCreateMode = Own });
            File.SetUnixFileMode(file.SafeFileHandle, Own);
            if (file.Length > 4 * Most * 80L)
                file.SetLength(0);
            var whole = file.Length == 0 ? string.Concat(_lines.Select(l => l + "\n")) : line + "\n";
            file.Seek(0, SeekOrigin.End);
            file.Write(System.Text.Encoding.UTF8.GetBytes(whole));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // As above.
        }
    }
}
