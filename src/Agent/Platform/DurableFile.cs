using System.Runtime.InteropServices;

namespace HaGrpc.Agent.Platform;

/// <summary>Replaces a file so that a crash leaves the old or the new one, whole (rename(2), fsync(2)).</summary>
internal static partial class DurableFile
{
    private const int OpenReadOnly = 0, OpenDirectory = 0x10000, OpenCloseOnExec = 0x80000;

    /// <summary>Writes, fsyncs, renames, and fsyncs the directory.</summary>
    /// <exception cref="IOException">It could not be written.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> bytes)
    {
        var temporary = path + ".new";
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 0))
        {
            file.Write(bytes);
            file.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
        var directory = Open(Path.GetDirectoryName(path)!, OpenReadOnly | OpenDirectory | OpenCloseOnExec);
        if (directory < 0)
            throw new IOException($"cannot open the directory of {path}: {Marshal.GetLastPInvokeErrorMessage()}");
        var synced = Sync(directory);
        var error = Marshal.GetLastPInvokeErrorMessage();
        _ = Close(directory);
        if (synced != 0)
            throw new IOException($"cannot sync the directory of {path}: {error}");
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    private static partial int Sync(int fd);

    [LibraryImport("libc", EntryPoint = "close")]
    private static partial int Close(int fd);
}
