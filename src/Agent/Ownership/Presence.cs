using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Ownership;

/// <summary>What follows when a group's VIPs were opened: neighbours are told, and routes are set, which went with the
/// addresses.</summary>
internal sealed class Presence(
    HostNetwork network, LeaseWriter writer, DeadlineFiles deadlines, Func<string, long, bool> mayAct, ActReports reports)
{
    /// <summary>Announces and routes.</summary>
    public void Speak(Group group, long epoch, Timeline? timeline = null)
    {
        writer.ForgetSilence(group.Name);
        if (group.Vips.Length > 0)
        {
            var from = OwnershipLoop.Now;
            var file = deadlines.Of(group.Name);
            reports.Say(group.Name + " announce", network.Announce(
                group.Vips, () => DeadlineFiles.MayAct(file, epoch), group.AnnounceInterval, group.DuplicateProbeInterval));
            timeline?.Add("announce", from, "");
        }
        if (group.Routes.Length > 0 && mayAct(group.Name, epoch))
        {
            var from = OwnershipLoop.Now;
            var outcome = network.AddRoutes(group.Routes);
            reports.Say(group.Name + " routes", outcome);
            timeline?.Add("routes", from, outcome.ToString());
        }
    }

    /// <summary>Takes the group's routes away.</summary>
    public void RemoveRoutes(string group, IReadOnlyCollection<Route> routes) =>
        reports.Say(group + " routes", network.RemoveRoutes(routes));
}
