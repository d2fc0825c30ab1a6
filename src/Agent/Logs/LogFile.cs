using System.Buffers;
using System.ComponentModel;
using HaGrpc.Linux.Files;
using HaGrpc.Linux.Processes;
using Microsoft.Win32.SafeHandles;

namespace HaGrpc.Agent.Logs;

/// <summary>
/// One log file, open for reading. It takes no lock, moves no offset that others see and never touches a program's pipe: whoever
/// reads, however slowly, the program does not notice. It stays the same file when it is renamed or deleted.
/// </summary>
internal sealed class LogFile : IDisposable
{
    private const int Block = 64 * 1024;
    private const int ENOTDIR = 20;

    private readonly SafeFileHandle _handle;

    private LogFile(SafeFileHandle handle, FileIdentity identity) => (_handle, Identity) = (handle, identity);

    /// <summary>How far back <see cref="LastLines"/> looks: 16 MiB.</summary>
    public static long FarthestBack => 16L << 20;

    /// <summary>Which file it is.</summary>
    public FileIdentity Identity { get; }

    /// <summary>Its length now, in bytes.</summary>
    public long Size => Status.Size;

    /// <summary>What the file system says of it now.</summary>
    /// <exception cref="IOException">The file system fails.</exception>
    public FileStatus Status => FileStatus.Read(_handle, out var status) == 0 ? status
        : throw new IOException("the file system no longer answers for an open log file");

    /// <summary>Opens a file; null when it cannot be read, or is not there.</summary>
    /// <param name="path">Absolute.</param>
    /// <param name="problem">Why it cannot be read; empty when there is just no such file (yet).</param>
    public static LogFile? TryOpen(string path, out string problem)
    {
        // Non-blocking: a named pipe in the log's place would wait for a writer.
        var descriptor = Libc.open(path, Libc.O_RDONLY | Libc.O_NONBLOCK | Libc.O_CLOEXEC, 0);
        if (descriptor < 0)
        {
            var error = System.Runtime.InteropServices.Marshal.GetLastPInvokeError();
            problem = error is Libc.ENOENT or ENOTDIR ? "" : $"{path} cannot be read: {new Win32Exception(error).Message}";
            return null;
        }
        var handle = new SafeFileHandle(descriptor, ownsHandle: true);
        if (FileStatus.Read(handle, out var status) == 0 && status.IsRegular)
        {
            problem = "";
            return new(handle, status.Identity);
        }
        handle.Dispose();
        problem = $"{path} is no regular file: what is written there cannot be read back";
        return null;
    }

    /// <summary>Reads what stands at an offset; 0 at the end. Never waits for a writer.</summary>
    /// <exception cref="IOException">The disk fails.</exception>
    public int Read(long offset, Span<byte> buffer) => RandomAccess.Read(_handle, buffer, offset);

    /// <summary>Where the last lines begin. A last line without its end counts.</summary>
    /// <param name="lines">How many; 0 for the end of the file.</param>
    /// <returns>An offset; not farther than <see cref="FarthestBack"/> before the end, then it may lie inside a line.</returns>
    /// <exception cref="IOException">The disk fails.</exception>
    public long LastLines(int lines)
    {
        var end = Size;
        if (lines <= 0)
            return end;
        var lowest = Math.Max(0, end - FarthestBack);
        var rented = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            for (long at = end, from; at > lowest; at = from)
            {
                from = Math.Max(lowest, at - Block);
                var block = rented.AsSpan(0, (int)(at - from));
                block = block[..Fill(from, block)];
                // The very last byte of the file ends a line and begins none.
                if (from + block.Length == end && block.EndsWith("\n"u8))
                    block = block[..^1];
                for (int newline; (newline = block.LastIndexOf((byte)'\n')) >= 0; block = block[..newline])
                {
                    if (--lines == 0)
                        return from + newline + 1;
                }
            }
            return lowest;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rented);
        }
    }

    /// <summary>Closes it.</summary>
    public void Dispose() => _handle.Dispose();

    private int Fill(long offset, Span<byte> buffer)
    {
        var filled = 0;
        for (int count; filled < buffer.Length && (count = Read(offset + filled, buffer[filled..])) > 0;)
            filled += count;
        return filled;
    }
}
