using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace HaGrpc.Linux.Watching;

/// <summary>Hears neighbour discovery (RFC 4861): advertisements whose target is wanted, and solicitations for it in nobody's name, with
/// which a host begins that wants the address (RFC 4862 section 5.4.2). Others' ordinary questions for it are none of these.</summary>
internal sealed class NeighbourClaims() : ClaimSocket("neighbour discovery", EtherType, AddressFamily.InterNetworkV6,
    [
        new(LoadHalf, 0, 0, 12), new(JumpIfEqual, 1, 0, EtherType), new(Return, 0, 0, 0),
        new(LoadByte, 0, 0, 20), new(JumpIfEqual, 1, 0, ProtocolIcmpV6), new(Return, 0, 0, 0),
        new(LoadByte, 0, 0, 54), new(JumpIfEqual, 14, 0, Advertisement), new(JumpIfEqual, 1, 0, Solicitation), new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 22), new(JumpIfEqual, 1, 0, 0), new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 26), new(JumpIfEqual, 1, 0, 0), new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 30), new(JumpIfEqual, 1, 0, 0), new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 34), new(JumpIfEqual, 1, 0, 0), new(Return, 0, 0, 0),
        new(LoadWord, 0, 0, 74),
    ])
{
    private const ushort EtherType = 0x86dd;
    private const byte ProtocolIcmpV6 = 58, Solicitation = 135, Advertisement = 136, TargetLinkAddress = 2;
    private const int FrameBytes = 78, WithLinkAddress = 86;

    /// <inheritdoc/>
    protected override AddressSighting? Parse(ReadOnlySpan<byte> frame, int interfaceIndex)
    {
        // Hop limit 255 and code 0, or it is not valid (RFC 4861 sections 7.1.1, 7.1.2): from another network it has fewer.
        if (frame.Length < FrameBytes || frame[21] != 255 || frame[55] != 0)
            return null;
        bool isProbe = frame[54] == Solicitation;
        bool saysWhere = !isProbe && frame.Length >= WithLinkAddress && frame[78] == TargetLinkAddress && frame[79] == 1;
        var sender = saysWhere ? frame[80..WithLinkAddress] : frame[6..12];
        return new(interfaceIndex, new PhysicalAddress(sender.ToArray()), new IPAddress(frame[62..78]), isProbe);
    }
}
