using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace HaGrpc.Linux.Netlink;

/// <summary>Writes netlink messages (linux/netlink.h) one after the other into a buffer, without allocating.</summary>
internal ref struct MessageBuilder(Span<byte> buffer)
{
    private readonly Span<byte> _buffer = buffer;
    private int _start;

    /// <summary>Bytes written so far, padding included.</summary>
    public int Length { get; private set; }

    /// <summary>The messages written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer[..Length];

    /// <summary>Starts a message; <see cref="End"/> completes its length.</summary>
    public void Begin(ushort type, ushort flags, uint sequence)
    {
        _start = Length;
        var header = Take(NetlinkConstants.HeaderLength);
        MemoryMarshal.Write(header[4..], type);
        MemoryMarshal.Write(header[6..], flags);
        MemoryMarshal.Write(header[8..], sequence);
    }

    /// <summary>Appends the family's fixed header, zeroed, for the caller to fill.</summary>
    public Span<byte> Fixed(int length) => Take(length);

    /// <summary>Completes the message started last.</summary>
    public readonly void End() => MemoryMarshal.Write(_buffer[_start..], Length - _start);

    /// <summary>Starts a nested attribute; pass the result to <see cref="EndNested"/>.</summary>
    public int BeginNested(ushort type)
    {
        int start = Length;
        MemoryMarshal.Write(Take(4)[2..], (ushort)(type | NetlinkConstants.NestedAttribute));
        return start;
    }

    /// <summary>Completes a nested attribute.</summary>
    public readonly void EndNested(int start) =>
        MemoryMarshal.Write(_buffer[start..], checked((ushort)(Length - start)));

    /// <summary>Appends an attribute.</summary>
    public void Attribute(ushort type, scoped ReadOnlySpan<byte> value)
    {
        var place = Take(4 + value.Length);
        MemoryMarshal.Write(place, checked((ushort)(4 + value.Length)));
        MemoryMarshal.Write(place[2..], type);
        value.CopyTo(place[4..]);
    }

    /// <summary>Appends a 32-bit attribute in the machine's byte order (rtnetlink).</summary>
    public void AttributeUInt32(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        MemoryMarshal.Write(bytes, value);
        Attribute(type, bytes);
    }

    /// <summary>Appends a 32-bit attribute in network byte order (nfnetlink).</summary>
    public void AttributeUInt32BigEndian(ushort type, uint value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    /// <summary>Appends a 64-bit attribute in network byte order (nf_tables).</summary>
    public void AttributeUInt64BigEndian(ushort type, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Attribute(type, bytes);
    }

    /// <summary>Appends a string attribute with its final NUL.</summary>
    public void AttributeString(ushort type, string value)
    {
        Span<byte> bytes = stackalloc byte[128];
        int length = Encoding.UTF8.GetBytes(value, bytes[..127]);
        bytes[length] = 0;
        Attribute(type, bytes[..(length + 1)]);
    }

    private Span<byte> Take(int length)
    {
        var place = _buffer.Slice(Length, length);
        place.Clear();
        int padded = (length + 3) & ~3;
        _buffer[(Length + length)..(Length + padded)].Clear();
        Length += padded;
        return place;
    }
}
