using System.Globalization;
using HaGrpc.Core.Rehearsal;

namespace HaGrpc.Core.Handover;

/// <summary>What is to be the same on all members.</summary>
/// <param name="Host">The host.</param>
/// <param name="Version">Of its agent.</param>
/// <param name="TimeZone">As it says.</param>
/// <param name="Clock">By how much its clock is ahead of the control plane's, and how far off that may be; null for unknown.</param>
public sealed record FleetFacts(string Host, string Version, string TimeZone, (TimeSpan Ahead, TimeSpan Off)? Clock);

/// <summary>Compares a host with the control plane and the other members. No clock decides anything; people and logs compare them.</summary>
public static class FleetFindings
{
    private static readonly TimeSpan Tolerance = TimeSpan.FromSeconds(1);

    /// <summary>The findings of one host.</summary>
    /// <param name="host">The host.</param>
    /// <param name="all">It and the others.</param>
    public static IEnumerable<Finding> Of(FleetFacts host, IReadOnlyCollection<FleetFacts> all)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(all);
        if (host.Clock is var (ahead, off))
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"{Math.Abs(ahead.TotalSeconds):F1} s {(ahead < TimeSpan.Zero ? "behind" : "ahead of")} the control plane's");
            yield return ahead.Duration() <= Tolerance + off
                ? new("clock", host.Host, Verdict.Ok, value)
                : new("clock", host.Host, Verdict.Warning, value, "chrony or systemd-timesyncd on all hosts: leases need no clock, those who read logs do");
        }
        yield return all.Select(o => o.TimeZone).Distinct(StringComparer.Ordinal).Count() <= 1
            ? new("time_zone", host.Host, Verdict.Ok, host.TimeZone)
            : new("time_zone", host.Host, Verdict.Warning, $"{host.TimeZone}; {Others(host, all, o => o.TimeZone)}", "the same on all members: timedatectl set-timezone");
        yield return all.Select(o => o.Version).Distinct(StringComparer.Ordinal).Count() <= 1
            ? new("version", host.Host, Verdict.Ok, host.Version)
            : new("version", host.Host, Verdict.Warning, $"{host.Version}; {Others(host, all, o => o.Version)}", "the same agent on all members");
    }

    private static string Others(FleetFacts host, IEnumerable<FleetFacts> all, Func<FleetFacts, string> field) =>
        string.Join(", ", all.Where(o => o.Host != host.Host).Select(o => $"{o.Host} has {field(o)}"));
}
