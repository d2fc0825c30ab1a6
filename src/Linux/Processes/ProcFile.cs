namespace HaGrpc.Linux.Processes;

/// <summary>Reads /proc/PID/… into a buffer without allocating, so that the shim stays small.</summary>
internal static unsafe class ProcFile
{
    /// <summary>Reads at most <paramref name="size"/> bytes; -1 when the file cannot be opened.</summary>
    public static int Read(int pid, ReadOnlySpan<byte> suffix, byte* buffer, int size)
    {
        var path = stackalloc byte[64];
        Path(path, pid, suffix);
        var fd = Libc.open(path, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
            return -1;
        var total = 0;
        while (total < size)
        {
            var count = (int)Libc.read(fd, buffer + total, size - total);
            if (count <= 0)
                break;
            total += count;
        }
        _ = Libc.close(fd);
        return total;
    }

    private static void Path(byte* path, int pid, ReadOnlySpan<byte> suffix)
    {
        "/proc/"u8.CopyTo(new Span<byte>(path, 6));
        var end = path + 6 + Digits(pid, path + 6);
        suffix.CopyTo(new Span<byte>(end, suffix.Length));
        end[suffix.Length] = 0;
    }

    /// <summary>Writes a number that is not negative in decimal and returns how many bytes that took.</summary>
    public static int Digits(long value, byte* target)
    {
        var count = 1;
        for (var rest = value / 10; rest > 0; rest /= 10)
            count++;
        for (var i = count - 1; i >= 0; i--, value /= 10)
            target[i] = (byte)('0' + (value % 10));
        return count;
    }
}
