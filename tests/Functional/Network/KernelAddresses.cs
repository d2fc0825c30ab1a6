using System.Buffers.Binary;
using System.Net;
using System.Text;
using HaGrpc.Lab.Kernel;

namespace HaGrpc.Functional.Tests.Network;

/// <summary>An address as the kernel tells it (rtnetlink(7)).</summary>
internal sealed record KernelAddress(
    IPAddress Address, int Prefix, string Label, byte Tag, uint ValidSeconds, uint PreferredSeconds, uint Flags)
{
    /// <summary>IFA_F_NODAD.</summary>
    public bool SkipsDuplicateDetection => (Flags & 0x02) != 0;

    /// <summary>IFA_F_TENTATIVE.</summary>
    public bool IsTentative => (Flags & 0x40) != 0;
}

/// <summary>Reads addresses, who added them included (IFA_PROTO), which ip(8) shows only in newer versions.</summary>
internal static class KernelAddresses
{
    private const int Done = 3, NewAddress = 20;
    private const int Address = 1, Local = 2, Label = 3, CacheInfo = 6, LongFlags = 8, Protocol = 11;

    /// <summary>True when the kernel keeps IFA_PROTO: since Linux 5.18.</summary>
    public static bool KernelTags { get; } = Version.Parse(Release()) >= new Version(5, 18);

    public static IReadOnlyList<KernelAddress> Of(NetworkSpace space)
    {
        using var socket = space.Do(() => KernelSocket.Netlink(0, 0));
        var request = new byte[24];
        BinaryPrimitives.WriteUInt32LittleEndian(request, 24);
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(4), 22); // RTM_GETADDR
        BinaryPrimitives.WriteUInt16LittleEndian(request.AsSpan(6), 0x301); // NLM_F_REQUEST | NLM_F_DUMP
        socket.Send(request).ShouldBeTrue();
        var found = new List<KernelAddress>();
        var buffer = new byte[65536];
        for (var done = false; !done;)
        {
            socket.WaitReadable(60_000).ShouldBeTrue();
            NetlinkReader.Messages(buffer.AsSpan(0, socket.Receive(buffer)), (type, payload) =>
            {
                done |= type == Done;
                if (type == NewAddress)
                    found.Add(Read(payload));
            });
        }
        return found;
    }

    private static KernelAddress Read(ReadOnlySpan<byte> payload)
    {
        var attributes = payload[8..];
        var local = NetlinkReader.Find(attributes, Local);
        var times = NetlinkReader.Find(attributes, CacheInfo);
        var tag = NetlinkReader.Find(attributes, Protocol);
        return new(
            new(local.IsEmpty ? NetlinkReader.Find(attributes, Address) : local),
            payload[1],
            Encoding.ASCII.GetString(NetlinkReader.Find(attributes, Label)).TrimEnd('\0'),
            tag.IsEmpty ? (byte)0 : tag[0],
            BinaryPrimitives.ReadUInt32LittleEndian(times[4..]),
            BinaryPrimitives.ReadUInt32LittleEndian(times),
            BinaryPrimitives.ReadUInt32LittleEndian(NetlinkReader.Find(attributes, LongFlags)));
    }

    private static string Release() => string.Join('.', File.ReadAllText("/proc/sys/kernel/osrelease").Split('.', '-')[..2]);
}
