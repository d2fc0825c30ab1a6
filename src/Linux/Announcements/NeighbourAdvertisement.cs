using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Announcements;

/// <summary>
/// Sends unsolicited neighbour advertisements (RFC 4861 section 7.2.6) for one address to all nodes, through a raw ICMPv6
/// socket bound to it in the namespace of the thread that constructs it. They pass the gate: one that is sent late is
/// dropped by the kernel. Any thread may send.
/// </summary>
public sealed class NeighbourAdvertisement : IDisposable
{
    private const int ProtocolIcmpV6 = 58;
    private const int LevelIPv6 = 41;
    private const int MulticastHops = 18;
    private const int MulticastLoop = 19;
    private const int FreeBind = 78;
    private const byte TypeAdvertisement = 136;
    private const byte OptionTargetLinkAddress = 2;
    private const byte FlagOverride = 0x20;
    private const byte FlagRouter = 0x80;
    private static readonly IPAddress AllNodes = IPAddress.Parse("ff02::1");

    private readonly IPAddress _address;
    private int _fd;

    /// <summary>Opens and binds the socket.</summary>
    /// <param name="address">The IPv6 address; it need not be there yet.</param>
    /// <exception cref="Win32Exception">The kernel refuses: CAP_NET_RAW is needed, and IPv6.</exception>
    public NeighbourAdvertisement(IPAddress address)
    {
        _address = address;
        _fd = SocketCalls.Open(SocketCalls.AfInet6, SocketCalls.SockRaw, ProtocolIcmpV6);
        Span<byte> own = stackalloc byte[28];
        WriteAddress(own, address, 0);
        int result = _fd < 0 ? _fd : SocketCalls.SetOption(_fd, LevelIPv6, FreeBind, 1);
        if (result >= 0)
            result = SocketCalls.SetOption(_fd, LevelIPv6, MulticastHops, 255);
        if (result >= 0)
            result = SocketCalls.SetOption(_fd, LevelIPv6, MulticastLoop, 0);
        if (result >= 0)
            result = SocketCalls.Bind(_fd, own);
        if (result >= 0)
            return;
        Dispose();
        throw new Win32Exception(-result, $"raw ICMPv6 socket for {address}: {Marshal.GetPInvokeErrorMessage(-result)}");
    }

    /// <summary>Sends one advertisement with the override flag.</summary>
    /// <param name="link">The link; its hardware address becomes the target's.</param>
    /// <param name="isRouter">True where the host forwards IPv6: without it neighbours drop it as their router.</param>
    /// <returns>0 or an errno (positive): EPERM when the gate dropped it, ENETUNREACH or ENETDOWN when the link is down.</returns>
    public int Send(LinkEntry link, bool isRouter)
    {
        Span<byte> message = stackalloc byte[32];
        message.Clear();
        message[0] = TypeAdvertisement;
        message[4] = (byte)(FlagOverride | (isRouter ? FlagRouter : 0));
        _address.TryWriteBytes(message[8..], out _);
        message[24] = OptionTargetLinkAddress;
        message[25] = 1;
        link.HardwareAddress.GetAddressBytes().CopyTo(message[26..]);
        Span<byte> target = stackalloc byte[28];
        WriteAddress(target, AllNodes, link.Index);
        // A link that takes nothing must not hold up who releases an address.
        return Math.Max(0, -SocketCalls.SendTo(_fd, message, target, SocketCalls.MsgDontWait));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd >= 0)
            SocketCalls.Close(_fd);
        _fd = -1;
    }

    private static void WriteAddress(Span<byte> target, IPAddress address, int scope)
    {
        target.Clear();
        MemoryMarshal.Write(target, (ushort)SocketCalls.AfInet6);
        address.TryWriteBytes(target[8..], out _);
        MemoryMarshal.Write(target[24..], scope);
    }
}
