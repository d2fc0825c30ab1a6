using System.Runtime.InteropServices;
using System.Text;

namespace HaGrpc.Linux.Processes;

/// <summary>
/// A folder of our own in the cgroup v2 hierarchy, in which every program has a cgroup. To find and kill it takes no controller, so that
/// a hybrid system's /sys/fs/cgroup/unified will do; the controllers that limits need are switched on when the first program needs them.
/// </summary>
internal sealed partial class CgroupRoot
{
    private readonly string _parent;

    private CgroupRoot(string parent, string path) => (_parent, Path) = (parent, path);

    /// <summary>Absolute path of the folder.</summary>
    public string Path { get; }

    /// <summary>Makes the folder; null where there is no writable cgroup v2 hierarchy with cgroup.kill (Linux 5.14).</summary>
    /// <param name="name">Name of the folder, unique to this agent on this machine.</param>
    /// <param name="reason">Why there is none.</param>
    public static CgroupRoot? TryOpen(string name, out string reason)
    {
        foreach (var mount in (ReadOnlySpan<string>)["/sys/fs/cgroup", "/sys/fs/cgroup/unified"])
        {
            if (File.Exists(System.IO.Path.Combine(mount, "cgroup.procs")))
                return TryOpen(mount, OwnCgroup(), name, out reason);
        }
        reason = "no cgroup v2 hierarchy is mounted at /sys/fs/cgroup or /sys/fs/cgroup/unified";
        return null;
    }

    /// <summary>Makes the folder in a hierarchy.</summary>
    /// <param name="mount">Where the hierarchy is mounted.</param>
    /// <param name="own">The cgroup of this process, relative to it.</param>
    /// <param name="name">Name of the folder.</param>
    /// <param name="reason">Why there is none.</param>
    public static CgroupRoot? TryOpen(string mount, string own, string name, out string reason)
    {
        var parent = System.IO.Path.Combine(mount, own);
        // A cgroup that has processes of its own passes no controller on. A service manager that wants one to be passed on puts the
        // agent one level below what it has delegated (systemd: Delegate=yes with DelegateSubgroup=), and marks that.
        if (own.Length > 0 && System.IO.Path.GetDirectoryName(parent) is { } above && IsDelegated(above))
            parent = above;
        var path = System.IO.Path.Combine(parent, name);
        try
        {
            Directory.CreateDirectory(path);
            reason = File.Exists(System.IO.Path.Combine(path, "cgroup.kill")) ? "" : $"{path} has no cgroup.kill (Linux 5.14 has)";
            return reason.Length == 0 ? new CgroupRoot(parent, path) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            reason = error.Message;
            return null;
        }
    }

    /// <summary>Makes the cgroup of a program's instance: a fresh one, because the kernel remembers of an old one that it was killed, and
    /// may kill what is forked into it.</summary>
    /// <param name="name">Its name; one that somebody is in gets a number behind it.</param>
    /// <exception cref="IOException">It could not be made.</exception>
    public Cgroup Create(string name)
    {
        var path = System.IO.Path.Combine(Path, name);
        for (var number = 2; !Cgroup.TryRemove(path, out var isBusy) && isBusy; number++)
            path = System.IO.Path.Combine(Path, $"{name}:{number}");
        // Where it cannot be removed for another reason it has to do as it is.
        var isNew = !Directory.Exists(path);
        Directory.CreateDirectory(path);
        return new Cgroup(path) { IsNew = isNew };
    }

    /// <summary>Makes a controller available to the programs' cgroups; harmless when it is.</summary>
    /// <param name="controller">cpu, memory or pids.</param>
    /// <returns>Empty, or why it cannot be had.</returns>
    public string Enable(string controller)
    {
        try
        {
            foreach (var folder in (ReadOnlySpan<string>)[_parent, Path])
            {
                if (!Lists(folder, "cgroup.controllers", controller))
                    return $"the {controller} controller of cgroup v2 is not available in {folder} (cgroup.controllers)";
                if (Lists(folder, "cgroup.subtree_control", controller))
                    continue;
                if (IsInhabited(folder))
                    return Refused(controller, "processes are in it");
                Cgroup.WriteExisting(System.IO.Path.Combine(folder, "cgroup.subtree_control"), $"+{controller}");
            }
            return "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Refused(controller, error.Message);
        }
    }

    private string Refused(string controller, string why) =>
        $"the {controller} controller of cgroup v2 cannot be switched on in {_parent}: {why}; the agent has to run in a cgroup below one "
        + "that is delegated to it (systemd from 254 on: Delegate=yes and DelegateSubgroup=agent)";

    // The kernel refuses memory where processes are. It takes cpu and pids, which can divide threads, and lets no process into the cgroups
    // below any more: no program would start. The root, which has no type, is exempt.
    private static bool IsInhabited(string folder) =>
        File.Exists(System.IO.Path.Combine(folder, "cgroup.type"))
        && File.ReadAllText(System.IO.Path.Combine(folder, "cgroup.procs")).Length > 0;

    /// <summary>Removes the folder if no program's cgroup is left in it; <see cref="Create"/> makes it again.</summary>
    public void Remove() => _ = RemoveDirectory(Path);

    /// <summary>Removes the cgroups that nobody is in.</summary>
    /// <param name="used">Paths of those that are kept all the same: a process may be about to be started in them.</param>
    public void RemoveEmpty(IReadOnlySet<string> used)
    {
        try
        {
            foreach (var folder in Directory.GetDirectories(Path).Where(folder => !used.Contains(folder)))
                _ = Cgroup.TryRemove(folder, out _);
        }
        catch (Exception hidden) when (hidden is IOException or UnauthorizedAccessException)
        {
            // They cost little; the next start of the program uses its own again.
        }
    }

    /// <summary>rmdir(2): Directory.Delete would look at the kernel's files first.</summary>
    [LibraryImport("libc", EntryPoint = "rmdir", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int RemoveDirectory(string path);

    private static bool Lists(string folder, string file, string controller) =>
        File.ReadAllText(System.IO.Path.Combine(folder, file)).Split([' ', '\n']).Contains(controller);

    private static unsafe bool IsDelegated(string path)
    {
        Span<byte> value = stackalloc byte[4];
        fixed (byte* buffer = value)
        {
            foreach (var name in (ReadOnlySpan<string>)["user.delegate", "trusted.delegate"])
            {
                var length = (int)Libc.getxattr(path, name, buffer, (nuint)value.Length);
                if (length > 0 && Encoding.ASCII.GetString(value[..length]) == "1")
                    return true;
            }
        }
        return false;
    }

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
