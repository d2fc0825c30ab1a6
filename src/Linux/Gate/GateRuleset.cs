using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace HaGrpc.Linux.Gate;

/// <summary>
/// The gate's rules as nftables text. Every command of it succeeds whether the tables are there or not, and all of it is
/// one transaction: sets keep what is leased, rules are replaced, the guarded addresses become exactly those given. It
/// never leases anything: libnftables sends its transaction again in a newer ruleset generation without asking whether
/// the lease still holds (rule W4), so only <see cref="GateElements"/> opens the gate.
/// </summary>
/// <remarks>
/// A guarded address that is not leased neither gets nor gives a packet:
/// <list type="bullet">
/// <item><c>prerouting</c>, before defragmentation, connection tracking and DNAT. Only where the address is local: a
/// backup that routes for its own containers must let them reach the owner.</item>
/// <item><c>output</c>, by the source address alone: established IPv6 sockets go on sending after their address has
/// expired, and neighbour advertisements for an address have it as their source.</item>
/// <item><c>postrouting</c>, after SNAT, for what is forwarded in the address's name while it is local.</item>
/// <item>ARP <c>output</c> alone: every answer and question in the address's name has it as the sender. Input stays open,
/// or a backup would not hear the owner's gratuitous ARP, whose target is the address, and keep its old MAC.</item>
/// </list>
/// What the host sends to its own address passes output, postrouting and prerouting on <c>lo</c>, and is dropped likewise.
/// </remarks>
public static class GateRuleset
{
    /// <summary>The text.</summary>
    /// <param name="guarded">Every address that the gate stands before, IPv4 and IPv6 mixed.</param>
    public static string Text(IReadOnlyCollection<IPAddress> guarded)
    {
        var text = new StringBuilder();
        AppendTable(text, "arp", AddressFamily.InterNetwork, guarded, [
            new("output", "output", 450, "arp saddr ip @guarded arp saddr ip != @leased counter drop"),
        ]);
        AppendTable(text, "ip", AddressFamily.InterNetwork, guarded, AddressChains("ip"));
        AppendTable(text, "ip6", AddressFamily.InterNetworkV6, guarded, AddressChains("ip6"));
        return text.ToString();
    }

    private static Chain[] AddressChains(string ip) =>
    [
        new("prerouting", "prerouting", -450, $"{ip} daddr @guarded {ip} daddr != @leased fib daddr type local counter drop"),
        new("output", "output", 450, $"{ip} saddr @guarded {ip} saddr != @leased counter drop"),
        new("postrouting", "postrouting", 450, $"{ip} saddr @guarded {ip} saddr != @leased fib saddr type local counter drop"),
    ];

    private static void AppendTable(
        StringBuilder text,
        string family,
        AddressFamily addresses,
        IReadOnlyCollection<IPAddress> guarded,
        ReadOnlySpan<Chain> chains)
    {
        string table = $"{family} {KernelTag.Table}";
        string type = addresses == AddressFamily.InterNetworkV6 ? "ipv6_addr" : "ipv4_addr";
        Line($"add table {table}");
        Line($"add set {table} {GateMessages.Guarded} {{ type {type}; }}");
        Line($"add set {table} {GateMessages.Leased} {{ type {type}; flags timeout; }}");
        foreach (var chain in chains)
        {
            Line($"add chain {table} {chain.Name} {{ type filter hook {chain.Hook} priority {chain.Priority}; policy accept; }}");
            Line($"flush chain {table} {chain.Name}");
            Line($"add rule {table} {chain.Name} {chain.Rule}");
        }

        Line($"flush set {table} {GateMessages.Guarded}");
        string elements = string.Join(", ", guarded.Where(a => a.AddressFamily == addresses).Distinct());
        if (elements.Length > 0)
            Line($"add element {table} {GateMessages.Guarded} {{ {elements} }}");

        void Line(FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
    }

    private readonly record struct Chain(string Name, string Hook, int Priority, string Rule);
}
