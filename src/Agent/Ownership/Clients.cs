using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Agent.Ownership;

/// <summary>Whose clients are to connect anew when a group leaves this host (docs/adr/0025): their TCP connections are dropped. Only on
/// the ownership loop's thread.</summary>
/// <param name="network">The kernel's side.</param>
/// <param name="groups">The groups of this host, by name.</param>
/// <param name="then">Runs something on the loop's thread when a task is done.</param>
/// <param name="reports">What is said of it.</param>
internal sealed class Clients(
    HostNetwork network, IReadOnlyDictionary<string, Group> groups, Action<Task, Action> then, ActReports reports)
{
    /// <summary>C9: the programs have stopped and the gate is still open, so that clients hear of it.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">The epoch that ends.</param>
    /// <param name="timeline">Receives the step.</param>
    /// <param name="next">Called at once when nothing is to be dropped, else after <see cref="ConnectionDrop.Patience"/> at the latest.</param>
    public void DropBeforeShut(string group, long epoch, Timeline timeline, Action next)
    {
        if (VipsOf(group) is not { Length: > 0 } vips)
        {
            next();
            return;
        }
        var from = OwnershipLoop.Now;
        var drop = network.DropConnectionsAsync(vips);
        then(drop, () =>
        {
            timeline.Add("drop connections", from, drop.Result.Failure);
            Tell(group, epoch, drop.Result);
            next();
        });
    }

    /// <summary>W7: the gate is shut. What this host's processes still have of it ends too; nobody waits for this.</summary>
    public void DropAfterShut(string group, long epoch)
    {
        if (VipsOf(group) is not { Length: > 0 } vips)
            return;
        var drop = network.DropConnectionsAsync(vips);
        then(drop, () => Tell(group, epoch, drop.Result));
    }

    private Vip[] VipsOf(string group) => groups.TryGetValue(group, out var found) && found.DropConnections ? [.. found.Vips] : [];

    private void Tell(string group, long epoch, DroppedConnections dropped)
    {
        // Once: a kernel that cannot do it will not learn it.
        if (reports.IsNew(group + " connections", dropped.Failure) && dropped.Failure.Length > 0)
            reports.Record("ConnectionsNotDropped", group, epoch, $"TCP connections of the VIPs stay and end by their own timeouts: {dropped.Failure}");
        if (dropped.Count == 0)
            return;
        var rest = dropped.IsAll ? "" : "; there are more, which end by their own timeouts";
        reports.Record("ConnectionsDropped", group, epoch, $"{dropped.Count} TCP connections of the VIPs were dropped{rest}");
    }
}
