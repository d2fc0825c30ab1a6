using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Linux.Links;

/// <summary>RTM_GETLINK and RTM_NEWLINK (rtnetlink(7), linux/if_link.h) as bytes.</summary>
internal static class LinkMessages
{
    public const ushort New = 16;
    public const ushort Delete = 17;

    private const ushort Get = 18;
    private const int FixedLength = 16;
    private const ushort Address = 1;
    private const ushort Name = 3;
    private const ushort ExtendedMask = 29;
    private const uint SkipStatistics = 1 << 3;

    public static void WriteGet(ref MessageBuilder builder, uint sequence, string name)
    {
        builder.Begin(Get, NetlinkConstants.FlagRequest | NetlinkConstants.FlagAck, sequence);
        builder.Fixed(FixedLength);
        builder.AttributeString(Name, name);
        builder.AttributeUInt32(ExtendedMask, SkipStatistics);
        builder.End();
    }

    public static void WriteDump(ref MessageBuilder builder, uint sequence)
    {
        builder.Begin(Get, NetlinkConstants.FlagRequest | NetlinkConstants.FlagDump, sequence);
        builder.Fixed(FixedLength);
        builder.AttributeUInt32(ExtendedMask, SkipStatistics);
        builder.End();
    }

    public static LinkEntry? Read(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FixedLength)
            return null;
        string name = "";
        var hardware = PhysicalAddress.None;
        var attributes = new AttributeReader(payload[FixedLength..]);
        while (attributes.Next())
        {
            if (attributes.Type == Name)
                name = attributes.Text;
            else if (attributes.Type == Address)
                hardware = new(attributes.Value.ToArray());
        }

        return new(
            MemoryMarshal.Read<int>(payload[4..]),
            name,
            MemoryMarshal.Read<uint>(payload[8..]),
            MemoryMarshal.Read<ushort>(payload[2..]),
            hardware);
    }
}
