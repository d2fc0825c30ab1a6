using System.Globalization;
using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>A cgroup v2 that holds one program's tree. A path that has gone is an empty cgroup.</summary>
/// <param name="path">Absolute path of its folder.</param>
internal sealed class Cgroup(string path)
{
    /// <summary>Absolute path of its folder.</summary>
    public string Path { get; } = path;

    /// <summary>False when the folder was there already, with what somebody has set in it.</summary>
    public bool IsNew { get; init; }

    /// <summary>Write 0 to it to join.</summary>
    public string Processes => System.IO.Path.Combine(Path, "cgroup.procs");

    /// <summary>Write 1 to it to SIGKILL every process in it at once.</summary>
    public string KillFile => System.IO.Path.Combine(Path, "cgroup.kill");

    /// <summary>Says whether a process is in it.</summary>
    public string Events => System.IO.Path.Combine(Path, "cgroup.events");

    /// <summary>Counts what its memory limit has led to; null when the controller is off.</summary>
    public string? MemoryEvents => Present("memory.events");

    /// <summary>Counts how often a process was refused; null when the controller is off.</summary>
    public string? PidsEvents => Present("pids.events");

    /// <summary>Percentage of the last ten seconds in which all of it that could run waited for memory; 0 where the kernel does not measure it.</summary>
    public double MemoryStall =>
        Line("memory.pressure", "full avg10=") is { } line && line.Split(' ')[0] is var share
        && double.TryParse(share, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) ? percent : 0;

    /// <summary>The number behind a key in one of the kernel's files, such as <c>max</c> in <c>pids.events</c>; 0 when there is none.</summary>
    public long Count(string file, string key) =>
        long.TryParse(Line(file, $"{key} "), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : 0;

    /// <summary>Writes one of the kernel's files in it, such as <c>memory.max</c>.</summary>
    /// <returns>Empty, or why the kernel did not take it.</returns>
    public string Set(string file, string value)
    {
        try
        {
            WriteExisting(System.IO.Path.Combine(Path, file), value);
            return "";
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            return $"{file}: {refused.Message}";
        }
    }

    /// <summary>Writes a file of the kernel's, which is never made by writing it.</summary>
    /// <exception cref="IOException">There is none, or the kernel refused the value.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static void WriteExisting(string path, string value)
    {
        using var file = new FileStream(path, FileMode.Truncate, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        file.Write(System.Text.Encoding.ASCII.GetBytes(value));
    }

    /// <summary>SIGKILLs everything in it; true when something was there.</summary>
    public bool Kill()
    {
        try
        {
            if (!File.ReadAllText(Events).Contains("populated 1", StringComparison.Ordinal))
                return false;
            File.WriteAllText(KillFile, "1");
            return true;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Removes it, with the cgroups that the program has made in it, if no process is in any of them.</summary>
    public void Remove() => _ = TryRemove(Path, out _);

    /// <summary>As <see cref="Remove"/>.</summary>
    /// <param name="path">Absolute path of its folder.</param>
    /// <param name="isBusy">True when it is still there because somebody is in it.</param>
    /// <returns>True when there is none of this path any more.</returns>
    public static bool TryRemove(string path, out bool isBusy)
    {
        if (RemoveFolder(path, out isBusy))
            return true;
        if (!isBusy)
            return false;
        try
        {
            foreach (var inner in Directory.GetDirectories(path))
                _ = TryRemove(inner, out _);
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            return false;
        }
        return RemoveFolder(path, out isBusy);
    }

    private static bool RemoveFolder(string path, out bool isBusy)
    {
        isBusy = false;
        if (CgroupRoot.RemoveDirectory(path) == 0)
            return true;
        var error = Marshal.GetLastPInvokeError();
        isBusy = error == Libc.EBUSY;
        return error == Libc.ENOENT;
    }

    // What follows the beginning of the line that has it; null when there is none.
    private string? Line(string file, string begin)
    {
        try
        {
            return File.ReadLines(System.IO.Path.Combine(Path, file)).FirstOrDefault(line => line.StartsWith(begin, StringComparison.Ordinal))?[begin.Length..];
        }
        catch (Exception absent) when (absent is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string? Present(string file) =>
        System.IO.Path.Combine(Path, file) is var path && File.Exists(path) ? path : null;
}
