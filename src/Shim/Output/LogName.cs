using System.Runtime.InteropServices;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim.Output;

/// <summary>A log's path and the names of its backups, PATH.1 the youngest, as C strings. A name that it gives holds until it is asked
/// for the second next one.</summary>
internal sealed unsafe class LogName
{
    private const int Room = 32;

    private readonly int _length;
    private readonly byte* _first;
    private readonly byte* _second;
    private bool _usesSecond;

    /// <param name="path">Absolute path; copied.</param>
    public LogName(byte* path)
    {
        var text = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path);
        _length = text.Length;
        Path = Copy(text);
        _first = Copy(text);
        _second = Copy(text);
        Packing = Copy(text);
        ".gz.new\0"u8.CopyTo(new Span<byte>(Packing + _length, Room));
    }

    /// <summary>The log itself.</summary>
    public byte* Path { get; }

    /// <summary>What a backup is compressed into before it has its name.</summary>
    public byte* Packing { get; }

    /// <summary>True when this is that path.</summary>
    public bool Is(byte* path) => MemoryMarshal.CreateReadOnlySpanFromNullTerminated(path)
        .SequenceEqual(new ReadOnlySpan<byte>(Path, _length));

    /// <summary>A backup's name.</summary>
    /// <param name="number">1 or more.</param>
    /// <param name="packed">True for the compressed one.</param>
    public byte* Backup(int number, bool packed)
    {
        _usesSecond = !_usesSecond;
        var name = _usesSecond ? _second : _first;
        var end = name + _length;
        *end++ = (byte)'.';
        end += ProcFile.Digits(number, end);
        (packed ? ".gz\0"u8 : "\0"u8).CopyTo(new Span<byte>(end, 4));
        return name;
    }

    private static byte* Copy(ReadOnlySpan<byte> text)
    {
        var copy = (byte*)Libc.malloc((nuint)(text.Length + Room));
        text.CopyTo(new Span<byte>(copy, text.Length));
        copy[text.Length] = 0;
        return copy;
    }
}
