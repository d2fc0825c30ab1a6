using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Demo;

/// <summary>Something that happened, on the one clock that all of the lab shares.</summary>
internal sealed record TimelineEntry(long At, string Where, string What);

/// <summary>Puts what the observers saw and what the control plane recorded into one order.</summary>
internal static class TakeoverTimeline
{
    /// <summary>Everything worth telling between two instants.</summary>
    public static async Task<IReadOnlyList<TimelineEntry>> Between(LabCluster cluster, long from, long to)
    {
        List<TimelineEntry> entries = [];
        foreach (var host in cluster.Observers.Hosts)
        {
            Add(host.Gate.Intervals(Topology.Vip4).Select(i => (i.From, "gate opens for the VIP")));
            Add(host.Gate.Intervals(Topology.Vip4).Select(i => (i.To, "gate shuts: no packet from or to the VIP")));
            Add(host.Addresses.Intervals(Topology.Vip4).Select(i => (i.From, "VIP address added")));
            Add(host.Addresses.Intervals(Topology.Vip4).Select(i => (i.To, "VIP address removed")));
            Add(host.Programs.Lives.Select(l => (l.EndedAt, $"{l.Role} is dead")));
            Add(host.Programs.Lives.Where(l => l.Role != "leaf").Select(l => (l.ReadyAt, $"{l.Role} ready, {(l.ReadyAt - l.StartedAt) / 1e6:0} ms after its start")));
            Add(Announcements(cluster, host.Host.Name).Take(1).Select(a => (a.At, "announced: the client's network has heard the new owner")));

            void Add(IEnumerable<(long At, string What)> found) =>
                entries.AddRange(found.Select(f => new TimelineEntry(f.At, host.Host.Name, f.What)));
        }
        entries.AddRange((await Events(cluster)).Select(e => e with { Where = "plane" }));
        return [.. entries.Where(e => e.At > from && e.At <= to).OrderBy(e => e.At)];

        IEnumerable<Announcement> Announcements(LabCluster lab, string host) =>
            lab.Observers.Announcements.Seen.Where(a => a.Host == host && a.At > from);
    }

    /// <summary>When the control plane recorded an event of a kind after an instant; null when it did not.</summary>
    public static async Task<long?> Recorded(LabCluster cluster, string kind, long after) =>
        (await Events(cluster)).Where(e => e.Where == kind && e.At > after).Select(e => (long?)e.At).FirstOrDefault();

    /// <summary>The history, its wall-clock times moved to CLOCK_BOOTTIME; <see cref="TimelineEntry.Where"/> is the kind.</summary>
    private static async Task<IReadOnlyList<TimelineEntry>> Events(LabCluster cluster)
    {
        var events = await cluster.Operator.Events(0);
        var offset = BootClock.Nanoseconds - ((TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);
        return [.. events.Select(e => new TimelineEntry((e.At.Seconds * 1_000_000_000) + e.At.Nanos + offset, e.Kind, $"{e.Kind}: {e.Message}"))];
    }
}
