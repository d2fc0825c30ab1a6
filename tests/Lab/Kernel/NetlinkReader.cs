using System.Buffers.Binary;

namespace HaGrpc.Lab.Kernel;

/// <summary>Walks netlink messages and attributes (netlink(7)): type and payload, aligned to four bytes.</summary>
internal static class NetlinkReader
{
    public delegate void Visit(int type, ReadOnlySpan<byte> payload);

    /// <summary>Calls back for every message: its type and what follows the 16-byte header.</summary>
    public static void Messages(ReadOnlySpan<byte> buffer, Visit visit)
    {
        while (buffer.Length >= 16)
        {
            var length = (int)BinaryPrimitives.ReadUInt32LittleEndian(buffer);
            if (length < 16 || length > buffer.Length)
                return;
            visit(BinaryPrimitives.ReadUInt16LittleEndian(buffer[4..]), buffer[16..length]);
            buffer = buffer[Math.Min(buffer.Length, (length + 3) & ~3)..];
        }
    }

    /// <summary>Calls back for every attribute, its flags for nesting and byte order taken away.</summary>
    public static void Attributes(ReadOnlySpan<byte> buffer, Visit visit)
    {
        while (buffer.Length >= 4)
        {
            var length = (int)BinaryPrimitives.ReadUInt16LittleEndian(buffer);
            if (length < 4 || length > buffer.Length)
                return;
            visit(BinaryPrimitives.ReadUInt16LittleEndian(buffer[2..]) & 0x3fff, buffer[4..length]);
            buffer = buffer[Math.Min(buffer.Length, (length + 3) & ~3)..];
        }
    }

    /// <summary>The payload of the first attribute of a type; empty when there is none.</summary>
    public static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> buffer, int wanted)
    {
        while (buffer.Length >= 4)
        {
            var length = (int)BinaryPrimitives.ReadUInt16LittleEndian(buffer);
            if (length < 4 || length > buffer.Length)
                break;
            if ((BinaryPrimitives.ReadUInt16LittleEndian(buffer[2..]) & 0x3fff) == wanted)
                return buffer[4..length];
            buffer = buffer[Math.Min(buffer.Length, (length + 3) & ~3)..];
        }
        return [];
    }
}
