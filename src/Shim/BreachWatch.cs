using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// Tells which limit an end had to do with: by the kernel's counters in the program's cgroup, which rise when it kills or refuses, by the
/// signals of setrlimit(2)'s limits, and by the processor time used. What cannot be told is not guessed.
/// </summary>
internal readonly unsafe struct BreachWatch
{
    private const int SIGXCPU = 24, SIGXFSZ = 25;

    private readonly byte* _memoryEvents;
    private readonly byte* _pidsEvents;
    private readonly long _oom;
    private readonly long _killed;
    private readonly long _refused;
    private readonly long _cpuSeconds;

    /// <param name="spec">What is run; the program has not begun.</param>
    public BreachWatch(Spec spec)
    {
        _memoryEvents = spec.Find("memoryevents="u8);
        _pidsEvents = spec.Find("pidsevents="u8);
        _oom = Count(_memoryEvents, "oom "u8);
        _killed = Count(_memoryEvents, "oom_kill "u8);
        _refused = Count(_pidsEvents, "max "u8);
        _cpuSeconds = spec.Number("cpuseconds="u8, long.MaxValue);
    }

    /// <summary>The limit, as in the exit record; empty for none.</summary>
    /// <param name="status">The main process's wait status.</param>
    /// <param name="microseconds">The processor time it had used, its children that it waited for included.</param>
    /// <param name="cause">Why it ended.</param>
    public ReadOnlySpan<byte> Of(int status, long microseconds, EndCause cause)
    {
        var signal = status & 0x7f;
        if (Count(_memoryEvents, "oom_kill "u8) > _killed)
            return Count(_memoryEvents, "oom "u8) > _oom ? "memory"u8 : "hostmemory"u8;
        if (signal == SIGXFSZ)
            return "fsize"u8;
        // At the soft limit the kernel sends SIGXCPU, at the hard one, which may be the same, SIGKILL. It samples there, at its ticks,
        // and measures here: on a busy machine the time used comes to less than the limit.
        if (signal == SIGXCPU || (signal == Libc.SIGKILL && cause == EndCause.Own && (microseconds + 500_000) / 900_000 >= _cpuSeconds))
            return "cpu"u8;
        return Count(_pidsEvents, "max "u8) > _refused ? "pids"u8 : default;
    }

    /// <summary>The number behind a key in a file of the kernel's; 0 when there is none.</summary>
    private static long Count(byte* path, ReadOnlySpan<byte> key)
    {
        const int Size = 512;
        var buffer = stackalloc byte[Size];
        var fd = path is null ? -1 : Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
            return 0;
        var text = new ReadOnlySpan<byte>(buffer, (int)Math.Max(0, Libc.read(fd, buffer, Size)));
        _ = Libc.close(fd);
        while (!text.IsEmpty)
        {
            var end = text.IndexOf((byte)'\n');
            var line = end < 0 ? text : text[..end];
            if (line.StartsWith(key))
            {
                var value = 0L;
                foreach (var digit in line[key.Length..])
                    value = (value * 10) + digit - '0';
                return value;
            }
            text = end < 0 ? default : text[(end + 1)..];
        }
        return 0;
    }
}
