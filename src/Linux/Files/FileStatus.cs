using System.Globalization;
using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Files;

/// <summary>Which file something is, whatever it is called by now. The time of birth tells apart files that got the same inode one
/// after the other; it is 0 where the file system keeps none.</summary>
/// <param name="Device">Device number, major and minor.</param>
/// <param name="Inode">Inode number.</param>
/// <param name="Born">Nanoseconds of the file system's clock.</param>
internal readonly record struct FileIdentity(ulong Device, ulong Inode, long Born)
{
    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Device:x}.{Inode:x}.{Born:x}");
}

/// <summary>What statx(2) says of a file.</summary>
/// <param name="Identity">Which file it is.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="IsRegular">False for a pipe, a terminal, a directory: nothing that could be read back.</param>
/// <param name="Written">When it was written last, nanoseconds of the file system's clock; only to be compared with other files'.</param>
internal readonly unsafe partial record struct FileStatus(FileIdentity Identity, long Size, bool IsRegular, long Written)
{
    private const int AtEmptyPath = 0x1000, AtCurrentDirectory = -100;
    private const uint BasicStats = 0x7ff, BirthTime = 0x800;
    private const int TypeMask = 0xF000, RegularFile = 0x8000;

    /// <summary>Looks at what a path names, following links.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Read(string path, out FileStatus status) => Read(AtCurrentDirectory, path, 0, out status);

    /// <summary>Looks at an open file.</summary>
    /// <returns>0, or the errno.</returns>
    public static int Read(SafeHandle file, out FileStatus status) =>
        Read((int)file.DangerousGetHandle(), "", AtEmptyPath, out status);

    private static int Read(int directory, string path, int flags, out FileStatus status)
    {
        status = default;
        // struct statx, 256 bytes, the same on every architecture.
        var raw = stackalloc byte[256];
        if (statx(directory, path, flags, BasicStats | BirthTime, raw) != 0)
            return Marshal.GetLastPInvokeError();
        var born = (*(uint*)raw & BirthTime) != 0 ? Nanoseconds(raw + 80) : 0;
        var device = ((ulong)*(uint*)(raw + 136) << 32) | *(uint*)(raw + 140);
        status = new(
            new(device, *(ulong*)(raw + 32), born),
            *(long*)(raw + 40),
            (*(ushort*)(raw + 28) & TypeMask) == RegularFile,
            Nanoseconds(raw + 112));
        return 0;
    }

    private static long Nanoseconds(byte* time) => (*(long*)time * 1_000_000_000) + *(uint*)(time + 8);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(int directory, string path, int flags, uint mask, byte* status);
}
