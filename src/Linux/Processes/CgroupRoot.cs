using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>
/// A folder of our own in the cgroup v2 hierarchy, under the cgroup that this process is in. Used to find and kill only, so that
/// no controller is needed, and a hybrid system's /sys/fs/cgroup/unified will do.
/// </summary>
internal sealed partial class CgroupRoot
{
    private CgroupRoot(string path) => Path = path;

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Makes the folder; null where there is no writable cgroup v2 hierarchy with cgroup.kill (Linux 5.14).</summary>
    /// <param name="name">Name of the folder, unique to this agent on this machine.</param>
    /// <param name="reason">Why there is none.</param>
    public static CgroupRoot? TryOpen(string name, out string reason)
    {
        foreach (var mount in (ReadOnlySpan<string>)["/sys/fs/cgroup", "/sys/fs/cgroup/unified"])
        {
            if (!File.Exists(System.IO.Path.Combine(mount, "cgroup.procs")))
                continue;
            var path = System.IO.Path.Combine(mount, OwnCgroup(), name);
            try
            {
                Directory.CreateDirectory(path);
                reason = File.Exists(System.IO.Path.Combine(path, "cgroup.kill")) ? "" : $"{path} has no cgroup.kill (Linux 5.14 has)";
                return reason.Length == 0 ? new CgroupRoot(path) : null;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                reason = error.Message;
                return null;
            }
        }
        reason = "no cgroup v2 hierarchy is mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified";
        return null;
    }

    /// <summary>Makes the cgroup of a program.</summary>
    /// <exception cref="IOException">It could not be made.</exception>
    public Cgroup Create(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(path);
        return new Cgroup(path);
    }

    /// <summary>Removes the folder if no program's cgroup is left in it.</summary>
    public void Remove() => _ = RemoveDirectory(Path);

    /// <summary>rmdir(2): Directory.Delete would look at the kernel's files first.</summary>
    [LibraryImport("libc", EntryPoint = "rmdir", StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RemoveDirectory(string path);

    // In the hybrid layout, too, the v2 hierarchy is the line that begins with "0::".
    private static string OwnCgroup()
    {
        foreach (var line in File.ReadAllLines("/proc/self/cgroup"))
        {
            if (line.StartsWith("0::/", StringComparison.Ordinal))
                return line[4..];
        }
        return "";
    }
}
