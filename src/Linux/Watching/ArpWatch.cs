using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Watching;

/// <summary>
/// Hears what others say by ARP about some IPv4 addresses, on every interface of the network namespace of the thread that constructs
/// it. The kernel picks the frames (a BPF filter), so other traffic wakes nobody. It does not hear what this host sends.
/// <see cref="Wait"/> is for one thread, the rest for any.
/// </summary>
public sealed class ArpWatch : IDisposable
{
    /// <summary>A program has at most 4096 instructions, two per address, and must fit into net.core.optmem_max, 20 KiB on older
    /// kernels; with more addresses than this everything is let through and looked at here.</summary>
    private const int MostFiltered = 1000;

    /// <summary>A flood must not keep the reader here: the rest is read with the next call.</summary>
    private const int MostAtOnce = 256;

    private const ushort EtherTypeArp = 0x0806;
    private const int FrameBytes = 42;
    private const byte ToAnother = 3; // PACKET_OTHERHOST: another VLAN, or a promiscuous interface
    private const ushort LoadWord = 0x20, LoadHalf = 0x28, JumpIfEqual = 0x15, Return = 0x06;

    private readonly int _fd;
    private readonly int _stop;
    private volatile HashSet<IPAddress> _addresses = [];

    /// <summary>Opens the socket; nothing is heard before <see cref="Listen"/>.</summary>
    /// <exception cref="Win32Exception">The kernel refuses: CAP_NET_RAW is needed.</exception>
    public ArpWatch()
    {
        _fd = SocketCalls.Open(SocketCalls.AfPacket, SocketCalls.SockRaw, 0);
        if (_fd < 0)
            throw new Win32Exception(-_fd, $"socket(AF_PACKET): {Marshal.GetPInvokeErrorMessage(-_fd)}");
        _stop = SocketCalls.OpenEvent();
        int result = SocketCalls.SetFilter(_fd, Filter([]));
        Span<byte> every = stackalloc byte[20];
        every.Clear();
        MemoryMarshal.Write(every, (ushort)SocketCalls.AfPacket);
        BinaryPrimitives.WriteUInt16BigEndian(every[2..], EtherTypeArp);
        if (result >= 0)
            result = SocketCalls.Bind(_fd, every);
        if (result >= 0)
            return;
        Dispose();
        throw new Win32Exception(-result, $"packet socket for ARP: {Marshal.GetPInvokeErrorMessage(-result)}");
    }

    /// <summary>From now on exactly these are heard of; IPv6 ones are left out.</summary>
    /// <returns>0 or an errno (positive): then the addresses of before are heard of.</returns>
    public int Listen(IEnumerable<IPAddress> addresses)
    {
        HashSet<IPAddress> wanted = [.. addresses.Where(a => a.AddressFamily == AddressFamily.InterNetwork)];
        if (wanted.SetEquals(_addresses))
            return 0;
        int result = SocketCalls.SetFilter(_fd, Filter(wanted));
        if (result < 0)
            return -result;
        _addresses = wanted;
        return 0;
    }

    /// <summary>Waits until something was heard, and adds it, each frame's content once.</summary>
    /// <returns>False after <see cref="Stop"/>.</returns>
    /// <exception cref="Win32Exception">poll(2) fails.</exception>
    public bool Wait(ISet<ArpSighting> sightings)
    {
        Span<SocketCalls.PollDescriptor> descriptors = stackalloc SocketCalls.PollDescriptor[2];
        descriptors[0] = new() { Descriptor = _stop, Events = SocketCalls.PollIn };
        descriptors[1] = new() { Descriptor = _fd, Events = SocketCalls.PollIn };
        while (sightings.Count == 0)
        {
            int ready = SocketCalls.Poll(descriptors, -1);
            if (ready < 0 && ready != -SocketCalls.EINTR)
                throw new Win32Exception(-ready, "poll");
            if (descriptors[0].Returned != 0)
                return false;
            if (descriptors[1].Returned != 0)
                Read(sightings);
        }

        return true;
    }

    /// <summary>Waits for a time, so that a flood costs little.</summary>
    /// <returns>False after <see cref="Stop"/>.</returns>
    public bool Pause(TimeSpan time)
    {
        Span<SocketCalls.PollDescriptor> stop = stackalloc SocketCalls.PollDescriptor[1];
        stop[0] = new() { Descriptor = _stop, Events = SocketCalls.PollIn };
        return SocketCalls.Poll(stop, (int)time.TotalMilliseconds) <= 0;
    }

    /// <summary>Makes <see cref="Wait"/> return false, now and ever after.</summary>
    public void Stop() => SocketCalls.SignalEvent(_stop);

    /// <summary>To be called when nobody waits or stops any more.</summary>
    public void Dispose()
    {
        SocketCalls.Close(_fd);
        SocketCalls.Close(_stop);
    }

    /// <summary>ARP for Ethernet and IPv4 whose sender's address is wanted; where there is none (a probe), whose target is.</summary>
    private static SocketCalls.FilterInstruction[] Filter(HashSet<IPAddress> addresses)
    {
        List<SocketCalls.FilterInstruction> program =
        [
            new(LoadHalf, 0, 0, 12), new(JumpIfEqual, 1, 0, EtherTypeArp), new(Return, 0, 0, 0),
            new(LoadWord, 0, 0, 14), new(JumpIfEqual, 1, 0, 0x0001_0800), new(Return, 0, 0, 0),
            new(LoadWord, 0, 0, 28), new(JumpIfEqual, 0, 1, 0), new(LoadWord, 0, 0, 38),
        ];
        if (addresses.Count <= MostFiltered)
        {
            foreach (uint address in addresses.Select(a => BinaryPrimitives.ReadUInt32BigEndian(a.GetAddressBytes())))
                program.AddRange([new(JumpIfEqual, 0, 1, address), new(Return, 0, 0, FrameBytes)]);
        }

        program.Add(new(Return, 0, 0, addresses.Count <= MostFiltered ? 0u : FrameBytes));
        return [.. program];
    }

    private void Read(ISet<ArpSighting> sightings)
    {
        Span<byte> frame = stackalloc byte[FrameBytes];
        Span<byte> from = stackalloc byte[20];
        var addresses = _addresses;
        for (int count = 0; count < MostAtOnce; count++)
        {
            int length = SocketCalls.ReceiveFrom(_fd, frame, from, SocketCalls.MsgDontWait);
            if (length < 0)
                return;
            if (length < FrameBytes || from[10] >= ToAnother)
                continue;
            bool isProbe = frame[28..32].IndexOfAnyExcept((byte)0) < 0;
            var address = new IPAddress(isProbe ? frame[38..42] : frame[28..32]);
            if (addresses.Contains(address))
                sightings.Add(new(MemoryMarshal.Read<int>(from[4..]), new PhysicalAddress(frame[22..28].ToArray()), address, isProbe));
        }
    }
}
