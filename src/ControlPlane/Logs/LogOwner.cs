using HaGrpc.ControlPlane.Agents;
using HaGrpc.ControlPlane.Leader;
using HaGrpc.Core.Ownership;

namespace HaGrpc.ControlPlane.Logs;

/// <summary>Who has a group's logs now.</summary>
/// <param name="Host">The owner; empty while there is none.</param>
/// <param name="Epoch">Its epoch.</param>
/// <param name="Agent">Its agent; null when it is not attached.</param>
/// <param name="Obstacle">Why nothing can be read there now; empty when it can.</param>
internal sealed record LogOwner(string Host, long Epoch, AgentStream? Agent, string Obstacle)
{
    /// <summary>On the loop's thread: looks.</summary>
    public static LogOwner Of(Tenure tenure, string group)
    {
        if (tenure.Loop.ReportGroup(group) is not { Owner: { } owner } report)
            return new("", 0, null, $"nobody owns {group} now");
        var agent = tenure.Agents.Of(owner);
        return new(owner, report.Epoch, agent, agent is null ? $"host {owner}, which owns {group}, is not connected" : "");
    }

    /// <summary>On the loop's thread: whether a host can still be heard, so that it is worth waiting for its last words.</summary>
    public static bool IsLive(Tenure tenure, string host) =>
        tenure.Loop.ReportHost(host).Liveness == HostLiveness.Live && tenure.Agents.Of(host) is not null;
}
