using HaGrpc.Core.Model;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>A line of <c>virtual_routes</c>: <c>[src A] [to] DESTINATION [via|gw A] [dev IF] [src A] …</c>.</summary>
internal static class RouteLine
{
    private static readonly HashSet<string> Kinds =
        new(["blackhole", "unreachable", "prohibit", "throw", "local", "broadcast", "anycast", "multicast", "nat"], StringComparer.Ordinal);

    /// <summary>What makes it another route than ours can be.</summary>
    private static readonly HashSet<string> Elsewhere = new(["table", "nexthop", "or", "encap", "tos", "dsfield", "nhid"], StringComparer.Ordinal);

    /// <summary>Options of iproute2 that have a value.</summary>
    private static readonly HashSet<string> WithValue = new(
        [
            "weight", "metric", "scope", "proto", "protocol", "mtu", "advmss", "initcwnd", "initrwnd", "preference", "pref", "realms", "realm", "window",
            "rtt", "rttvar", "rto_min", "hoplimit", "quickack", "congctl", "features", "track_group",
        ],
        StringComparer.Ordinal);

    /// <returns>Null, and reported, when it is no route that a group can have.</returns>
    internal static ManifestMap? Read(KeepalivedStatement line, string interfaceName, Origin at, ImportReport report)
    {
        var (destination, gateway, dev, source) = ("", "", "", "");
        for (var i = 0; i < line.Words.Length; i++)
        {
            var word = line.Words[i];
            var value = i + 1 < line.Words.Length ? line.Words[i + 1] : "";
            if (Kinds.Contains(word) || (Elsewhere.Contains(word) && !(word == "table" && value is "main" or "254")))
            {
                report.Lose(at, $"{line.Text}: a route of a group is an ordinary one of the main table; add this one in a hook: {word}");
                return null;
            }
            switch (word)
            {
                case "to" or "unicast":
                    break;
                case "src":
                    (source, i) = (value, i + 1);
                    break;
                case "via" or "gw":
                    if (value is "inet" or "inet6" && i + 2 < line.Words.Length)
                        value = line.Words[++i + 1];
                    (gateway, i) = (value, i + 1);
                    break;
                case "dev" or "oif":
                    (dev, i) = (value, i + 1);
                    break;
                case "table":
                    i++;
                    break;
                case "no_track" or "onlink":
                    report.Lose(at, $"{line.Text}: {word} is not set on a route");
                    break;
                case var _ when WithValue.Contains(word):
                    report.Lose(at, $"{line.Text}: {word} {value} is not set on a route; the kernel's default holds");
                    i++;
                    break;
                default:
                    if (destination.Length > 0)
                        report.Lose(at, $"{line.Text}: {word} is not set on a route");
                    else
                        destination = Destination(word);
                    break;
            }
        }
        if (dev.Length == 0)
            report.Note(at, $"{line.Text}: names no interface; the instance's one is written: {interfaceName}");
        var route = new ManifestMap(at) { IsShort = true }.Text("destination", destination);
        if (gateway.Length > 0)
            route.Text("gateway", gateway);
        route.Text("interface", dev.Length > 0 ? dev : interfaceName);
        return source.Length > 0 ? route.Text("source", Bare(source)) : route;
    }

    private static string Destination(string word) => word switch
    {
        "default" or "default6" or "0.0.0.0/0" or "::/0" => "default",
        _ => AddressLine.WithLength(word),
    };

    // A source is an address; some write it with a length.
    private static string Bare(string source) =>
        IpPrefix.TryParse(source, out var prefix) && prefix is not null ? prefix.Address.ToString() : source;
}
