using HaGrpc.Linux.Files;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>What statx(2) says of a file, without a managed string.</summary>
/// <param name="Identity">Which file it is.</param>
/// <param name="Size">Its length in bytes.</param>
/// <param name="Written">When it was written last: nanoseconds since 1970 of the file system's clock.</param>
/// <param name="Mode">Type and permissions (inode(7)).</param>
/// <param name="Uid">Its owner.</param>
/// <param name="Gid">Its group.</param>
internal readonly unsafe record struct FileState(FileIdentity Identity, long Size, long Written, uint Mode, uint Uid, uint Gid)
{
    private const uint BasicStats = 0x7ff, BirthTime = 0x800;

    /// <summary>False for a pipe, a terminal or a device: nothing that could be rotated.</summary>
    public bool IsRegular => (Mode & 0xF000) == 0x8000;

    /// <summary>True for a named pipe.</summary>
    public bool IsPipe => (Mode & 0xF000) == 0x1000;

    /// <summary>The permissions alone.</summary>
    public uint Permissions => Mode & 0x1FF;

    /// <summary>Looks at an open file; false when that fails.</summary>
    public static bool TryRead(int fd, out FileState state) =>
        TryRead(fd, Spec.Name("\0"u8), Libc.AT_EMPTY_PATH, out state);

    /// <summary>Looks at what a path names, following links; false when that fails, and errno says why.</summary>
    public static bool TryRead(byte* path, out FileState state) => TryRead(Libc.AT_FDCWD, path, 0, out state);

    private static bool TryRead(int directory, byte* path, int flags, out FileState state)
    {
        state = default;
        // struct statx: see HaGrpc.Linux.Files.FileStatus.
        var raw = stackalloc byte[256];
        if (Libc.statx(directory, path, flags, BasicStats | BirthTime, raw) != 0)
            return false;
        var born = (*(uint*)raw & BirthTime) != 0 ? Nanoseconds(raw + 80) : 0;
        var device = ((ulong)*(uint*)(raw + 136) << 32) | *(uint*)(raw + 140);
        state = new(
            new(device, *(ulong*)(raw + 32), born),
            *(long*)(raw + 40),
            Nanoseconds(raw + 112),
            *(ushort*)(raw + 28),
            *(uint*)(raw + 20),
            *(uint*)(raw + 24));
        return true;
    }

    private static long Nanoseconds(byte* time) => (*(long*)time * 1_000_000_000) + *(uint*)(time + 8);
}
