using HaGrpc.V1;

namespace HaGrpc.Ctl.Output;

internal sealed record HostsJson(IReadOnlyList<HostJson> Hosts)
{
    internal static HostsJson Of(IEnumerable<HostStatus> hosts) => new([.. hosts.Select(HostJson.Of)]);
}

internal sealed record HostJson(
    string Name,
    string Description,
    string State,
    double? LastHeartbeatAgeSeconds,
    string AgentVersion,
    string Address,
    IReadOnlyList<string> OwnedGroups,
    string Detail,
    DrainJson? Drain,
    string? FenceAgent,
    HostRevocationJson? Revoked)
{
    internal static HostJson Of(HostStatus host) => new(
        host.Host.Name,
        host.Host.Description,
        Word(host.State),
        Times.Seconds(host.LastHeartbeatAge),
        host.AgentVersion,
        host.Address,
        [.. host.OwnedGroups],
        host.Detail,
        host.DrainedSince is null ? null : new(host.DrainedBy, Times.Machine(host.DrainedSince), host.DrainedReason),
        host.Host.Fence?.Agent,
        host.Revocation is { } revoked ? new(revoked.By, Times.Machine(revoked.At), revoked.Reason) : null);

    /// <summary>unknown, live, suspect or dead.</summary>
    internal static string Word(HostState state) => state switch
    {
        HostState.Live => "live",
        HostState.Suspect => "suspect",
        HostState.Dead => "dead",
        _ => "unknown",
    };
}

internal sealed record HostRevocationJson(string By, string? At, string Reason);

internal sealed record DrainJson(string By, string? Since, string Reason);

internal sealed record DrainedJson(string Host, IReadOnlyList<DrainedGroupJson> Groups)
{
    internal static DrainedJson Of(string host, DrainHostResponse done) => new(host, [.. done.Groups.Select(g => new DrainedGroupJson(
        g.Group, g.Owner.Length == 0 ? null : g.Owner, g.Epoch, Times.Seconds(g.Took), g.Detail))]);
}

internal sealed record DrainedGroupJson(string Group, string? Owner, long Epoch, double? TookSeconds, string Detail);
