using System.Globalization;
using HaGrpc.Contracts;
using HaGrpc.Core.Model;
using HaGrpc.Ctl.Language;

namespace HaGrpc.Ctl.Output;

/// <summary>A check of a member's host, for people.</summary>
internal static class HostCheckText
{
    private static readonly HostCheck Defaults = new("");

    /// <summary>What is asked, how often, and what comes of it.</summary>
    internal static string Of(V1.HostCheck check)
    {
        var asked = check.Ping.Length > 0 ? $"ping {check.Ping}"
            : check.Link.Length > 0 ? $"link {check.Link}"
            : CommandWords.Quote(check.Exec);
        var user = check.User.Length > 0 ? $", user {check.User}" : "";
        var weight = check.HasWeight
            ? string.Create(CultureInfo.InvariantCulture, $"weight {check.Weight}")
            : Speech.Of("a bad one makes its host unfit");
        var rhythm = check.Link.Length > 0 ? "" : string.Create(
            CultureInfo.InvariantCulture,
            $", every {Text(check.Interval, Defaults.Interval)}, timeout {Text(check.Timeout, Defaults.Timeout)}");
        var counts = string.Create(
            CultureInfo.InvariantCulture,
            $"rise {(check.HasRise ? check.Rise : Defaults.Rise)}, fall {(check.HasFall ? check.Fall : Defaults.Fall)}");
        return $"{check.Name}: {asked} ({weight}{rhythm}, {counts}{user}{(check.Reverse ? ", reverse" : "")}{(check.InitFail ? ", init_fail" : "")})";
    }

    private static string Text(Google.Protobuf.WellKnownTypes.Duration? given, TimeSpan otherwise) => DurationText.Format(given.ToModel(otherwise));
}
