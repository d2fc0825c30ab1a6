using System.Net;
using HaGrpc.Linux.Gate;

namespace HaGrpc.Functional.Tests.Gate;

/// <summary>The gate's text (rule W3), before any kernel sees it.</summary>
public sealed class GateRulesetTests
{
    private static readonly IPAddress IPv4 = IPAddress.Parse("192.0.2.10"), IPv6 = IPAddress.Parse("2001:db8::10");

    [Fact]
    public void Every_family_guards_its_own_addresses()
    {
        var lines = Lines();
        lines.ShouldContain("add element arp hagrpc guarded { 192.0.2.10 }");
        lines.ShouldContain("add element ip hagrpc guarded { 192.0.2.10 }");
        lines.ShouldContain("add element ip6 hagrpc guarded { 2001:db8::10 }");
        lines.ShouldNotContain(l => l.StartsWith("add element", StringComparison.Ordinal) && l.Contains(" leased ", StringComparison.Ordinal));
    }

    [Fact]
    public void A_reinstallation_replaces_rules_and_keeps_what_is_leased()
    {
        var lines = Lines();
        foreach (var chain in lines.Where(l => l.StartsWith("add chain", StringComparison.Ordinal)).Select(l => l.Split(' ')))
            lines.ShouldContain($"flush chain {chain[2]} {chain[3]} {chain[4]}");
        lines.ShouldNotContain(l => l.StartsWith("flush set", StringComparison.Ordinal) && l.EndsWith(" leased", StringComparison.Ordinal));
        lines.ShouldNotContain(l => l.StartsWith("delete", StringComparison.Ordinal));
    }

    private static string[] Lines() => GateRuleset.Text([IPv4, IPv6]).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
