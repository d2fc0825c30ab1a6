using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>Counts what a log's disk did not take. For both threads; what is noted in the log is the writer's own.</summary>
internal sealed unsafe class Loss
{
    /// <summary>What stands for an errno when a write did not return.</summary>
    public const int Hung = -1;

    private long _total;
    private long _noted;
    private int _error;
    private int _isOngoing;

    /// <summary>Bytes lost since the shim began.</summary>
    public long Total => Volatile.Read(ref _total);

    /// <summary>Why, the last time: an errno, or <see cref="Hung"/>.</summary>
    public int Error => Volatile.Read(ref _error);

    /// <summary>True from the first lost byte until something is written again.</summary>
    public bool IsOngoing => Volatile.Read(ref _isOngoing) != 0;

    /// <summary>Bytes that the log does not speak of yet.</summary>
    public long Pending => Total - _noted;

    /// <summary>Some bytes are lost.</summary>
    /// <returns>True for the first ones.</returns>
    public bool Add(long count, int error)
    {
        Volatile.Write(ref _error, error);
        _ = Interlocked.Add(ref _total, count);
        return Interlocked.Exchange(ref _isOngoing, 1) == 0;
    }

    /// <summary>The line that a log gets where bytes are missing.</summary>
    /// <param name="line">At least 256 bytes.</param>
    /// <param name="begins">True: the log's last line has an end.</param>
    /// <returns>Its length.</returns>
    public int Describe(byte* line, bool begins)
    {
        var end = line;
        if (!begins)
            *end++ = (byte)'\n';
        Append(ref end, "ha-shim: "u8);
        end += ProcFile.Digits(Pending, end);
        Append(ref end, " bytes of output were lost here: "u8);
        if (Error == Hung)
        {
            Append(ref end, "the disk took nothing for more than a second"u8);
        }
        else
        {
            var reason = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(Libc.strerror(Error));
            Append(ref end, reason[..Math.Min(reason.Length, 128)]);
        }
        *end++ = (byte)'\n';
        return (int)(end - line);
    }

    /// <summary>The log says what is missing.</summary>
    public void Note() => _noted = Total;

    /// <summary>It is written again.</summary>
    public void End() => Volatile.Write(ref _isOngoing, 0);

    private static void Append(ref byte* end, ReadOnlySpan<byte> text)
    {
        text.CopyTo(new Span<byte>(end, text.Length));
        end += text.Length;
    }
}
