using System.Buffers.Binary;
using System.Net;
using HaGrpc.Linux.Netlink;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Gate;

/// <summary>Reads the gate from the kernel, in the network namespace of the thread that constructs it.</summary>
public sealed class GateReader : IDisposable
{
    private const int Attempts = 5;
    private const ushort TableName = 1;
    private const ushort TableFlags = 2;
    private const ushort RuleTable = 1;
    private const ushort RuleChain = 2;
    private const ushort RuleHandle = 3;
    private readonly NetlinkSocket _socket = new(NetlinkConstants.ProtocolNetfilter);

    /// <summary>Reads our tables.</summary>
    /// <exception cref="NetlinkException">The kernel refuses, or the ruleset changes faster than it can be read.</exception>
    public GateSnapshot Read()
    {
        var rules = new HashSet<string>(StringComparer.Ordinal);
        var guarded = new HashSet<IPAddress>();
        var leased = new HashSet<IPAddress>();
        var anywhere = new HashSet<IPAddress>();
        foreach (byte family in (ReadOnlySpan<byte>)[GateMessages.FamilyIPv4, GateMessages.FamilyIPv6, GateMessages.FamilyArp])
        {
            ReadRules(family, rules);
            var familyGuarded = ReadElements(family, GateMessages.Guarded);
            var familyLeased = ReadElements(family, GateMessages.Leased);
            anywhere.UnionWith(familyLeased);
            if (family == GateMessages.FamilyArp)
            {
                guarded.RemoveWhere(a => IsIPv4(a) && !familyGuarded.Contains(a));
                leased.RemoveWhere(a => IsIPv4(a) && !familyLeased.Contains(a));
            }
            else
            {
                guarded.UnionWith(familyGuarded);
                leased.UnionWith(familyLeased);
            }
        }

        return new(rules, guarded, leased, anywhere);
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private static bool IsIPv4(IPAddress address) =>
        address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork;

    private void ReadRules(byte family, HashSet<string> rules)
    {
        var found = new List<string>();
        bool Query(GateMessage message, ushort table, MessageHandler handler) => Dump(
            message,
            family,
            (ref MessageBuilder b) => b.AttributeString(table, KernelTag.Table),
            found.Clear,
            handler);

        _ = Query(GateMessage.GetTable, TableName, (_, payload) =>
        {
            bool ours = false;
            uint flags = 0;
            var attributes = new AttributeReader(payload[4..]);
            while (attributes.Next())
            {
                ours |= attributes.Type == TableName && attributes.Text == KernelTag.Table;
                if (attributes.Type == TableFlags)
                    flags = BinaryPrimitives.ReadUInt32BigEndian(attributes.Value);
            }

            if (ours && flags != 0)
                found.Add($"{family} flags {flags}");
        });
        rules.UnionWith(found);
        _ = Query(GateMessage.GetRule, RuleTable, (_, payload) =>
        {
            bool ours = false;
            string chain = "";
            ulong handle = 0;
            var attributes = new AttributeReader(payload[4..]);
            while (attributes.Next())
            {
                ours |= attributes.Type == RuleTable && attributes.Text == KernelTag.Table;
                if (attributes.Type == RuleChain)
                    chain = attributes.Text;
                else if (attributes.Type == RuleHandle)
                    handle = BinaryPrimitives.ReadUInt64BigEndian(attributes.Value);
            }

            if (ours)
                found.Add($"{family} {chain} {handle}");
        });
        rules.UnionWith(found);
    }

    private HashSet<IPAddress> ReadElements(byte family, string set)
    {
        var keys = new HashSet<IPAddress>();
        _ = Dump(
            GateMessage.GetElement,
            family,
            (ref MessageBuilder b) => GateMessages.WriteSet(ref b, set),
            keys.Clear,
            (_, payload) => GateMessages.ReadElements(payload, keys));
        return keys;
    }

    /// <summary>False when the table or set is not there.</summary>
    private bool Dump(GateMessage message, byte family, Writer write, Action restart, MessageHandler handler)
    {
        var result = NetlinkResult.Done;
        Span<byte> buffer = stackalloc byte[128];
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            restart();
            var builder = new MessageBuilder(buffer);
            uint sequence = _socket.NextSequence();
            GateMessages.Begin(ref builder, message, NetlinkConstants.FlagDump, sequence, family);
            write(ref builder);
            builder.End();
            result = _socket.Query(builder.Written, sequence, handler);
            if (result.Succeeded || result.IsAbsent)
                return result.Succeeded;
            if (result.Errno != SocketCalls.EINTR)
                break;
        }

        throw new NetlinkException(message.ToString(), result);
    }

    private delegate void Writer(ref MessageBuilder builder);
}
