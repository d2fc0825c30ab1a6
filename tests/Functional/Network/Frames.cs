using System.Buffers.Binary;
using System.Net;
using System.Net.NetworkInformation;

namespace HaGrpc.Functional.Tests.Network;

/// <summary>Ethernet frames of ARP (RFC 826) and neighbour discovery (RFC 4861), written and read from the neighbour's side.</summary>
internal static class Frames
{
    public const ushort Arp = 0x0806, IPv6 = 0x86dd;
    private const byte IcmpV6 = 58, Solicitation = 135, Advertisement = 136;

    /// <summary>Asks everybody who has an address.</summary>
    public static byte[] ArpRequest(string mac, IPAddress sender, IPAddress target)
    {
        var frame = new byte[42];
        frame.AsSpan(0, 6).Fill(0xff);
        Mac(mac).CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), Arp);
        byte[] header = [0, 1, 8, 0, 6, 4, 0, 1];
        header.CopyTo(frame, 14);
        Mac(mac).CopyTo(frame, 22);
        sender.GetAddressBytes().CopyTo(frame, 28);
        target.GetAddressBytes().CopyTo(frame, 38);
        return frame;
    }

    /// <summary>Asks the address's solicited-node group who has it.</summary>
    public static byte[] NeighbourSolicitation(string mac, IPAddress sender, IPAddress target)
    {
        var frame = new byte[14 + 40 + 32];
        var last = target.GetAddressBytes().AsSpan(13);
        byte[] group = [0x33, 0x33, 0xff, .. last];
        group.CopyTo(frame, 0);
        Mac(mac).CopyTo(frame, 6);
        BinaryPrimitives.WriteUInt16BigEndian(frame.AsSpan(12), IPv6);
        var ip = frame.AsSpan(14);
        ip[0] = 0x60;
        ip[5] = 32;
        ip[6] = IcmpV6;
        ip[7] = 255;
        sender.GetAddressBytes().CopyTo(ip[8..]);
        byte[] solicitedNode = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, .. last];
        solicitedNode.CopyTo(ip[24..]);
        var icmp = frame.AsSpan(54);
        icmp[0] = Solicitation;
        target.GetAddressBytes().CopyTo(icmp[8..]);
        icmp[24] = 1;
        icmp[25] = 1;
        Mac(mac).CopyTo(icmp[26..]);
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Checksum(frame.AsSpan(22, 32), icmp));
        return frame;
    }

    /// <summary>Tells all nodes that an address is at this MAC.</summary>
    public static byte[] NeighbourAdvertisement(string mac, IPAddress target)
    {
        // Of the same length: only type, flags, option and destination differ.
        var frame = NeighbourSolicitation(mac, target, target);
        byte[] allNodes = [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
        new byte[] { 0x33, 0x33, 0, 0, 0, 1 }.CopyTo(frame, 0);
        allNodes.CopyTo(frame, 38);
        var icmp = frame.AsSpan(54);
        icmp[0] = Advertisement;
        icmp[4] = 0x20;
        icmp[24] = 2;
        icmp[2..4].Clear();
        BinaryPrimitives.WriteUInt16BigEndian(icmp[2..], Checksum(frame.AsSpan(22, 32), icmp));
        return frame;
    }

    /// <summary>Reads a neighbour solicitation; null when the frame is none.</summary>
    public static SolicitationFrame? ReadSolicitation(ReadOnlySpan<byte> frame) =>
        frame.Length < 78 || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != IPv6 || frame[20] != IcmpV6 || frame[54] != Solicitation
            ? null
            : new(
                new(frame[22..38]),
                new(frame[62..78]),
                frame[21],
                MacText(frame[6..12]),
                frame.Length >= 86 && frame[78] == 1 ? MacText(frame[80..86]) : "",
                Checksum(frame.Slice(22, 32), frame[54..]) == 0);

    /// <summary>Reads an ARP frame; null when it is none.</summary>
    public static ArpFrame? ReadArp(ReadOnlySpan<byte> frame) =>
        frame.Length < 42 || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != Arp
            ? null
            : new(
                frame[..6].IndexOfAnyExcept((byte)0xff) < 0,
                frame[21] == 2,
                MacText(frame[22..28]),
                new(frame[28..32]),
                new(frame[38..42]));

    /// <summary>Reads a neighbour advertisement; null when the frame is none.</summary>
    public static AdvertisementFrame? ReadAdvertisement(ReadOnlySpan<byte> frame)
    {
        if (frame.Length < 78 || BinaryPrimitives.ReadUInt16BigEndian(frame[12..]) != IPv6 || frame[20] != IcmpV6 || frame[54] != Advertisement)
            return null;
        var hardware = frame.Length >= 86 && frame[78] == 2 ? MacText(frame[80..86]) : "";
        return new(new(frame[38..54]), new(frame[62..78]), frame[21], (frame[58] & 0x40) != 0, (frame[58] & 0x20) != 0, hardware);
    }

    private static byte[] Mac(string text) => PhysicalAddress.Parse(text).GetAddressBytes();

    private static string MacText(ReadOnlySpan<byte> mac) => Convert.ToHexStringLower(mac).Insert(10, ":").Insert(8, ":").Insert(6, ":").Insert(4, ":").Insert(2, ":");

    /// <summary>RFC 1071, over the pseudo header of RFC 8200 section 8.1.</summary>
    private static ushort Checksum(ReadOnlySpan<byte> addresses, ReadOnlySpan<byte> message)
    {
        var sum = (uint)message.Length + IcmpV6;
        foreach (var part in new[] { addresses.ToArray(), message.ToArray() })
        {
            for (var i = 0; i < part.Length; i += 2)
                sum += BinaryPrimitives.ReadUInt16BigEndian(part.AsSpan(i));
        }
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}

/// <summary>An ARP frame.</summary>
internal sealed record ArpFrame(bool IsBroadcast, bool IsReply, string SenderMac, IPAddress Sender, IPAddress Target);

/// <summary>A neighbour advertisement.</summary>
internal sealed record AdvertisementFrame(
    IPAddress Destination, IPAddress Target, byte HopLimit, bool IsSolicited, bool Overrides, string TargetMac);

/// <summary>A neighbour solicitation.</summary>
/// <param name="Sender">In whose name.</param>
/// <param name="Target">Who is asked for.</param>
/// <param name="HopLimit">255 from this wire.</param>
/// <param name="Mac">Of the frame.</param>
/// <param name="LinkAddress">Of the option; empty without it.</param>
/// <param name="IsWhole">True when its checksum is right.</param>
internal sealed record SolicitationFrame(IPAddress Sender, IPAddress Target, int HopLimit, string Mac, string LinkAddress, bool IsWhole);
