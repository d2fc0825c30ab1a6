using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Linux.Addresses;

/// <summary>RTM_NEWADDR, RTM_DELADDR and RTM_GETADDR (rtnetlink(7), linux/if_addr.h) as bytes.</summary>
internal static class AddressMessages
{
    public const ushort New = 20;
    public const ushort Delete = 21;
    public const ushort Get = 22;

    public const uint FlagSecondary = 0x01;
    public const uint FlagNoDad = 0x02;
    public const uint FlagDeprecated = 0x20;
    public const uint FlagDadFailed = 0x08;
    public const uint FlagTentative = 0x40;

    private const int FixedLength = 8;
    private const ushort Address = 1;
    private const ushort Local = 2;
    private const ushort Label = 3;
    private const ushort CacheInfo = 6;
    private const ushort ExtendedFlags = 8;
    private const ushort Protocol = 11;

    public static void WriteReplace(
        ref MessageBuilder builder,
        uint sequence,
        in InterfaceAddress address,
        int index,
        string label,
        uint validSeconds,
        uint preferredSeconds)
    {
        builder.Begin(
            New,
            NetlinkConstants.FlagRequest | NetlinkConstants.FlagAck | NetlinkConstants.FlagCreate
                | NetlinkConstants.FlagReplace,
            sequence);
        WriteIdentity(ref builder, address, index);
        if (label.Length > 0)
            builder.AttributeString(Label, label);
        Span<byte> cacheInfo = stackalloc byte[16];
        cacheInfo.Clear();
        MemoryMarshal.Write(cacheInfo, preferredSeconds);
        MemoryMarshal.Write(cacheInfo[4..], validSeconds);
        builder.Attribute(CacheInfo, cacheInfo);
        if (address.IsIPv6)
            builder.AttributeUInt32(ExtendedFlags, FlagNoDad);
        builder.Attribute(Protocol, [KernelTag.AddressProtocol]);
        builder.End();
    }

    public static void WriteDelete(ref MessageBuilder builder, uint sequence, in InterfaceAddress address, int index)
    {
        builder.Begin(Delete, NetlinkConstants.FlagRequest | NetlinkConstants.FlagAck, sequence);
        WriteIdentity(ref builder, address, index);
        builder.End();
    }

    public static void WriteDump(ref MessageBuilder builder, uint sequence)
    {
        builder.Begin(Get, NetlinkConstants.FlagRequest | NetlinkConstants.FlagDump, sequence);
        builder.Fixed(FixedLength);
        builder.End();
    }

    /// <summary>Reads RTM_NEWADDR or RTM_DELADDR; null for other families.</summary>
    public static AddressEntry? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FixedLength)
            return null;
        byte family = payload[0];
        if (family != (byte)AddressFamily.InterNetwork && family != Sockets.SocketCalls.AfInet6)
            return null;
        IPAddress? address = null;
        IPAddress? local = null;
        string label = "";
        byte protocol = 0;
        uint valid = uint.MaxValue;
        uint preferred = uint.MaxValue;
        uint flags = payload[2];
        var attributes = new AttributeReader(payload[FixedLength..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case Address:
                    address = new(attributes.Value);
                    break;
                case Local:
                    local = new(attributes.Value);
                    break;
                case Label:
                    label = attributes.Text;
                    break;
                case CacheInfo:
                    preferred = MemoryMarshal.Read<uint>(attributes.Value);
                    valid = MemoryMarshal.Read<uint>(attributes.Value[4..]);
                    break;
                case ExtendedFlags:
                    flags = MemoryMarshal.Read<uint>(attributes.Value);
                    break;
                case Protocol:
                    protocol = attributes.Value[0];
                    break;
            }
        }

        // On a point-to-point link IFA_ADDRESS is the peer; IFA_LOCAL, where present, is ours.
        return (local ?? address) is { } own
            ? new(own, payload[1], MemoryMarshal.Read<int>(payload[4..]), label, protocol, valid, preferred, flags)
            : null;
    }

    private static void WriteIdentity(ref MessageBuilder builder, in InterfaceAddress address, int index)
    {
        var header = builder.Fixed(FixedLength);
        header[0] = (byte)(address.IsIPv6 ? Sockets.SocketCalls.AfInet6 : (int)AddressFamily.InterNetwork);
        header[1] = (byte)address.PrefixLength;
        if (address.IsIPv6)
            header[2] = (byte)FlagNoDad;
        MemoryMarshal.Write(header[4..], index);
        Span<byte> bytes = stackalloc byte[16];
        address.Address.TryWriteBytes(bytes, out int length);
        builder.Attribute(Local, bytes[..length]);
        builder.Attribute(Address, bytes[..length]);
    }
}
