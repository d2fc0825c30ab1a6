using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Announcements;

/// <summary>
/// Broadcasts gratuitous ARP (RFC 826, RFC 5227 section 3) and probes (section 2.1.1) through a packet(7) socket of the namespace of the
/// thread that constructs it. Packet sockets do not pass the gate: the caller checks its lease right before. Any thread may send.
/// </summary>
public sealed class GratuitousArp : IDisposable
{
    private const ushort EtherTypeArp = 0x0806;
    private int _fd = SocketCalls.Open(SocketCalls.AfPacket, SocketCalls.SockRaw, 0);

    /// <summary>Opens the socket; protocol 0, so that it receives nothing.</summary>
    /// <exception cref="Win32Exception">The kernel refuses: CAP_NET_RAW is needed.</exception>
    public GratuitousArp()
    {
        if (_fd < 0)
            throw new Win32Exception(-_fd, $"socket(AF_PACKET): {Marshal.GetPInvokeErrorMessage(-_fd)}");
    }

    /// <summary>Sends one packet.</summary>
    /// <param name="link">The link; its hardware address becomes the sender's.</param>
    /// <param name="address">The IPv4 address.</param>
    /// <param name="reply">True: as a reply; false: as a request. Some switches and hosts learn from one form only.</param>
    /// <returns>0 or an errno (positive): ENETDOWN when the link is down.</returns>
    public int Send(LinkEntry link, IPAddress address, bool reply)
    {
        Span<byte> sender = stackalloc byte[4];
        address.TryWriteBytes(sender, out _);
        return Broadcast(link, sender, address, reply);
    }

    /// <summary>Asks who has an address, in nobody's name: it changes no neighbour's cache, and whoever has it answers.</summary>
    /// <param name="link">The link; its hardware address becomes the sender's.</param>
    /// <param name="address">The IPv4 address.</param>
    /// <returns>As <see cref="Send"/>.</returns>
    public int Probe(LinkEntry link, IPAddress address) => Broadcast(link, [0, 0, 0, 0], address, reply: false);

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd >= 0)
            SocketCalls.Close(_fd);
        _fd = -1;
    }

    private int Broadcast(LinkEntry link, ReadOnlySpan<byte> sender, IPAddress address, bool reply)
    {
        Span<byte> frame = stackalloc byte[42];
        ReadOnlySpan<byte> hardware = link.HardwareAddress.GetAddressBytes();
        frame[..6].Fill(0xFF);
        hardware.CopyTo(frame[6..]);
        BinaryPrimitives.WriteUInt16BigEndian(frame[12..], EtherTypeArp);
        var arp = frame[14..];
        BinaryPrimitives.WriteUInt16BigEndian(arp, 1);
        BinaryPrimitives.WriteUInt16BigEndian(arp[2..], 0x0800);
        arp[4] = 6;
        arp[5] = 4;
        BinaryPrimitives.WriteUInt16BigEndian(arp[6..], (ushort)(reply ? 2 : 1));
        hardware.CopyTo(arp[8..]);
        sender.CopyTo(arp[14..]);
        if (reply)
            arp.Slice(18, 6).Fill(0xFF);
        else
            arp.Slice(18, 6).Clear();
        address.TryWriteBytes(arp[24..], out _);

        Span<byte> target = stackalloc byte[20];
        target.Clear();
        MemoryMarshal.Write(target, (ushort)SocketCalls.AfPacket);
        BinaryPrimitives.WriteUInt16BigEndian(target[2..], EtherTypeArp);
        MemoryMarshal.Write(target[4..], link.Index);
        target[11] = 6;
        target.Slice(12, 6).Fill(0xFF);
        // A link that takes nothing must not hold up who releases an address.
        return Math.Max(0, -SocketCalls.SendTo(_fd, frame, target, SocketCalls.MsgDontWait));
    }
}
