using HaGrpc.Linux.Files;

namespace HaGrpc.Agent.Programs;

/// <summary>What a search for a command found.</summary>
internal enum Found
{
    /// <summary>A file that somebody may execute.</summary>
    Executable,

    /// <summary>A file that nobody may execute.</summary>
    NotExecutable,

    /// <summary>A directory.</summary>
    Directory,

    /// <summary>Nothing.</summary>
    Nothing,
}

/// <summary>
/// Finds a command as a start does, and as Supervisor does: a name without a slash on the PATH of the program's environment, else on the agent's
/// own; anything else from the program's directory. Whether the program's user may execute it, a start or <see cref="Linux.Files.AccessCheck"/> tells.
/// </summary>
/// <param name="Kind">What was found.</param>
/// <param name="Path">Where; the word itself when there is nothing.</param>
internal readonly record struct CommandSearch(Found Kind, string Path)
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>Searches.</summary>
    /// <param name="word">The command's first word.</param>
    /// <param name="directory">The program's directory; empty for the root directory.</param>
    /// <param name="path">The PATH of the program's environment; null when it has none of its own.</param>
    public static CommandSearch For(string word, string directory, string? path)
    {
        if (word.Contains('/', StringComparison.Ordinal))
            return At(System.IO.Path.Combine(directory.Length > 0 ? directory : "/", word));
        CommandSearch second = new(Found.Nothing, word);
        foreach (var folder in (path ?? Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin").Split(':'))
        {
            var here = At(System.IO.Path.Combine(folder.Length > 0 ? folder : ".", word));
            if (here.Kind == Found.Executable)
                return here;
            if (here.Kind == Found.NotExecutable && second.Kind == Found.Nothing)
                second = here;
        }
        return second;
    }

    private static CommandSearch At(string path)
    {
        if (System.IO.Directory.Exists(path))
            return new(Found.Directory, path);
        try
        {
            // A link that leads nowhere is a file to File.Exists, but nothing that could be executed.
            return new(
                FileStatus.Read(path, out _) != 0 ? Found.Nothing
                    : (File.GetUnixFileMode(path) & AnyExecute) == 0 ? Found.NotExecutable : Found.Executable,
                path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It went away between the two looks.
            return new(Found.Nothing, path);
        }
    }
}
