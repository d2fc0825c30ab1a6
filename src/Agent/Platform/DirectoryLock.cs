using System.ComponentModel;
using System.Globalization;
using System.Runtime.InteropServices;
using HaGrpc.Linux;

namespace HaGrpc.Agent.Platform;

/// <summary>
/// One agent per directory: an exclusive flock(2) on a file that holds the owner's process id. The kernel frees it with the
/// process, however that ends; it is not inherited by what the agent starts.
/// </summary>
internal sealed partial class DirectoryLock : IDisposable
{
    // A predecessor that was just killed or told to leave may need a moment to go away.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(1000);
    private const int OpenReadWrite = 0x2, OpenCreate = 0x40, OpenCloseOnExec = 0x80000;
    private const int LockExclusive = 2, LockNonBlocking = 4;
    private const int WouldBlock = 11;

    private int _fd;

    private DirectoryLock(int fd) => _fd = fd;

    /// <summary>Takes the lock of a directory, which must exist.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="what">How to call it in an error.</param>
    /// <exception cref="IOException">Another agent has it; the message names its process id.</exception>
    /// <exception cref="Win32Exception">The file could not be opened or locked.</exception>
    public static DirectoryLock Take(string directory, string what)
    {
        var path = Path.Combine(directory, "agent.lock");
        var fd = Open(path, OpenReadWrite | OpenCreate | OpenCloseOnExec, 0x1a4);
        if (fd < 0)
            throw Failure("open", path);
        var end = BootClock.Nanoseconds + (Patience.Ticks * 100);
        while (Flock(fd, LockExclusive | LockNonBlocking) != 0)
        {
            if (Marshal.GetLastPInvokeError() != WouldBlock)
                throw Failure("flock", path);
            if (BootClock.Nanoseconds > end)
            {
                throw new IOException($"another agent (pid {ReadPid(fd)}) uses {what} {directory}: stop it, or give this one another directory");
            }
            _ = Poll(0, 0, 2);
        }
        var lockFile = new DirectoryLock(fd);
        lockFile.WritePid(path);
        return lockFile;
    }

    /// <summary>Frees the lock.</summary>
    public void Dispose()
    {
        if (_fd >= 0)
            _ = Close(_fd);
        _fd = -1;
    }

    private void WritePid(string path)
    {
        var text = System.Text.Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n"));
        if (Truncate(_fd, 0) != 0 || WriteAt(_fd, text, (nuint)text.Length, 0) != text.Length)
            throw Failure("write", path);
    }

    // Not by File: that takes a shared lock first, which the holder does not grant.
    private static string ReadPid(int fd)
    {
        var text = new byte[16];
        var length = (int)ReadAt(fd, text, (nuint)text.Length, 0);
        return System.Text.Encoding.ASCII.GetString(text, 0, Math.Max(0, length)).Trim();
    }

    private static Win32Exception Failure(string call, string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new Win32Exception(error, $"{call} {path}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "flock", SetLastError = true)]
    private static partial int Flock(int fd, int operation);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int fd, long length);

    [LibraryImport("libc", EntryPoint = "pwrite", SetLastError = true)]
    private static partial nint WriteAt(int fd, byte[] bytes, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "pread")]
    private static partial nint ReadAt(int fd, byte[] bytes, nuint count, long offset);

    [LibraryImport("libc", EntryPoint = "poll")]
    private static partial int Poll(nint fds, nuint count, int timeout);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
