using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Import.Emitting;

namespace HaGrpc.Ctl.Import.Keepalived;

/// <summary>A line of <c>virtual_ipaddress</c>: <c>ADDRESS[/LENGTH] [dev IF] [label LABEL] [scope …] [brd …]</c>.</summary>
internal static class AddressLine
{
    /// <param name="line">The line.</param>
    /// <param name="interfaceName">The instance's interface, for addresses that name none.</param>
    /// <param name="at">Where.</param>
    /// <param name="report">Is told what a VIP has not here.</param>
    internal static ManifestMap Read(KeepalivedStatement line, string interfaceName, Origin at, ImportReport report)
    {
        var (dev, label) = (interfaceName, "");
        for (var i = 1; i < line.Words.Length; i++)
        {
            var word = line.Words[i];
            var value = i + 1 < line.Words.Length ? line.Words[i + 1] : "";
            switch (word)
            {
                case "dev":
                    (dev, i) = (value, i + 1);
                    break;
                case "label":
                    (label, i) = (value, i + 1);
                    break;
                case "scope" when value is "global" or "0":
                    i++;
                    break;
                case "home" or "no_track":
                    report.Note(at, $"{line.Keyword}: {word} has no meaning here");
                    break;
                case "-nodad":
                    report.Note(at, $"{line.Keyword}: duplicate address detection is not waited for here either: the lease says who has it");
                    break;
                case "scope" or "brd" or "broadcast" or "peer" or "track_group" or "preferred_lft":
                    report.Lose(at, $"{line.Keyword}: {word} {value} is not set on a VIP");
                    i++;
                    break;
                default:
                    report.Lose(at, $"{line.Keyword}: {word} is not set on a VIP");
                    break;
            }
        }
        var vip = new ManifestMap(at) { IsShort = true };
        vip.Text("address", WithLength(line.Keyword)).Text("interface", dev);
        return label.Length > 0 ? vip.Text("label", label) : vip;
    }

    /// <summary>An address without a length is a host's own.</summary>
    internal static string WithLength(string address) =>
        address.Contains('/', StringComparison.Ordinal) || !IpPrefix.TryParseAddress(address, out var parsed) || parsed is null
            ? address
            : string.Create(CultureInfo.InvariantCulture, $"{address}/{new IpPrefix(parsed, 0).AddressBits}");
}
