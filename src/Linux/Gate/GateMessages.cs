using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Linux.Gate;

/// <summary>nf_tables netlink (linux/netfilter/nf_tables.h, linux/netfilter/nfnetlink.h) as bytes.</summary>
internal static class GateMessages
{
    public const int GroupNfTables = 7;
    public const byte FamilyIPv4 = 2;
    public const byte FamilyArp = 3;
    public const byte FamilyIPv6 = 10;

    /// <summary>Every family that a table of ours may be of.</summary>
    public static ReadOnlySpan<byte> AllFamilies => [FamilyArp, FamilyIPv4, FamilyIPv6];

    public const string Guarded = "guarded";
    public const string Leased = "leased";

    private const ushort Subsystem = 10;
    private const ushort BatchBegin = 16;
    private const ushort BatchEnd = 17;
    private const ushort BatchGeneration = 1;
    private const ushort GenerationId = 1;
    private const ushort ListTable = 1;
    private const ushort ListSet = 2;
    private const ushort ListElements = 3;
    private const ushort ListEntry = 1;
    private const ushort ElementKey = 1;
    private const ushort ElementTimeout = 4;
    private const ushort DataValue = 1;

    /// <summary>Type of an nf_tables message (NFT_MSG_…) in a netlink header.</summary>
    public static ushort Type(GateMessage message) => (ushort)((Subsystem << 8) | (ushort)message);

    /// <summary>Starts a request or a part of a batch for one family.</summary>
    public static void Begin(
        ref MessageBuilder builder, GateMessage message, ushort flags, uint sequence, byte family)
    {
        builder.Begin(Type(message), (ushort)(NetlinkConstants.FlagRequest | flags), sequence);
        builder.Fixed(4)[0] = family;
    }

    /// <summary>Largest size of a batch that <see cref="WriteLease"/> writes for so many addresses.</summary>
    public static int BatchLength(int addresses) => 1024 + (addresses * 6 * 64);

    /// <summary>
    /// Writes one transaction that leases the addresses anew or releases them, whether they are leased or not. An element
    /// is added, deleted and (to lease) added again: adding what is there and deleting what was just added both succeed,
    /// so nothing fails because of what was there before, and a timeout starts again also on kernels before 6.12, where
    /// adding an element that is there leaves its timeout alone. Packets see the state before or after, nothing between.
    /// </summary>
    /// <param name="builder">Receives the messages.</param>
    /// <param name="addresses">IPv4 and IPv6, mixed.</param>
    /// <param name="lease">False: release.</param>
    /// <param name="timeoutMilliseconds">0: no end.</param>
    /// <param name="sequence">First sequence number; one more is used per message.</param>
    /// <param name="families">The tables to change; those that no address belongs to are left out.</param>
    /// <param name="generation">The ruleset generation that it was composed under: in another one the kernel answers ERESTART
    /// and does nothing (NFNL_BATCH_GENID, Linux 4.16). 0: in whichever.</param>
    /// <returns>Sequence number of the message that asks for the acknowledgement; <paramref name="sequence"/> itself when
    /// there was nothing to write.</returns>
    public static uint WriteLease(
        ref MessageBuilder builder,
        ReadOnlySpan<IPAddress> addresses,
        bool lease,
        ulong timeoutMilliseconds,
        uint sequence,
        ReadOnlySpan<byte> families,
        uint generation = 0)
    {
        byte lastFamily = 0;
        foreach (byte family in families)
            lastFamily = Has(addresses, family) ? family : lastFamily;
        if (lastFamily == 0)
            return sequence;
        WriteBatchEdge(ref builder, BatchBegin, sequence, generation);
        foreach (byte family in families)
        {
            if (!Has(addresses, family))
                continue;
            ushort ack = family == lastFamily ? NetlinkConstants.FlagAck : (ushort)0;
            WriteElements(ref builder, GateMessage.NewElement, NetlinkConstants.FlagCreate, ++sequence, family, addresses, 0);
            WriteElements(
                ref builder, GateMessage.DeleteElement, lease ? (ushort)0 : ack, ++sequence, family, addresses, 0);
            if (lease)
            {
                ushort flags = (ushort)(NetlinkConstants.FlagCreate | ack);
                WriteElements(
                    ref builder, GateMessage.NewElement, flags, ++sequence, family, addresses, timeoutMilliseconds);
            }
        }

        WriteBatchEdge(ref builder, BatchEnd, sequence + 1, 0);
        return sequence;
    }

