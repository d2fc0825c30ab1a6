using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Announcements;

/// <summary>
/// Asks by neighbour solicitations (RFC 4861 section 4.3) who has an IPv6 address, through a packet(7) socket of the namespace of the
/// thread that constructs it. Any thread may send.
/// </summary>
/// <remarks>Who has the address answers to who asks. Asked in nobody's name it answers to all nodes, with the override flag (section 7.2.4,
/// 7.2.6): every neighbour then has the answerer's link address in its cache.</remarks>
public sealed class NeighbourSolicitation : IDisposable
{
    private const ushort EtherTypeIPv6 = 0x86dd;
    private const byte ProtocolIcmpV6 = 58, TypeSolicitation = 135, OptionSourceLinkAddress = 1;
    private const int EthernetBytes = 14, IPv6Bytes = 40, MessageBytes = 24, OptionBytes = 8;
    private int _fd = SocketCalls.Open(SocketCalls.AfPacket, SocketCalls.SockRaw, 0);

    /// <summary>Opens the socket; protocol 0, so that it receives nothing.</summary>
    /// <exception cref="Win32Exception">The kernel refuses: CAP_NET_RAW is needed.</exception>
    public NeighbourSolicitation()
    {
        if (_fd < 0)
            throw new Win32Exception(-_fd, $"socket(AF_PACKET): {Marshal.GetPInvokeErrorMessage(-_fd)}");
    }

    /// <summary>Sends one question to the address's solicited-node group.</summary>
    /// <param name="link">The link; its hardware address becomes the sender's.</param>
    /// <param name="source">An address of this host on the link that nobody else has; <see cref="IPAddress.IPv6Any"/>: in nobody's
    /// name.</param>
    /// <param name="target">The address.</param>
    /// <returns>0 or an errno (positive): ENETDOWN when the link is down.</returns>
    public int Ask(LinkEntry link, IPAddress source, IPAddress target)
    {
        bool isNobody = source.Equals(IPAddress.IPv6Any);
        int length = MessageBytes + (isNobody ? 0 : OptionBytes);
        Span<byte> frame = stackalloc byte[EthernetBytes + IPv6Bytes + length];
        frame.Clear();
        ReadOnlySpan<byte> hardware = link.HardwareAddress.GetAddressBytes();
        ReadOnlySpan<byte> asked = target.GetAddressBytes();
        ReadOnlySpan<byte> group = [0x33, 0x33, 0xff, .. asked[13..]];
        group.CopyTo(frame);
        hardware.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherTypeIPv6);
        var packet = frame[EthernetBytes..];
        packet[0] = 6 << 4;
        BinaryPrimitives.WriteUInt16BigEndian(packet[4..], (ushort)length);
        packet[6] = ProtocolIcmpV6;
        packet[7] = 255;
        source.TryWriteBytes(packet[8..], out _);
        ReadOnlySpan<byte> solicitedNode = [0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. asked[13..]];
        solicitedNode.CopyTo(packet[24..]);
        var message = packet[IPv6Bytes..];
        message[0] = TypeSolicitation;
        asked.CopyTo(message[8..]);
        if (!isNobody)
        {
            message[MessageBytes] = OptionSourceLinkAddress;
            message[MessageBytes + 1] = 1;
            hardware.CopyTo(message[(MessageBytes + 2)..]);
        }

        BinaryPrimitives.WriteUInt16BigEndian(message[2..], Checksum(packet.Slice(8, 32), message));
        Span<byte> to = stackalloc byte[20];
        to.Clear();
        MemoryMarshal.Write(to, (ushort)SocketCalls.AfPacket);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], EtherTypeIPv6);
        MemoryMarshal.Write(to[4..], link.Index);
        to[11] = 6;
        group.CopyTo(to[12..]);
        // A link that takes nothing must not hold up who releases an address.
        return Math.Max(0, -SocketCalls.SendTo(_fd, frame, to, SocketCalls.MsgDontWait));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd >= 0)
            SocketCalls.Close(_fd);
        _fd = -1;
    }

    /// <summary>RFC 4443 section 2.3: both addresses, length, next header, message, in words of 16 bits.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> message)
    {
        uint sum = (uint)message.Length + ProtocolIcmpV6;
        for (int at = 0; at < addresses.Length; at += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(addresses[at..]);
        for (int at = 0; at < message.Length; at += 2)
            sum += BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~(sum + (sum >> 16));
    }
}
