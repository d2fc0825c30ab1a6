using System.Buffers.Binary;
using System.ComponentModel;
using System.Runtime.InteropServices;

namespace HaGrpc.Linux;

/// <summary>
/// The deadline file of a group (rule W1): 64 bytes of shared memory that say until when this host may act as owner. It
/// outlives the agent, not the machine's boot. Every field is one aligned 8-byte store, little endian: 0 magic
/// <c>HADEADL1</c>; 8 until; 16 epoch; 24 view version; 32 lease length; 40 boot id (16 bytes); 56 reserved. The agent
/// writes epoch, view and length while <see cref="Until"/> is 0 or unchanged and <see cref="Until"/> last, so that any
/// prefix of its writes is safe. Shims and the guard read only <see cref="Until"/>.
/// </summary>
public sealed unsafe partial class DeadlineFile : IDisposable
{
    /// <summary>Bytes in the file.</summary>
    public const int Size = 64;

    private const ulong Magic = 0x314c_4441_4544_4148; // "HADEADL1" read as a little-endian number
    private const int UntilAt = 1, EpochAt = 2, ViewAt = 3, LengthAt = 4, BootAt = 5;
    private const int OpenReadWrite = 0x2, OpenCreate = 0x40, OpenCloseOnExec = 0x80000;
    private const int ProtectRead = 1, ProtectWrite = 2, MapShared = 1, MapAnonymous = 0x20, SeekEnd = 2;

    private long* _words;

    private DeadlineFile(long* words) => _words = words;

    /// <summary>Instant on CLOCK_BOOTTIME in nanoseconds when the right to act ends; 0 = over, <see cref="long.MaxValue"/> = no end.</summary>
    public long Until
    {
        get => Read(UntilAt);
        set => Write(UntilAt, value);
    }

    /// <summary>The epoch (fencing token) that <see cref="Until"/> belongs to; 0 = none yet.</summary>
    public long Epoch
    {
        get => Read(EpochAt);
        set => Write(EpochAt, value);
    }

    /// <summary>Version of the view that the lease was granted under.</summary>
    public long ViewVersion
    {
        get => Read(ViewAt);
        set => Write(ViewAt, value);
    }

    /// <summary>Length of a lease in nanoseconds; <see cref="long.MaxValue"/> = no end (rule L6).</summary>
    public long Length
    {
        get => Read(LengthAt);
        set => Write(LengthAt, value);
    }

    /// <summary>The boot (/proc/sys/kernel/random/boot_id) that the instants belong to; they mean nothing in another.</summary>
    public Guid BootId
    {
        get
        {
            Span<byte> bytes = stackalloc byte[16];
            BinaryPrimitives.WriteInt64LittleEndian(bytes, Read(BootAt));
            BinaryPrimitives.WriteInt64LittleEndian(bytes[8..], Read(BootAt + 1));
            return new Guid(bytes);
        }
        private set
        {
            Span<byte> bytes = stackalloc byte[16];
            value.TryWriteBytes(bytes);
            Write(BootAt, BinaryPrimitives.ReadInt64LittleEndian(bytes));
            Write(BootAt + 1, BinaryPrimitives.ReadInt64LittleEndian(bytes[8..]));
        }
    }

    /// <summary>
    /// Opens the file for writing and creates it (mode 0600) when it is missing. A file of another boot or with another
    /// magic is reset to until 0, epoch 0, view 0, length 0. Only the agent may do this, and only one.
    /// </summary>
    /// <param name="path">Path of the file; its folder must exist.</param>
    /// <param name="bootId">The running boot's id.</param>
    /// <exception cref="Win32Exception">open, ftruncate, fallocate (the disk is full) or mmap failed; the message names call and path.</exception>
    public static DeadlineFile OpenOrCreate(string path, Guid bootId)
    {
        var file = Map(path, write: true);
        if ((ulong)file.Read(0) == Magic && file.BootId == bootId)
            return file;
        file.Until = 0;
        file.Epoch = 0;
        file.ViewVersion = 0;
        file.Length = 0;
        file.BootId = bootId;
        file.Write(0, unchecked((long)Magic));
        return file;
    }

