using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace HaGrpc.Linux.Watching;

/// <summary>Hears ARP (RFC 826) for Ethernet and IPv4 whose sender's address is wanted; where there is none (a probe), whose target is.</summary>
internal sealed class ArpClaims() : ClaimSocket("ARP", EtherType, AddressFamily.InterNetwork,
    [
        new(LoadHalf, 0, 0, 12), new(JumpIfEqual, 1, 0, EtherType), new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 14), new(JumpIfEqual, 1, 0, 0x0001_0800), new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 28), new(JumpIfEqual, 0, 1, 0), new(LoadWord, 0, 0, 38),
    ])
{
    private const ushort EtherType = 0x0806;
    private const int FrameBytes = 42;

    /// <inheritdoc/>
    protected override AddressSighting? Parse(ReadOnlySpan<byte> frame, int interfaceIndex)
    {
        if (frame.Length < FrameBytes)
            return null;
        bool isProbe = frame[28..32].IndexOfAnyExcept((byte)0) < 0;
        var address = new IPAddress(isProbe ? frame[38..42] : frame[28..32]);
        return new(interfaceIndex, new PhysicalAddress(frame[22..28].ToArray()), address, isProbe);
    }
}
