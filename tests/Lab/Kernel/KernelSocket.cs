using System.Buffers.Binary;
using System.Text;

namespace HaGrpc.Lab.Kernel;

/// <summary>A raw socket to the kernel, opened in the network namespace of the calling thread.</summary>
internal sealed unsafe class KernelSocket : IDisposable
{
    private readonly int _fd;

    private KernelSocket(int fd) => _fd = fd;

    public int Fd => _fd;

    /// <summary>Listens to multicast groups of a netlink family.</summary>
    public static KernelSocket Netlink(int family, uint groups)
    {
        var fd = Libc.Check(Libc.OpenSocket(Libc.AfNetlink, Libc.SockRaw | Libc.SockCloexec, family), "socket(AF_NETLINK)");
        Span<byte> address = stackalloc byte[12];
        BinaryPrimitives.WriteUInt16LittleEndian(address, Libc.AfNetlink);
        BinaryPrimitives.WriteUInt32LittleEndian(address[8..], groups);
        return Bound(fd, address);
    }

    /// <summary>Sees and sends whole frames of one EtherType on one interface (packet(7)).</summary>
    public static KernelSocket Packet(string interfaceName, ushort etherType)
    {
        var fd = Libc.Check(
            Libc.OpenSocket(Libc.AfPacket, Libc.SockRaw | Libc.SockCloexec, BinaryPrimitives.ReverseEndianness(etherType)),
            "socket(AF_PACKET)");
        Span<byte> address = stackalloc byte[20];
        BinaryPrimitives.WriteUInt16LittleEndian(address, Libc.AfPacket);
        BinaryPrimitives.WriteUInt16BigEndian(address[2..], etherType);
        BinaryPrimitives.WriteUInt32LittleEndian(address[4..], Libc.InterfaceIndex(interfaceName));
        return Bound(fd, address);
    }

    /// <summary>
    /// Takes every frame that an interface receives and sends whole frames on it, each behind the ten bytes of a virtio_net_hdr, which keep
    /// what the kernel had left for later: checksums and segments (PACKET_VNET_HDR of packet(7)).
    /// </summary>
    public static KernelSocket Wire(string interfaceName)
    {
        var socket = Packet(interfaceName, Libc.EtherTypeAll);
        var on = 1;
        Libc.Check(Libc.SetOption(socket._fd, Libc.SolPacket, Libc.PacketVnetHeader, &on, sizeof(int)), "setsockopt(PACKET_VNET_HDR)");
        Libc.Check(Libc.SetOption(socket._fd, Libc.SolPacket, Libc.PacketIgnoreOutgoing, &on, sizeof(int)), "setsockopt(PACKET_IGNORE_OUTGOING)");
        return socket;
    }

    /// <summary>A datagram socket in the file system.</summary>
    public static KernelSocket UnixDatagram(string path)
    {
        var fd = Libc.Check(Libc.OpenSocket(Libc.AfUnix, Libc.SockDgram | Libc.SockCloexec, 0), "socket(AF_UNIX)");
        Span<byte> address = stackalloc byte[110];
        address.Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(address, Libc.AfUnix);
        var length = Encoding.UTF8.GetBytes(path, address[2..]);
        return Bound(fd, address[..(3 + length)]);
    }

    /// <summary>Waits for something to read.</summary>
    public bool WaitReadable(int timeoutMilliseconds)
    {
        var poll = new Libc.PollFd { Fd = _fd, Events = Libc.PollIn };
        return Libc.Poll(&poll, 1, timeoutMilliseconds) > 0;
    }

    /// <summary>Waits for something to read on either of two; which of them has something.</summary>
    public static (bool First, bool Second) WaitReadable(KernelSocket first, KernelSocket second, int timeoutMilliseconds)
    {
        var polls = stackalloc Libc.PollFd[2];
        polls[0] = new() { Fd = first._fd, Events = Libc.PollIn };
        polls[1] = new() { Fd = second._fd, Events = Libc.PollIn };
        _ = Libc.Poll(polls, 2, timeoutMilliseconds);
        return ((polls[0].Seen & Libc.PollIn) != 0, (polls[1].Seen & Libc.PollIn) != 0);
    }

    /// <summary>One datagram or frame; zero bytes when the kernel had to drop some (ENOBUFS).</summary>
    public int Receive(Span<byte> buffer)
    {
        fixed (byte* pointer = buffer)
            return (int)Math.Max(0, Libc.Receive(_fd, pointer, buffer.Length, 0));
    }

    /// <summary>Sends on a bound packet socket; false when the interface is down.</summary>
    public bool Send(ReadOnlySpan<byte> frame)
    {
        fixed (byte* pointer = frame)
            return Libc.SendTo(_fd, pointer, frame.Length, 0, null, 0) == frame.Length;
    }

    public void Dispose() => _ = Libc.Close(_fd);

    private static KernelSocket Bound(int fd, ReadOnlySpan<byte> address)
    {
        fixed (byte* pointer = address)
            Libc.Check(Libc.Bind(fd, pointer, address.Length), "bind");
        var size = 8 << 20;
        if (Libc.SetOption(fd, Libc.SolSocket, Libc.SoReceiveBufferForce, &size, sizeof(int)) != 0)
            _ = Libc.SetOption(fd, Libc.SolSocket, Libc.SoReceiveBuffer, &size, sizeof(int));
        return new(fd);
    }
}
