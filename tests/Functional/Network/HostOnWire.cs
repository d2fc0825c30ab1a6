using System.Net;
using System.Text.RegularExpressions;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Network;

/// <summary>A host and its neighbour on one wire (a veth pair), each in a namespace of its own. Both have <c>eth0</c>.</summary>
internal sealed partial class HostOnWire : IDisposable
{
    public const string HostMac = "02:00:00:00:00:01", PeerMac = "02:00:00:00:00:02";

    public static readonly IPAddress
        Host4 = IPAddress.Parse("192.0.2.1"), Peer4 = IPAddress.Parse("192.0.2.2"), Address4 = IPAddress.Parse("192.0.2.50"),
        Host6 = IPAddress.Parse("2001:db8::1"), Peer6 = IPAddress.Parse("2001:db8::2"), Address6 = IPAddress.Parse("2001:db8::50");

    public static readonly Vip Vip4 = new("192.0.2.50/32", "eth0", "eth0:vip"), Vip6 = new("2001:db8::50/128", "eth0");

    public static readonly Vip[] Vips = [Vip4, Vip6];

    private readonly List<IDisposable> _opened = [];

    public HostOnWire()
    {
        Host.Ip($"""
            link set lo up
            link add eth0 address {HostMac} type veth peer name eth0 address {PeerMac} netns {Peer.Path}
            link set eth0 up
            addr add {Host4}/24 dev eth0
            addr add {Host6}/64 dev eth0 nodad
            neigh add {Peer4} lladdr {PeerMac} dev eth0 nud permanent
            neigh add {Peer6} lladdr {PeerMac} dev eth0 nud permanent
            """);
        Peer.Ip($"""
            link set lo up
            link set eth0 up
            addr add {Peer4}/24 dev eth0
            addr add {Peer6}/64 dev eth0 nodad
            neigh add {Host4} lladdr {HostMac} dev eth0 nud permanent
            neigh add {Address4} lladdr {HostMac} dev eth0 nud permanent
            neigh add {Host6} lladdr {HostMac} dev eth0 nud permanent
            neigh add {Address6} lladdr {HostMac} dev eth0 nud permanent
            """);
        // The kernel notices carrier some moments after the link was set up; until then a watch would tell of a link that came up.
        foreach (var space in new[] { Host, Peer })
            Eventually.Until("the link has carrier", TimeSpan.FromSeconds(60), () => space.Command("ip", "link", "show", "dev", "eth0").Contains("state UP", StringComparison.Ordinal)).GetAwaiter().GetResult();
    }

    public NetworkSpace Host { get; } = new("host");

    public NetworkSpace Peer { get; } = new("peer");

    /// <summary>The agent's side of the network, in the host; it goes with the wire.</summary>
    public HostNetwork OpenNetwork(TimeProvider? time = null)
    {
        var network = Host.Do(() => new HostNetwork(time ?? TimeProvider.System));
        _opened.Add(network);
        return network;
    }

    /// <summary>What is leased, as <c>ip 192.0.2.50</c>, in nft(8)'s eyes.</summary>
    public IReadOnlyList<string> Leased()
    {
        var leased = new List<string>();
        foreach (var table in LeasedSet().Matches(Host.Command("nft", "list", "ruleset")).Where(t => t.Groups[2].Success))
            leased.AddRange(table.Groups[2].Value.Split(',').Select(e => $"{table.Groups[1].Value} {e.Trim().Split(' ')[0]}"));
        return leased;
    }

    /// <summary>Addresses of the host with prefix, as <c>192.0.2.50/32</c>, in ip(8)'s eyes.</summary>
    public IReadOnlyList<string> Addresses() =>
        [.. AddressLine().Matches(Host.Command("ip", "addr", "show", "dev", "eth0")).Select(m => m.Groups[1].Value)];

    /// <summary>The neighbour has the IPv6 VIP too, says nothing of it, and answers who asks.</summary>
    public void DuplicateAddress6()
    {
        Peer.Ip($"addr add {Address6}/128 dev eth0 nodad");
        // The kernel joins the solicited-node group (RFC 4861) from a thread of its own; before that it hears no question.
        Eventually.Until("the neighbour hears questions for it", TimeSpan.FromSeconds(60), () => Peer.Command("ip", "maddr", "show", "dev", "eth0").Contains("ff02::1:ff00:50", StringComparison.Ordinal)).GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        foreach (var one in _opened)
            one.Dispose();
        Host.Dispose();
        Peer.Dispose();
    }

    [GeneratedRegex(@"inet6? (\S+)")]
    private static partial Regex AddressLine();

    [GeneratedRegex(@"table (\w+) hagrpc \{.*?set leased \{\s+type \w+\s+flags timeout\s+(?:elements = \{([^}]*)\})?", RegexOptions.Singleline)]
    private static partial Regex LeasedSet();
}
