namespace HaGrpc.Linux.Files;

/// <summary>Writes files that hold secrets: for their owner alone from the first byte, and whole or not at all.</summary>
public static class PrivateFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Replaces a file, or makes it.</summary>
    /// <exception cref="IOException">It could not be written; what was there before is there still.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not let this user in.</exception>
    public static void Write(string path, string text)
    {
        ArgumentNullException.ThrowIfNull(path);
        var temporary = path + ".new";
        File.Delete(temporary); // One that a crash has left may have another mode.
        using (var stream = new FileStream(temporary, new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
        }))
        {
            stream.Write(System.Text.Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }
        File.Move(temporary, path, overwrite: true);
    }

    /// <summary>Makes a folder that only its owner may look into; one that is there is left as it is.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder above does not let this user in.</exception>
    public static void MakeFolder(string path) => Directory.CreateDirectory(path, OwnerOnly | UnixFileMode.UserExecute);
}
