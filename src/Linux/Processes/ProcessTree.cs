using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Processes;

/// <summary>
/// The descendants of a process, found by parent pids. Where the root is a child subreaper (prctl(2)) nothing can leave the
/// tree, whatever it does with sessions and double forks: orphans become the root's children.
/// </summary>
internal static unsafe class ProcessTree
{
    private const int SysGetDents64Arm64 = 61, SysGetDents64X64 = 217;

    /// <summary>Sends SIGKILL to every descendant of <paramref name="root"/> that is not a zombie (not to itself).</summary>
    /// <param name="root">The process whose descendants they are.</param>
    /// <param name="spared">A child that is left alone and not counted; 0 for none.</param>
    /// <returns>How many there were. Killing makes orphans and a fork may race: repeat until 0.</returns>
    public static int KillDescendants(int root, int spared = 0)
    {
        var links = Links(out var count);
        var killed = 0;
        try
        {
            // Marks spread from the root until nothing new is found; trees are shallow, so a few passes suffice.
            for (var changed = true; changed;)
            {
                changed = false;
                for (var i = 0; i < count; i++)
                {
                    if (links[i].Marked || !(links[i].Parent == root || IsMarked(links, count, links[i].Parent)))
                        continue;
                    links[i].Marked = changed = true;
                }
            }
            for (var i = 0; i < count; i++)
            {
                if (!links[i].Marked || links[i].Zombie || links[i].Pid == spared)
                    continue;
                _ = Libc.kill(links[i].Pid, Libc.SIGKILL);
                killed++;
            }
            return killed;
        }
        finally
        {
            NativeMemory.Free(links);
        }
    }

    /// <summary>
    /// Goes through a process that is nobody's child here, with what belongs to it: its descendants, and what is in the process group or the
    /// session that bears its number. Such a number is not given to anybody else while one of them lives.
    /// </summary>
    /// <param name="root">The process; it may be over by now.</param>
    /// <param name="leads">True when the process group, or the session, of its number is its own.</param>
    /// <param name="known">Others that are known to belong to it, for as long as they live.</param>
    /// <param name="signal">Sent to each that is not a zombie; 0 for nothing.</param>
    /// <returns>How many there were.</returns>
    public static int SignalFamily(ProcessIdentity root, bool leads, ReadOnlySpan<ProcessIdentity> known, int signal) =>
        Visit(root, leads, known, signal, null, null);

    /// <summary>The processes of a family, as for <see cref="SignalFamily"/>.</summary>
    public static ProcessIdentity[] Family(ProcessIdentity root, bool leads, ReadOnlySpan<ProcessIdentity> known)
    {
        var found = new List<ProcessIdentity>();
        _ = Visit(root, leads, known, 0, null, found);
        return [.. found];
    }

    /// <summary>Writes the pid of each process of a family, as for <see cref="SignalFamily"/>, into a cgroup.</summary>
    /// <param name="root">The process.</param>
    /// <param name="leads">True when the process group, or the session, of its number is its own.</param>
    /// <param name="join">The cgroup's <c>cgroup.procs</c>.</param>
    /// <returns>How many there were.</returns>
    public static int JoinFamily(ProcessIdentity root, bool leads, byte* join) => Visit(root, leads, default, 0, join, null);

    private static int Visit(
        ProcessIdentity root, bool leads, ReadOnlySpan<ProcessIdentity> known, int signal, byte* each, List<ProcessIdentity>? all)
    {
        var links = Links(out var count);
        var found = 0;
        try
        {
            var isRoot = false;
            for (var i = 0; i < count; i++)
            {
                links[i].Marked = known.Contains(new ProcessIdentity(links[i].Pid, links[i].StartTime));
                if (links[i].Pid != root.Pid)
                    continue;
                links[i].Marked = isRoot = links[i].StartTime == root.StartTime;
                // Somebody else has the number: then nothing of the family is left that could be told by it.
                leads &= isRoot;
            }
            for (var i = 0; i < count && leads; i++)
                links[i].Marked |= links[i].Group == root.Pid || links[i].Session == root.Pid;
            for (var changed = true; changed;)
            {
                changed = false;
                for (var i = 0; i < count; i++)
                {
                    if (links[i].Marked || !IsMarked(links, count, links[i].Parent))
                        continue;
                    links[i].Marked = changed = true;
                }
            }
            for (var i = 0; i < count; i++)
            {
                if (!links[i].Marked || links[i].Zombie)
                    continue;
                found++;
                all?.Add(new ProcessIdentity(links[i].Pid, links[i].StartTime));
                if (signal != 0)
                    _ = Libc.kill(links[i].Pid, signal);
                if (each is not null)
                    WritePid(each, links[i].Pid);
            }
            return found;
        }
        finally
        {
            NativeMemory.Free(links);
        }
    }

    private static void WritePid(byte* path, int pid)
    {
        var fd = Libc.open(path, Libc.O_WRONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
            return;
        var text = stackalloc byte[24];
        _ = Libc.write(fd, text, ProcFile.Digits(pid, text));
        _ = Libc.close(fd);
    }

    private static bool IsMarked(Link* links, int count, int pid)
    {
        // /proc lists pids in ascending order.
        int low = 0, high = count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (links[middle].Pid == pid)
                return links[middle].Marked;
            if (links[middle].Pid < pid)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return false;
    }

    private static Link* Links(out int count)
    {
        var capacity = 256;
        var links = (Link*)NativeMemory.Alloc((nuint)(capacity * sizeof(Link)));
        count = 0;
        var pids = new PidList();
        while (pids.Next(out var pid))
        {
            if (!ProcessStatus.TryRead(pid, out var status))
                continue;
            if (count == capacity)
            {
                capacity *= 2;
                links = (Link*)NativeMemory.Realloc(links, (nuint)(capacity * sizeof(Link)));
            }
            links[count++] = new Link
            {
                Pid = pid,
                Parent = status.ParentPid,
                Group = status.Group,
                Session = status.Session,
                StartTime = status.StartTime,
                Zombie = status.IsZombie,
            };
        }
        return links;
    }

    private struct Link
    {
        public int Pid;
        public int Parent;
        public int Group;
        public int Session;
        public long StartTime;
        public bool Zombie;
        public bool Marked;
    }

    /// <summary>Walks the numeric entries of /proc with getdents64(2).</summary>
    internal ref struct PidList
    {
        private readonly int _fd;
        private fixed byte _buffer[4096];
        private int _filled;
        private int _at;

        public PidList()
        {
            fixed (byte* path = "/proc"u8)
                _fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        }

        public bool Next(out int pid)
        {
            fixed (byte* buffer = _buffer)
            {
                while (true)
                {
                    if (_at >= _filled)
                    {
                        var call = RuntimeInformation.ProcessArchitecture == Architecture.Arm64
                            ? SysGetDents64Arm64
                            : SysGetDents64X64;
                        _filled = (int)Libc.syscall(call, _fd, (nint)buffer, 4096, 0);
                        _at = 0;
                        if (_filled <= 0)
                        {
                            _ = Libc.close(_fd);
                            pid = 0;
                            return false;
                        }
                    }
                    // struct linux_dirent64: ino 8, off 8, reclen 2, type 1, name.
                    var entry = buffer + _at;
                    _at += *(ushort*)(entry + 16);
                    pid = 0;
                    for (var name = entry + 19; *name is >= (byte)'0' and <= (byte)'9'; name++)
                        pid = (pid * 10) + *name - '0';
                    if (pid > 0)
                        return true;
                }
            }
        }
    }
}