    /// <summary>Writes the question for the ruleset's generation (NFT_MSG_GETGEN).</summary>
    public static void WriteGetGeneration(ref MessageBuilder builder, uint sequence)
    {
        Begin(ref builder, GateMessage.GetGeneration, NetlinkConstants.FlagAck, sequence, 0);
        builder.End();
    }

    /// <summary>Reads the generation from NFT_MSG_NEWGEN; 0, which no generation is, when it is not there.</summary>
    public static uint ReadGeneration(ReadOnlySpan<byte> payload)
    {
        var attributes = new AttributeReader(payload[4..]);
        while (attributes.Next())
        {
            if (attributes.Type == GenerationId)
                return BinaryPrimitives.ReadUInt32BigEndian(attributes.Value);
        }

        return 0;
    }

    /// <summary>Writes NFTA_SET_ELEM_LIST_TABLE and _SET.</summary>
    public static void WriteSet(ref MessageBuilder builder, string set)
    {
        builder.AttributeString(ListTable, KernelTag.Table);
        builder.AttributeString(ListSet, set);
    }

    /// <summary>Adds the keys of an answer to NFT_MSG_GETSETELEM to <paramref name="keys"/>.</summary>
    public static void ReadElements(ReadOnlySpan<byte> payload, HashSet<IPAddress> keys)
    {
        var lists = new AttributeReader(payload[4..]);
        while (lists.Next())
        {
            if (lists.Type != ListElements)
                continue;
            var entries = new AttributeReader(lists.Value);
            while (entries.Next())
            {
                var element = new AttributeReader(entries.Value);
                while (element.Next())
                {
                    if (element.Type != ElementKey)
                        continue;
                    var data = new AttributeReader(element.Value);
                    if (data.Next() && data.Value.Length is 4 or 16)
                        keys.Add(new(data.Value));
                }
            }
        }
    }

    private static void WriteElements(
        ref MessageBuilder builder,
        GateMessage message,
        ushort flags,
        uint sequence,
        byte family,
        ReadOnlySpan<IPAddress> addresses,
        ulong timeoutMilliseconds)
    {
        Begin(ref builder, message, flags, sequence, family);
        WriteSet(ref builder, Leased);
        int list = builder.BeginNested(ListElements);
        Span<byte> bytes = stackalloc byte[16];
        foreach (var address in addresses)
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6 != (family == FamilyIPv6))
                continue;
            address.TryWriteBytes(bytes, out int length);
            int entry = builder.BeginNested(ListEntry);
            int key = builder.BeginNested(ElementKey);
            builder.Attribute(DataValue, bytes[..length]);
            builder.EndNested(key);
            if (timeoutMilliseconds > 0)
                builder.AttributeUInt64BigEndian(ElementTimeout, timeoutMilliseconds);
            builder.EndNested(entry);
        }

        builder.EndNested(list);
        builder.End();
    }

    /// <summary>ARP is about IPv4 addresses.</summary>
    private static bool Has(ReadOnlySpan<IPAddress> addresses, byte family)
    {
        foreach (var address in addresses)
        {
            if (address.AddressFamily == AddressFamily.InterNetworkV6 == (family == FamilyIPv6))
                return true;
        }

        return false;
    }

    private static void WriteBatchEdge(ref MessageBuilder builder, ushort type, uint sequence, uint generation)
    {
        builder.Begin(type, NetlinkConstants.FlagRequest, sequence);
        BinaryPrimitives.WriteUInt16BigEndian(builder.Fixed(4)[2..], Subsystem);
        if (generation != 0)
            builder.AttributeUInt32BigEndian(BatchGeneration, generation);
        builder.End();
    }
}

/// <summary>NFT_MSG_… of linux/netfilter/nf_tables.h.</summary>
internal enum GateMessage : ushort
{
    GetTable = 1,
    GetRule = 7,
    NewElement = 12,
    GetElement = 13,
    DeleteElement = 14,
    NewGeneration = 15,
    GetGeneration = 16,
}
