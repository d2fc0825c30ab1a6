using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Files;

/// <summary>The room of a file system (statvfs(3)), as whoever is not root has it.</summary>
/// <param name="FreeBytes">Bytes that can be written.</param>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeFiles">Files that can be created.</param>
/// <param name="TotalFiles">Files that it can hold; 0 where it does not count them.</param>
/// <param name="IsReadOnly">True when it takes no writes.</param>
internal readonly partial record struct FileSystemSpace(long FreeBytes, long TotalBytes, long FreeFiles, long TotalFiles, bool IsReadOnly)
{
    private const ulong ReadOnly = 1;

    /// <summary>Looks at the file system that holds a path; null when it cannot be looked at.</summary>
    public static FileSystemSpace? Of(string path)
    {
        if (statvfs(path, out var raw) != 0)
            return null;
        return new(
            Bytes(raw.Available, raw.Unit), Bytes(raw.Blocks, raw.Unit), (long)raw.FilesAvailable, (long)raw.Files, (raw.Flags & ReadOnly) != 0);
    }

    private static long Bytes(ulong blocks, ulong unit) => (long)UInt128.Min((UInt128)long.MaxValue, (UInt128)blocks * unit);

    /// <summary>struct statvfs, which 64-bit Linux has in one form, with room behind it.</summary>
    [StructLayout(LayoutKind.Sequential, Size = 256)]
    private struct Raw
    {
        public ulong BlockSize;
        public ulong Unit;
        public ulong Blocks;
        public ulong BlocksFree;
        public ulong Available;
        public ulong Files;
        public ulong FilesFree;
        public ulong FilesAvailable;
        public ulong Id;
        public ulong Flags;
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statvfs(string path, out Raw status);
}
