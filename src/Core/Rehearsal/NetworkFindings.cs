using System.Net;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Rehearsal;

/// <summary>What a group's addresses and routes find on a host.</summary>
internal static class NetworkFindings
{
    // Without a gate an address that is over leaves by its kernel lifetime, which is up to 2 s longer than the lease (rule W3).
    private static readonly TimeSpan MarginWithoutGate = TimeSpan.FromMilliseconds(3100);

    public static IEnumerable<Finding> Of(Group group, HostFacts facts)
    {
        if (!group.Vips.IsEmpty)
            yield return GateOf(group, facts.GateProblem);
        foreach (var name in group.Vips.Select(v => v.Interface).Distinct(StringComparer.Ordinal))
            yield return LinkOf("interface", group.Name, name, "", facts);
        foreach (var vip in group.Vips)
            yield return AddressOf(group.Name, vip, facts);
        foreach (var route in group.Routes)
            yield return LinkOf("route", group.Name, route.Interface, $"{route.Destination} by ", facts);
    }

    private static Finding GateOf(Group group, string problem)
    {
        if (problem.Length == 0)
            return new("gate", group.Name, Verdict.Ok, "nf_tables works");
        return group.Timing.TakeoverMargin >= MarginWithoutGate
            ? new("gate", group.Name, Verdict.Warning, $"no gate: {problem}", "nf_tables in the kernel, and CAP_NET_ADMIN for the agent")
            : new(
                "gate",
                group.Name,
                Verdict.Fails,
                $"no gate: {problem}; takeover_margin is {DurationText.Format(group.Timing.TakeoverMargin)}",
                "nf_tables in the kernel and CAP_NET_ADMIN for the agent, or a takeover_margin of 3.1 s or more");
    }

    private static Finding LinkOf(string what, string group, string name, string before, HostFacts facts)
    {
        var link = facts.Links.FirstOrDefault(l => l.Name == name);
        if (link is null)
        {
            var near = NearestName.Of(name, facts.Links.Select(l => l.Name)) is { } other ? $"; did you mean {other}?" : "";
            return new(what, group, Verdict.Fails, $"{before}{name}: this host has no such interface", $"an interface called {name}{near}");
        }
        return link.IsOperational
            ? new(what, group, Verdict.Ok, $"{before}{name} is up")
            : new(what, group, Verdict.Fails, $"{before}{name} is down, or has no carrier", $"ip link set {name} up, and a cable");
    }

    private static Finding AddressOf(string group, Vip vip, HostFacts facts)
    {
        var text = vip.Address.Split('/')[0];
        if (!IPAddress.TryParse(text, out var address))
            return new("address", group, Verdict.Fails, $"{vip.Address} is no address", "for example 192.0.2.10/32");
        var carriers = facts.Addresses.Where(a => a.Address.Equals(address)).Select(a => a.Interface).ToArray();
        if (carriers.FirstOrDefault(c => c != vip.Interface) is { } elsewhere)
        {
            return new(
                "address",
                group,
                Verdict.Fails,
                $"{text} is on {elsewhere} already",
                $"not there before this host owns the group, and on {vip.Interface} then: remove it from the host's configuration");
        }
        return carriers.Length > 0
            ? new(
                "address",
                group,
                Verdict.Warning,
                $"{text} is on {vip.Interface} already",
                "not there before this host owns the group: remove it from the host's configuration")
            : new("address", group, Verdict.Ok, $"{text} is not on this host");
    }
}
