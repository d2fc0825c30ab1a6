using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Linux;
using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Routes;

namespace HaGrpc.Agent.Vips;

/// <summary>Keeps the routes that follow a group; only the ownership thread uses it.</summary>
internal sealed class RouteKeeper : IDisposable
{
    private readonly RouteNetlink _route = new();

    public void Add(IReadOnlyCollection<Route> routes, OutcomeBuilder outcome)
    {
        foreach (var route in routes)
        {
            if (Resolve(route, outcome) is not { } entry)
                continue;
            var result = _route.AddRoute(entry);
            if (!result.Succeeded && !result.IsPresent)
                outcome.Fail(route.Destination, NetworkStep.Route, $"cannot be routed by '{route.Interface}': {result}");
        }
    }

    public void Remove(IReadOnlyCollection<Route> routes, OutcomeBuilder outcome)
    {
        foreach (var route in routes)
        {
            // Without its interface a route is gone already.
            if (Resolve(route, new()) is not { } entry)
                continue;
            var result = _route.DeleteRoute(entry);
            if (!result.Succeeded && !result.IsAbsent)
                outcome.Fail(route.Destination, NetworkStep.Route, $"cannot be removed: {result}");
        }
    }

    public void RemoveLeftovers(IReadOnlyCollection<Route> keep, OutcomeBuilder outcome)
    {
        var kept = keep.Select(r => Resolve(r, new())).OfType<RouteEntry>().ToHashSet();
        foreach (var entry in _route.DumpOwnRoutes().Where(e => !kept.Contains(e)))
        {
            string destination = $"{entry.Destination}/{entry.PrefixLength}";
            var result = _route.DeleteRoute(entry);
            if (result.Succeeded)
                outcome.Warn($"removed leftover route {destination}");
            else if (!result.IsAbsent)
                outcome.Fail(destination, NetworkStep.Route, $"leftover cannot be removed: {result}");
        }
    }

    public void Dispose() => _route.Dispose();

    private static bool Optional(string text, out IPAddress? address)
    {
        address = null;
        return text.Length == 0 || IPAddress.TryParse(text, out address);
    }

    private RouteEntry? Resolve(Route route, OutcomeBuilder outcome)
    {
        if (!Optional(route.Gateway, out var gateway) || !Optional(route.Source, out var source))
        {
            outcome.Fail(route.Destination, NetworkStep.Route, $"gateway '{route.Gateway}' or source '{route.Source}' is not an address");
            return null;
        }

        bool isIPv6 = (gateway ?? source)?.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6;
        string cidr = route.Destination == "default" ? isIPv6 ? "::/0" : "0.0.0.0/0" : route.Destination;
        if (!InterfaceAddress.TryParse(cidr, route.Interface, out var destination))
        {
            outcome.Fail(route.Destination, NetworkStep.Route, "is neither 'default' nor a network such as 10.1.0.0/16");
            return null;
        }

        if (_route.FindLink(route.Interface, out var found) is { } link)
            return new(destination.Address, destination.PrefixLength, gateway, link.Index, source);
        outcome.Fail(route.Destination, NetworkStep.Route, found.IsAbsent
            ? $"this host has no interface '{route.Interface}'"
            : $"interface '{route.Interface}' cannot be looked up: {found}");
        return null;
    }
}