    /// <summary>What stands for a file that is not there: no lease, of no epoch, seen by nobody else.</summary>
    /// <exception cref="Win32Exception">mmap failed.</exception>
    public static DeadlineFile Absent()
    {
        var address = MapMemory(null, Size, ProtectRead | ProtectWrite, MapShared | MapAnonymous, -1, 0);
        return (nint)address == -1 ? throw Failure("mmap", "without a file") : new DeadlineFile((long*)address);
    }

    /// <summary>Opens an existing file for reading; writing a property of it is a fault.</summary>
    /// <param name="path">Path of the file.</param>
    /// <exception cref="Win32Exception">open or mmap failed; the message names call and path.</exception>
    /// <exception cref="InvalidDataException">The file is shorter than <see cref="Size"/> or has another magic.</exception>
    public static DeadlineFile OpenReadOnly(string path)
    {
        var file = Map(path, write: false);
        if ((ulong)file.Read(0) == Magic)
            return file;
        file.Dispose();
        throw new InvalidDataException($"{path}: not a deadline file (its first 8 bytes are not HADEADL1)");
    }

    /// <summary>Unmaps the file; its contents stay.</summary>
    public void Dispose()
    {
        if (_words is null)
            return;
        _ = Unmap(_words, Size);
        _words = null;
    }

    private static DeadlineFile Map(string path, bool write)
    {
        var fd = Open(path, OpenCloseOnExec | (write ? OpenReadWrite | OpenCreate : 0), 0x180);
        if (fd < 0)
            throw Failure("open", path);
        try
        {
            // A mapping beyond the end of the file would be SIGBUS at the first access.
            if (Seek(fd, 0, SeekEnd) < Size)
            {
                if (!write)
                    throw new InvalidDataException($"{path}: not a deadline file (shorter than {Size} bytes)");
                if (Truncate(fd, Size) != 0)
                    throw Failure("ftruncate", path);
            }
            // As would be one of a hole that a full disk has no room for.
            if (write && Allocate(fd, 0, Size) is not 0 and var full)
                throw Failure("fallocate", path, full);
            var address = MapMemory(null, Size, write ? ProtectRead | ProtectWrite : ProtectRead, MapShared, fd, 0);
            return (nint)address == -1 ? throw Failure("mmap", path) : new DeadlineFile((long*)address);
        }
        finally
        {
            _ = Close(fd);
        }
    }

    private static Win32Exception Failure(string call, string path) => Failure(call, path, Marshal.GetLastPInvokeError());

    private static Win32Exception Failure(string call, string path, int error) =>
        new(error, $"{call} {path}: {Marshal.GetPInvokeErrorMessage(error)}");

    private long Read(int word)
    {
        ObjectDisposedException.ThrowIf(_words is null, this);
        return Volatile.Read(ref _words[word]);
    }

    // Volatile keeps the order of the stores, also across different fields: "until last" holds for every reader.
    private void Write(int word, long value)
    {
        ObjectDisposedException.ThrowIf(_words is null, this);
        Volatile.Write(ref _words[word], value);
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);

    [LibraryImport("libc", EntryPoint = "lseek", SetLastError = true)]
    private static partial long Seek(int fd, long offset, int whence);

    [LibraryImport("libc", EntryPoint = "ftruncate", SetLastError = true)]
    private static partial int Truncate(int fd, long length);

    // Answers with the number of the error, and leaves errno alone.
    [LibraryImport("libc", EntryPoint = "posix_fallocate")]
    private static partial int Allocate(int fd, long offset, long length);

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial void* MapMemory(void* address, nuint length, int protection, int flags, int fd, long offset);

    [LibraryImport("libc", EntryPoint = "munmap", SetLastError = true)]
    private static partial int Unmap(void* address, nuint length);
}
