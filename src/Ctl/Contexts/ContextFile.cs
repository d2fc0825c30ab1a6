using System.Text.Json;
using HaGrpc.Ctl.Connection;

namespace HaGrpc.Ctl.Contexts;

/// <summary>
/// Where this operator's control planes are and how they come in: a file of JSON, by default <c>~/.config/hagrpc/config</c>. It may hold tokens, so
/// it is written for its owner alone, and not read when others can.
/// </summary>
internal static class ContextFile
{
    private const UnixFileMode Own = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    /// <summary>The file; null when nobody says where the operator's home is.</summary>
    internal static string? PathOf(Func<string, string?> variable)
    {
        if (variable("HACTL_CONFIG") is { Length: > 0 } given)
            return given;
        if (variable("XDG_CONFIG_HOME") is { Length: > 0 } folder && Path.IsPathFullyQualified(folder))
            return Path.Join(folder, "hagrpc", "config");
        return variable("HOME") is { Length: > 0 } home ? Path.Join(home, ".config", "hagrpc", "config") : null;
    }

    /// <summary>What stands in the file; nothing when there is none.</summary>
    /// <exception cref="UsageException">It cannot be read, it is wrong, or others can read its tokens.</exception>
    internal static ContextList Read(Func<string, string?> variable)
    {
        if (PathOf(variable) is not { } path || !File.Exists(path))
            return new();
        try
        {
            // The mode is that of the file that is read, whatever becomes of its name meanwhile.
            using var file = File.OpenRead(path);
            var mode = File.GetUnixFileMode(file.SafeFileHandle);
            var contexts = JsonSerializer.Deserialize(file, ContextShapes.Default.ContextList) ?? new();
            if ((mode & Others) != 0 && contexts.All.Any(c => c.Token is not null))
                throw new UsageException($"{path}: others can read it, and it holds a token: chmod 600 {path}, and replace the token if they may have read it");
            return contexts;
        }
        catch (JsonException error)
        {
            throw new UsageException($"{path}: not valid: {error.Message}");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: cannot be read: {error.Message}");
        }
    }

    /// <summary>Replaces the file, as a whole or not at all, readable by its owner alone.</summary>
    /// <exception cref="UsageException">It cannot be written.</exception>
    internal static void Write(Func<string, string?> variable, ContextList contexts)
    {
        var path = PathOf(variable) ?? throw new UsageException("there is no place for contexts: HOME is not set; give HACTL_CONFIG");
        var fresh = $"{path}.{Environment.ProcessId}";
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } folder)
                Directory.CreateDirectory(folder, Own | UnixFileMode.UserExecute);
            File.Delete(fresh);
            using (var file = new FileStream(fresh, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = Own }))
                JsonSerializer.Serialize(file, contexts, ContextShapes.Default.ContextList);
            File.Move(fresh, path, overwrite: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Remove(fresh);
            throw new UsageException($"{path}: cannot be written: {error.Message}");
        }
    }

    // Half of it may hold a token already.
    private static void Remove(string fresh)
    {
        try
        {
            File.Delete(fresh);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // What is wrong is told.
        }
    }
}
