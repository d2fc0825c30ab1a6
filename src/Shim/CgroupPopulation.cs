using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>Whether a process is left in a program's cgroup, or in one below it.</summary>
internal static unsafe class CgroupPopulation
{
    /// <summary>True when there is one.</summary>
    /// <param name="events">The path of its <c>cgroup.events</c>; null for a program that has no cgroup.</param>
    public static bool IsAny(byte* events)
    {
        if (events is null)
            return false;
        var buffer = stackalloc byte[128];
        var fd = Libc.open(events, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
            return false;
        var count = (int)Libc.read(fd, buffer, 128);
        _ = Libc.close(fd);
        return count > 0 && new ReadOnlySpan<byte>(buffer, count).IndexOf("populated 1"u8) >= 0;
    }
}
