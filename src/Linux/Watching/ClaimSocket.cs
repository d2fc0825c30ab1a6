using System.Buffers.Binary;
using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Watching;

/// <summary>A packet socket that hears frames of one protocol about some addresses of one family. Not for several threads at once, except
/// <see cref="Listen"/>.</summary>
internal abstract class ClaimSocket : IDisposable
{
    protected const ushort LoadWord = 0x20, LoadHalf = 0x28, LoadByte = 0x30, JumpIfEqual = 0x15, Return = 0x06;

    /// <summary>A program has at most 4096 instructions, two per address, and must fit into net.core.optmem_max, 20 KiB on older
    /// kernels; with more addresses than this everything is let through and looked at here.</summary>
    private const int MostFiltered = 1000;

    /// <summary>A flood must not keep the reader here: the rest is read with the next call.</summary>
    private const int MostAtOnce = 256;

    private const int MostBytes = 128;
    private const byte ToAnother = 3; // PACKET_OTHERHOST: another VLAN, or a promiscuous interface

    private readonly AddressFamily _family;
    private readonly SocketCalls.FilterInstruction[] _prelude;
    private volatile HashSet<IPAddress> _addresses = [];

    /// <summary>Opens the socket; nothing is heard before <see cref="Listen"/>.</summary>
    /// <param name="name">For errors.</param>
    /// <param name="etherType">The protocol.</param>
    /// <param name="family">Of the addresses.</param>
    /// <param name="prelude">Drops all other frames, and leaves the last four bytes of the address in the accumulator.</param>
    /// <exception cref="Win32Exception">The kernel refuses: CAP_NET_RAW is needed.</exception>
    protected ClaimSocket(string name, ushort etherType, AddressFamily family, SocketCalls.FilterInstruction[] prelude)
    {
        (_family, _prelude) = (family, prelude);
        Descriptor = SocketCalls.Open(SocketCalls.AfPacket, SocketCalls.SockRaw, 0);
        if (Descriptor < 0)
            throw new Win32Exception(-Descriptor, $"socket(AF_PACKET): {Marshal.GetPInvokeErrorMessage(-Descriptor)}");
        int result = SocketCalls.SetFilter(Descriptor, Filter([]));
        Span<byte> every = stackalloc byte[20];
        every.Clear();
        MemoryMarshal.Write(every, (ushort)SocketCalls.AfPacket);
        BinaryPrimitives.WriteUInt16BigEndian(every[2..], etherType);
        if (result >= 0)
            result = SocketCalls.Bind(Descriptor, every);
        if (result >= 0)
            return;
        Dispose();
        throw new Win32Exception(-result, $"packet socket for {name}: {Marshal.GetPInvokeErrorMessage(-result)}");
    }

    /// <summary>The file descriptor, for poll(2).</summary>
    public int Descriptor { get; }

    /// <summary>From now on exactly these are heard of; those of another family are left out.</summary>
    /// <returns>0 or an errno (positive): then the addresses of before are heard of.</returns>
    public int Listen(IEnumerable<IPAddress> addresses)
    {
        HashSet<IPAddress> wanted = [.. addresses.Where(a => a.AddressFamily == _family)];
        if (wanted.SetEquals(_addresses))
            return 0;
        int result = SocketCalls.SetFilter(Descriptor, Filter(wanted));
        if (result < 0)
            return -result;
        _addresses = wanted;
        return 0;
    }

    /// <summary>Adds what was heard.</summary>
    public void Read(ISet<AddressSighting> sightings)
    {
        Span<byte> frame = stackalloc byte[MostBytes];
        Span<byte> from = stackalloc byte[20];
        var addresses = _addresses;
        for (int count = 0; count < MostAtOnce; count++)
        {
            int length = SocketCalls.ReceiveFrom(Descriptor, frame, from, SocketCalls.MsgDontWait);
            if (length < 0)
                return;
            if (from[10] < ToAnother
                && Parse(frame[..length], MemoryMarshal.Read<int>(from[4..])) is { } sighting && addresses.Contains(sighting.Address))
                sightings.Add(sighting);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => SocketCalls.Close(Descriptor);

    /// <summary>Reads a frame, cut to 128 bytes, that has passed the filter; null when it says nothing about an address.</summary>
    protected abstract AddressSighting? Parse(ReadOnlySpan<byte> frame, int interfaceIndex);

    private SocketCalls.FilterInstruction[] Filter(HashSet<IPAddress> addresses)
    {
        List<SocketCalls.FilterInstruction> program = [.. _prelude];
        bool filters = addresses.Count <= MostFiltered;
        foreach (uint last in filters ? addresses.Select(a => BinaryPrimitives.ReadUInt32BigEndian(a.GetAddressBytes().AsSpan()[^4..])) : [])
            program.AddRange([new(JumpIfEqual, 0, 1, last), new(Return, 0, 0, MostBytes)]);
        program.Add(new(Return, 0, 0, filters ? 0u : MostBytes));
        return [.. program];
    }
}
