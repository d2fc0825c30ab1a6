using System.Runtime.InteropServices;

namespace HaGrpc.Linux.Netlink;

/// <summary>Walks the netlink messages in a received buffer.</summary>
internal ref struct MessageReader(ReadOnlySpan<byte> buffer)
{
    private ReadOnlySpan<byte> _rest = buffer;

    public ushort Type { get; private set; }

    public ushort Flags { get; private set; }

    public uint Sequence { get; private set; }

    /// <summary>Port id of the socket whose request caused the message; 0: the kernel itself.</summary>
    public uint PortId { get; private set; }

    public ReadOnlySpan<byte> Payload { get; private set; }

    /// <summary>Moves to the next message; false at the end, or where the rest is malformed.</summary>
    public bool Next()
    {
        if (_rest.Length < NetlinkConstants.HeaderLength)
            return false;
        int length = MemoryMarshal.Read<int>(_rest);
        if (length < NetlinkConstants.HeaderLength || length > _rest.Length)
            return false;
        Type = MemoryMarshal.Read<ushort>(_rest[4..]);
        Flags = MemoryMarshal.Read<ushort>(_rest[6..]);
        Sequence = MemoryMarshal.Read<uint>(_rest[8..]);
        PortId = MemoryMarshal.Read<uint>(_rest[12..]);
        Payload = _rest[NetlinkConstants.HeaderLength..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}

/// <summary>Walks the attributes of a message or of a nested attribute.</summary>
internal ref struct AttributeReader(ReadOnlySpan<byte> buffer)
{
    private ReadOnlySpan<byte> _rest = buffer;

    public ushort Type { get; private set; }

    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>The value as text without its final NUL.</summary>
    public readonly string Text =>
        System.Text.Encoding.UTF8.GetString(Value is [.., 0] ? Value[..^1] : Value);

    /// <summary>Moves to the next attribute; false at the end, or where the rest is malformed.</summary>
    public bool Next()
    {
        if (_rest.Length < 4)
            return false;
        int length = MemoryMarshal.Read<ushort>(_rest);
        if (length < 4 || length > _rest.Length)
            return false;
        Type = (ushort)(MemoryMarshal.Read<ushort>(_rest[2..]) & NetlinkConstants.AttributeTypeMask);
        Value = _rest[4..length];
        _rest = _rest[Math.Min((length + 3) & ~3, _rest.Length)..];
        return true;
    }
}
