using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// Text of a state or exit record (see HaGrpc.Linux.Shims.ShimRecord): lines <c>key=value</c>, the last one <c>end=</c>. What is
/// put on file is what is sent to the agent.
/// </summary>
internal unsafe struct Record
{
    private const int Capacity = 4096;
    private fixed byte _text[Capacity];
    private int _length;

    /// <summary>Appends a number; a negative one too.</summary>
    public void Add(ReadOnlySpan<byte> key, long value)
    {
        var digits = stackalloc byte[24];
        var count = 0;
        if (value < 0)
            digits[count++] = (byte)'-';
        count += ProcFile.Digits(Math.Abs(value), digits + count);
        Add(key, new ReadOnlySpan<byte>(digits, count));
    }

    /// <summary>Appends a process: <c>pid:start time</c>; its start time is read now.</summary>
    public void AddProcess(ReadOnlySpan<byte> key, int pid)
    {
        if (!ProcessStatus.TryRead(pid, out var status))
            return;
        var text = stackalloc byte[48];
        var count = ProcFile.Digits(pid, text);
        text[count++] = (byte)':';
        count += ProcFile.Digits(status.StartTime, text + count);
        Add(key, new ReadOnlySpan<byte>(text, count));
    }

    /// <summary>Appends a C string; null is left out.</summary>
    public void Add(ReadOnlySpan<byte> key, byte* value)
    {
        if (value is not null)
            Add(key, System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpanFromNullTerminated(value));
    }

    /// <summary>Appends text. What does not fit is cut off; only paths are long, and those come last. A path may hold line breaks, which would
    /// begin another record.</summary>
    public void Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var room = Capacity - _length - key.Length - 8;
        if (room < 0)
            return;
        if (value.Length > room)
            value = value[..room];
        fixed (byte* text = _text)
        {
            key.CopyTo(new Span<byte>(text + _length, key.Length));
            _length += key.Length;
            var copy = new Span<byte>(text + _length, value.Length);
            value.CopyTo(copy);
            copy.Replace((byte)'\n', (byte)' ');
            _length += value.Length;
            text[_length++] = (byte)'\n';
        }
    }

    /// <summary>Takes the room that a record needs, so that <see cref="Store"/> needs none when the disk is full by then.</summary>
    public static void Reserve(byte* temporary)
    {
        var fd = Libc.open(temporary, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_CLOEXEC, 0x180);
        if (fd < 0)
            return;
        var nothing = stackalloc byte[Capacity];
        _ = Libc.write(fd, nothing, Capacity);
        _ = Libc.close(fd);
    }

    /// <summary>Ends the record and puts it on file under a new name first, so that a reader never sees half of one.</summary>
    public void Store(byte* temporary, byte* path)
    {
        // Over what is there: that room is ours.
        var fd = Libc.open(temporary, Libc.O_WRONLY | Libc.O_CREAT | Libc.O_CLOEXEC, 0x180);
        if (fd < 0)
            return;
        bool isWhole;
        fixed (byte* text = _text)
            isWhole = Libc.write(fd, text, _length) == _length;
        isWhole = isWhole && Libc.write(fd, Spec.Name("end=\n"u8), 5) == 5 && Libc.ftruncate(fd, _length + 5) == 0;
        _ = Libc.close(fd);
        if (isWhole)
            _ = Libc.rename(temporary, path);
    }

    /// <summary>Sends the record as one packet.</summary>
    public void Send(int socket)
    {
        var packet = stackalloc byte[Capacity + 8];
        fixed (byte* text = _text)
            new ReadOnlySpan<byte>(text, _length).CopyTo(new Span<byte>(packet, Capacity));
        "end=\n"u8.CopyTo(new Span<byte>(packet + _length, 8));
        _ = Libc.send(socket, packet, _length + 5, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL);
    }
}
