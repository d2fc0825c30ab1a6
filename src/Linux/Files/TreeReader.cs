using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Linux.Files;

/// <summary>A file or a symbolic link below a directory.</summary>
/// <param name="Path">Its path below the directory. What of it is no UTF-8 is written as <c>\xNN</c>.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">mtime, seconds since 1970.</param>
/// <param name="Changed">ctime, seconds since 1970.</param>
/// <param name="Target">Where a symbolic link points; empty for a file.</param>
internal readonly record struct TreeFile(string Path, long Size, long Modified, long Changed, string Target);

/// <summary>
/// Walks a directory: its files and symbolic links, at every depth. Follows no link but the directory itself, enters no other file system, and keeps
/// names as bytes, whatever encoding they are in. Pipes, sockets and devices are not there to it. One walk only.
/// </summary>
/// <param name="leaveOut">Asked with a path and whether that is a directory; true: it is left out, with all that is in it.</param>
/// <param name="found">Called with each file and link, in the file system's order.</param>
/// <param name="isOver">Asked now and then; true: the walk ends.</param>
internal sealed unsafe partial class TreeReader(Func<string, bool, bool> leaveOut, Action<TreeFile> found, Func<bool> isOver)
{
    /// <summary>How deep it goes; each level has a descriptor and a buffer.</summary>
    public const int MostLevels = 64;

    private const int BufferSize = 16 << 10;
    private const int AskEvery = 128;
    private const int AtCurrentDirectory = -100, NoFollow = 0x100, NoAutomount = 0x800;
    private const uint Wanted = 0x2c1; // STATX_TYPE, STATX_MTIME, STATX_CTIME and STATX_SIZE.
    private const int TypeMask = 0xF000, DirectoryType = 0x4000, FileType = 0x8000, LinkType = 0xA000;

    // These two are the other way round on arm64.
    private static readonly int OpenDirectory = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x4000 : 0x10000;
    private static readonly int OpenNoFollow = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? 0x8000 : 0x20000;

    private ulong _device;
    private long _met;

    /// <summary>How many entries may be met, left out or not, before the walk ends.</summary>
    public required long MostEntries { get; init; }

    /// <summary>True when the walk ended before all was met.</summary>
    public bool IsOver { get; private set; }

    /// <summary>The first thing that could not be read, with the reason; null for none.</summary>
    public string? Unreadable { get; private set; }

    /// <summary>Walks.</summary>
    /// <param name="directory">An absolute path.</param>
    /// <returns>0, or the errno with which the directory itself could not be opened.</returns>
    public int Walk(string directory)
    {
        int fd;
        fixed (byte* path = Encoding.UTF8.GetBytes(directory + '\0'))
            fd = openat(AtCurrentDirectory, path, OpenDirectory | Libc.O_CLOEXEC);
        if (fd < 0)
            return Marshal.GetLastPInvokeError();
        try
        {
            var status = stackalloc byte[256];
            fixed (byte* self = "."u8)
            {
                if (statx(fd, self, NoAutomount, Wanted, status) != 0)
                    return Marshal.GetLastPInvokeError();
            }
            _device = DeviceOf(status);
            Read(fd, "", 1);
            return 0;
        }
        finally
        {
            _ = Libc.close(fd);
        }
    }

    private void Read(int directory, string prefix, int level)
    {
        var memory = GC.AllocateUninitializedArray<byte>(BufferSize, pinned: true);
        fixed (byte* buffer = memory)
        {
            while (!IsOver)
            {
                var filled = getdents64(directory, buffer, BufferSize);
                if (filled < 0)
                    CannotRead(prefix, Marshal.GetLastPInvokeError());
                if (filled <= 0)
                    return;
                // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name.
                for (var at = 0; at < filled && !IsOver; at += *(ushort*)(buffer + at + 16))
                    Take(directory, buffer + at + 19, prefix, level);
            }
        }
    }

    private void Take(int directory, byte* name, string prefix, int level)
    {
        var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        if (bytes.SequenceEqual("."u8) || bytes.SequenceEqual(".."u8))
            return;
        IsOver = ++_met > MostEntries || (_met % AskEvery == 0 && isOver());
        if (IsOver)
            return;
        var path = prefix + Text(bytes);
        var status = stackalloc byte[256];
        if (statx(directory, name, NoFollow | NoAutomount, Wanted, status) != 0)
        {
            CannotRead(path, Marshal.GetLastPInvokeError());
            return;
        }
        // struct statx: mode at 28, size at 40, ctime at 96, mtime at 112; the same on every architecture.
        var type = *(ushort*)(status + 28) & TypeMask;
        if (type is not (DirectoryType or FileType or LinkType) || leaveOut(path, type == DirectoryType))
            return;
        if (type == DirectoryType)
        {
            if (DeviceOf(status) == _device)
                Enter(directory, name, path, level);
            return;
        }
        var target = type == LinkType ? TargetOf(directory, name) : "";
        found(new(path, *(long*)(status + 40), *(long*)(status + 112), *(long*)(status + 96), target));
    }

    private void Enter(int directory, byte* name, string path, int level)
    {
        if (level == MostLevels)
        {
            Unreadable ??= $"{path}: deeper than {MostLevels} levels";
            return;
        }
        var fd = openat(directory, name, OpenDirectory | OpenNoFollow | Libc.O_CLOEXEC);
        if (fd < 0)
        {
            CannotRead(path, Marshal.GetLastPInvokeError());
            return;
        }
        try
        {
            Read(fd, path + "/", level + 1);
        }
        finally
        {
            _ = Libc.close(fd);
        }
    }

    // What goes while it is looked at, or becomes something else, is not there.
    private void CannotRead(string path, int error)
    {
        if (error is not (Libc.ENOENT or Libc.ENOTDIR or TooManyLinks))
            Unreadable ??= $"{(path.Length == 0 ? "." : path)}: {Marshal.GetPInvokeErrorMessage(error)}";
    }

    private static string TargetOf(int directory, byte* name)
    {
        const int longest = 4096;
        var buffer = stackalloc byte[longest];
        var length = readlinkat(directory, name, buffer, longest);
        return length < 0 ? "" : Text(new(buffer, (int)length));
    }

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder();
        while (!bytes.IsEmpty)
        {
            var isText = Rune.DecodeFromUtf8(bytes, out var rune, out var used) == System.Buffers.OperationStatus.Done;
            if (isText)
                _ = text.Append(rune.ToString());
            for (var i = 0; i < used && !isText; i++)
                _ = text.Append(System.Globalization.CultureInfo.InvariantCulture, $"\\x{bytes[i]:x2}");
            bytes = bytes[used..];
        }
        return text.ToString();
    }

    private static ulong DeviceOf(byte* status) => ((ulong)*(uint*)(status + 136) << 32) | *(uint*)(status + 140);

    private const int TooManyLinks = 40;

    [LibraryImport("libc", SetLastError = true)]
    private static partial int openat(int directory, byte* path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint getdents64(int directory, byte* buffer, nuint size);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int statx(int directory, byte* path, int flags, uint mask, byte* status);

    [LibraryImport("libc")]
    private static partial nint readlinkat(int directory, byte* path, byte* buffer, nuint size);
}
