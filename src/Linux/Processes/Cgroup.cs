namespace HaGrpc.Linux.Processes;

/// <summary>A cgroup v2 that holds one program's tree. A path that has gone is an empty cgroup.</summary>
/// <param name="path">Absolute path of its folder.</param>
internal sealed class Cgroup(string path)
{
    /// <summary>Absolute path of its folder.</summary>
    public string Path { get; } = path;

    /// <summary>Write 0 to it to join.</summary>
    public string Processes => System.IO.Path.Combine(Path, "cgroup.procs");

    /// <summary>Write 1 to it to SIGKILL every process in it at once.</summary>
    public string KillFile => System.IO.Path.Combine(Path, "cgroup.kill");

    /// <summary>Says whether a process is in it.</summary>
    public string Events => System.IO.Path.Combine(Path, "cgroup.events");

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

    /// <summary>Removes it if it is empty.</summary>
    public void Remove() => _ = CgroupRoot.RemoveDirectory(Path);
}
