using System.Collections.Immutable;
using System.Net;

namespace HaGrpc.Core.Model.Validation;

/// <summary>A route by itself, and the routes of one group among each other.</summary>
internal static class RouteRules
{
    private const string Default = "default";

    internal static void Check(Route route, string path, ICollection<FieldError> errors)
    {
        bool? v6 = null;
        if (DestinationProblem(route.Destination, ref v6) is { } problem)
            errors.Add(new($"{path}.destination", route.Destination, problem));
        CheckAddress(route.Gateway, $"{path}.gateway", "the next hop, for example 192.0.2.1", ref v6, errors);
        InterfaceRules.Check(route.Interface, $"{path}.interface", errors);
        CheckAddress(route.Source, $"{path}.source", "the preferred source, for example 192.0.2.10", ref v6, errors);
    }

    /// <summary>The kernel takes one route per destination (and metric, which we do not set).</summary>
    internal static void CheckDistinct(ImmutableArray<Route> routes, string path, ICollection<FieldError> errors)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < routes.Length; i++)
        {
            if (Key(routes[i]) is { } key && !seen.TryAdd(key, i))
                errors.Add(new($"{path}[{i}].destination", routes[i].Destination,
                    $"routes[{seen[key]}] of this group has the same destination"));
        }
    }

    private static string? Key(Route route)
    {
        if (route.Destination == Default)
            return route.Gateway.Contains(':', StringComparison.Ordinal) ||
                route.Source.Contains(':', StringComparison.Ordinal) ? "::/0" : "0.0.0.0/0";
        return IpPrefix.TryParse(route.Destination, out var prefix) ? prefix?.ToString() : null;
    }

    private static string? DestinationProblem(string text, ref bool? v6)
    {
        if (text == Default)
            return null;
        if (text.Length == 0)
            return "the destination is missing: a prefix such as 198.51.100.0/24, or default";
        if (!IpPrefix.TryParse(text, out var prefix) || prefix is null)
            return "not a prefix such as 198.51.100.0/24 or 2001:db8::/32, and not default";
        v6 = prefix.IsV6;
        return prefix.Network.Equals(prefix.Address)
            ? null
            : $"bits behind the prefix are set; write {prefix.Network}/{prefix.Length}";
    }

    // The first address fixes the route's family, whichever it is: "default" has none of its own.
    private static void CheckAddress(
        string text, string path, string what, ref bool? v6, ICollection<FieldError> errors)
    {
        if (text.Length == 0)
            return;
        if (!IpPrefix.TryParseAddress(text, out var address) || address is null)
        {
            errors.Add(new(path, text, $"not an address without prefix length: {what}"));
            return;
        }
        var isV6 = new IpPrefix(address, 0).IsV6;
        if (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any))
            errors.Add(new(path, text, $"the unspecified address is not usable; leave it out, or write {what}"));
        else if (v6 is { } family && family != isV6)
            errors.Add(new(path, text, $"an IPv{(isV6 ? 6 : 4)} address in an IPv{(isV6 ? 4 : 6)} route"));
        v6 ??= isV6;
    }
}
