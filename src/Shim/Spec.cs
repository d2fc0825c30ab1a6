using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// The file <c>spec</c> that the agent wrote (see HaGrpc.Linux.Shims.ShimSpec): <c>key=value</c> records, each ended by a zero
/// byte, the last one <c>end=</c>. It is read once into memory that stays, and values are pointed to in place:
/// they are C strings already, which is what exec wants.
/// </summary>
internal readonly unsafe struct Spec
{
    private readonly byte* _start;
    private readonly int _length;

    private Spec(byte* start, int length)
    {
        _start = start;
        _length = length;
    }

    /// <summary>Reads <c>spec</c>, or <c>logs</c>, in the current directory; false when it is missing or cut short.</summary>
    public static bool TryLoad(byte* name, out Spec spec)
    {
        spec = default;
        var fd = Libc.open(name, Libc.O_RDONLY | Libc.O_CLOEXEC, 0);
        if (fd < 0)
            return false;
        var size = (int)Libc.lseek(fd, 0, 2);
        var start = (byte*)Libc.malloc((nuint)size + 1);
        var complete = Libc.pread(fd, start, size, 0) == size && new ReadOnlySpan<byte>(start, size).EndsWith("end=\0"u8);
        _ = Libc.close(fd);
        spec = new Spec(start, size);
        return complete;
    }

    /// <summary>Frees the memory of one that nothing points into.</summary>
    public void Free() => Libc.free(_start);

    /// <summary>The value of the first record with this key (which ends in <c>=</c>), or null.</summary>
    public byte* Find(ReadOnlySpan<byte> key)
    {
        var at = 0;
        return Next(key, ref at);
    }

    /// <summary>A number, or <paramref name="missing"/>.</summary>
    public long Number(ReadOnlySpan<byte> key, long missing)
    {
        var text = Find(key);
        if (text is null)
            return missing;
        long value = 0;
        for (; *text is >= (byte)'0' and <= (byte)'9'; text++)
            value = (value * 10) + *text - '0';
        return value;
    }

    /// <summary>The values of all records with this key as a null-terminated array of C strings.</summary>
    public byte** All(ReadOnlySpan<byte> key, out int count)
    {
        count = 0;
        for (var at = 0; Next(key, ref at) is not null;)
            count++;
        var all = (byte**)Libc.malloc((nuint)((count + 1) * sizeof(byte*)));
        var position = 0;
        for (var i = 0; i <= count; i++)
            all[i] = Next(key, ref position);
        return all;
    }

    /// <summary>The value of the next record with this key from <paramref name="at"/> on, or null at the end.</summary>
    private byte* Next(ReadOnlySpan<byte> key, ref int at)
    {
        while (at < _length)
        {
            var record = new ReadOnlySpan<byte>(_start + at, _length - at);
            var start = at;
            at += record.IndexOf((byte)0) + 1;
            if (record.StartsWith(key))
                return _start + start + key.Length;
        }
        return null;
    }

    /// <summary>A literal as a C string: literals live in the binary and do not move.</summary>
    public static byte* Name(ReadOnlySpan<byte> literal) =>
        (byte*)System.Runtime.CompilerServices.Unsafe.AsPointer(
            ref System.Runtime.InteropServices.MemoryMarshal.GetReference(literal));
}
