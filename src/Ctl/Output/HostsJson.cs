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
    string Detail)
{
    internal static HostJson Of(HostStatus host) => new(
        host.Host.Name,
        host.Host.Description,
        Word(host.State),
        Times.Seconds(host.LastHeartbeatAge),
        host.AgentVersion,
        host.Address,
        [.. host.OwnedGroups],
        host.Detail);

    /// <summary>unknown, live, suspect or dead.</summary>
    internal static string Word(HostState state) => state switch
    {
        HostState.Live => "live",
        HostState.Suspect => "suspect",
        HostState.Dead => "dead",
        _ => "unknown",
    };
}
