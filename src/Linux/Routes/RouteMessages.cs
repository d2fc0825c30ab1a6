using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Linux.Routes;

/// <summary>RTM_NEWROUTE, RTM_DELROUTE and RTM_GETROUTE (rtnetlink(7), linux/rtnetlink.h) as bytes.</summary>
internal static class RouteMessages
{
    public const ushort New = 24;
    public const ushort Delete = 25;

    private const ushort Get = 26;
    private const int FixedLength = 12;
    private const byte TableMain = 254;
    private const byte ScopeUniverse = 0;
    private const byte ScopeLink = 253;
    private const byte TypeUnicast = 1;
    private const uint FlagCloned = 0x200;
    private const ushort Destination = 1;
    private const ushort OutgoingInterface = 4;
    private const ushort Gateway = 5;
    private const ushort Priority = 6;
    private const ushort PreferredSource = 7;

    public static void WriteChange(ref MessageBuilder builder, ushort type, uint sequence, RouteEntry route)
    {
        ushort flags = NetlinkConstants.FlagRequest | NetlinkConstants.FlagAck;
        if (type == New)
            flags |= NetlinkConstants.FlagCreate;
        builder.Begin(type, flags, sequence);
        var header = builder.Fixed(FixedLength);
        header[0] = (byte)(route.IsIPv6 ? Sockets.SocketCalls.AfInet6 : (int)AddressFamily.InterNetwork);
        header[1] = (byte)route.PrefixLength;
        header[4] = TableMain;
        header[5] = KernelTag.RouteProtocol;
        header[6] = !route.IsIPv6 && route.Gateway is null ? ScopeLink : ScopeUniverse;
        header[7] = TypeUnicast;
        if (route.PrefixLength > 0)
            WriteAddress(ref builder, Destination, route.Destination);
        builder.AttributeUInt32(OutgoingInterface, (uint)route.InterfaceIndex);
        if (route.Gateway is not null)
            WriteAddress(ref builder, Gateway, route.Gateway);
        if (route.Source is not null)
            WriteAddress(ref builder, PreferredSource, route.Source);
        if (route.IsIPv6)
            builder.AttributeUInt32(Priority, RouteEntry.IPv6Metric);
        builder.End();
    }

    public static void WriteDump(ref MessageBuilder builder, uint sequence)
    {
        builder.Begin(Get, NetlinkConstants.FlagRequest | NetlinkConstants.FlagDump, sequence);
        builder.Fixed(FixedLength);
        builder.End();
    }

    /// <summary>Reads a route of the main table with our protocol number; null for every other.</summary>
    public static RouteEntry? ReadOwn(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FixedLength || payload[4] != TableMain || payload[5] != KernelTag.RouteProtocol
            || (MemoryMarshal.Read<uint>(payload[8..]) & FlagCloned) != 0)
            return null;
        var destination = payload[0] == Sockets.SocketCalls.AfInet6 ? IPAddress.IPv6Any : IPAddress.Any;
        IPAddress? gateway = null;
        IPAddress? source = null;
        int index = 0;
        var attributes = new AttributeReader(payload[FixedLength..]);
        while (attributes.Next())
        {
            switch (attributes.Type)
            {
                case Destination:
                    destination = new(attributes.Value);
                    break;
                case OutgoingInterface:
                    index = MemoryMarshal.Read<int>(attributes.Value);
                    break;
                case Gateway:
                    gateway = new(attributes.Value);
                    break;
                case PreferredSource:
                    source = new(attributes.Value);
                    break;
            }
        }

        return new(destination, payload[1], gateway, index, source);
    }

    private static void WriteAddress(ref MessageBuilder builder, ushort attribute, IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int length);
        builder.Attribute(attribute, bytes[..length]);
    }
}
