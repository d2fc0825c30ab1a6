using System.Globalization;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Demo;

/// <summary>The story of scripts/demo.sh: a host is lost, its backup takes over, the operator moves everything back.</summary>
internal static class DemoStory
{
    /// <returns>0 when everything happened as promised.</returns>
    public static async Task<int> Tell()
    {
        var paper = new Paper();
        List<string> broken = [];
        paper.Line("client ----+            VIP " + Topology.Vip4 + " and five programs, started in this order:");
        paper.Line("           |            " + string.Join(", ", Manifest.Programs));
        paper.Line("         switch --- A   priority 120, should own them");
        paper.Line("           |   +--- B   priority 80, stands by");
        paper.Line("control plane           ttl 1.5 s, heartbeat 300 ms, takeover margin 200 ms");

        paper.Chapter("The lab: five network namespaces, real processes");
        await using var cluster = await LabCluster.Start(Profile.Parse("default"), progress: paper.Progress);
        paper.Progress("A owns the group, every program runs, the client is answered");
        paper.Line();
        paper.Typed("hactl status", await cluster.Operator.Hactl("status"));

        var began = BootClock.Nanoseconds;
        await Lost(cluster, paper, broken);
        await Restored(cluster, paper, broken);
        var movedBack = BootClock.Nanoseconds;
        await MovedBack(cluster, paper, broken);
        Summary(cluster, paper, broken, began, movedBack);
        return broken.Count == 0 ? 0 : 1;
    }

    private static async Task Lost(LabCluster cluster, Paper paper, List<string> broken)
    {
        paper.Chapter("A's network cable is pulled");
        await Quiet(TimeSpan.FromSeconds(1));
        var cut = BootClock.Nanoseconds;
        await Topology.CutLink(cluster.Topology.A);
        await cluster.Prober.Answered(cut, "B", cluster.Profile.Takeover);
        var served = cluster.Prober.Probes.First(p => p.Ok && p.Start > cut && p.Host == "B").End;
        await Eventually.Until("every program is ready on B", TimeSpan.FromSeconds(30), () =>
            cluster.Observers.B.Programs.Alive.Count(l => l.ReadyAt > cut && l.Role != "leaf") == Manifest.Programs.Length);
        await Eventually.Until("A's programs are dead", TimeSpan.FromSeconds(30), () => cluster.Observers.A.Programs.Alive.Count == 0);
        await Quiet(TimeSpan.FromMilliseconds(300));

        var entries = await TakeoverTimeline.Between(cluster, cut, BootClock.Nanoseconds);
        paper.Timeline(cut, [new(cut, "", "A's link is cut"), .. entries.Append(new(served, "client", "the first answer from B")).OrderBy(e => e.At)]);
        paper.Line();
        paper.Phases(await Phases(cluster, cut, served));
        var audit = new Auditor(cluster.Observers).Check(cut - 1_000_000_000, BootClock.Nanoseconds);
        broken.AddRange(audit.Violations);
        paper.Line();
        paper.Line(audit is { Violations.Count: 0, Margin: { } margin }
            ? string.Create(CultureInfo.InvariantCulture, $"audit: A's gate was shut and its programs were dead {margin.TotalMilliseconds:0} ms before B did anything")
            : $"audit: {(audit.Violations.Count > 0 ? string.Join("; ", audit.Violations) : "no change of owner seen")}");
        if (audit.Margin is null)
            broken.Add("the auditor saw no change of owner");
    }

    private static async Task<IReadOnlyList<(string, TimeSpan)>> Phases(LabCluster cluster, long cut, long served)
    {
        var b = cluster.Observers.B;
        var lapsed = cluster.Observers.A.Gate.Intervals(Topology.Vip4).Select(i => i.To).Where(at => at > cut).DefaultIfEmpty(cut).Min();
        var open = b.Gate.Intervals(Topology.Vip4).Where(i => i.From > cut).Select(i => i.From).DefaultIfEmpty(served).Min();
        var announced = cluster.Observers.Announcements.Seen.Where(a => a.Host == "B" && a.At > cut).Select(a => a.At).DefaultIfEmpty(open).Min();
        List<(string Name, long At)> marks =
        [
            ("detect: A's lease runs out on A", lapsed),
            ("margin: until the control plane decides", await TakeoverTimeline.Recorded(cluster, "OwnerPromoted", cut) ?? open),
            ("claim: B has a lease, gate and address", open),
            ("announce: gratuitous ARP at the client", announced),
        ];
        marks.AddRange(Manifest.Programs.Select(role => (
            $"program: {role} ready", b.Programs.Lives.Where(l => l.Role == role && l.ReadyAt > cut).Select(l => l.ReadyAt).DefaultIfEmpty(served).Min())));
        marks.Add(("client: first answer", served));
        // Some overlap: a phase is what it added to the ones before.
        List<(string, TimeSpan)> phases = [];
        var before = cut;
        foreach (var (name, at) in marks)
        {
            phases.Add((name, TimeSpan.FromTicks(Math.Max(0, at - before) / 100)));
            before = Math.Max(before, at);
        }
        return phases;
    }

    private static async Task Restored(LabCluster cluster, Paper paper, List<string> broken)
    {
        paper.Chapter("A's cable is plugged in again: nothing may move, B goes on serving");
        var restored = BootClock.Nanoseconds;
        await Topology.RestoreLink(cluster.Topology.A);
        await cluster.Settled();
        await Quiet(TimeSpan.FromSeconds(2));
        var failed = cluster.Prober.Probes.Count(p => p.Start > restored && !p.Ok);
        if (failed > 0)
            broken.Add($"{failed} probes failed while A came back");
        paper.Typed("hactl hosts", await cluster.Operator.Hactl("hosts"));
        paper.Typed("hactl groups", await cluster.Operator.Hactl("groups"));
        paper.Typed($"hactl why {Manifest.Group}", await cluster.Operator.Hactl("why", Manifest.Group));
    }

    private static async Task MovedBack(LabCluster cluster, Paper paper, List<string> broken)
    {
        paper.Chapter("The operator moves the group back by hand");
        var began = BootClock.Nanoseconds;
        paper.Typed($"hactl switchover {Manifest.Group} --to A", await cluster.Operator.Hactl("switchover", Manifest.Group, "--to", "A", "--yes", Manifest.Group));
        var owner = await cluster.Settled();
        if (owner.Host.Name != "A")
            broken.Add($"the group is on {owner.Host.Name} after the switchover to A");
        await Quiet(TimeSpan.FromSeconds(1));
        broken.AddRange(new Auditor(cluster.Observers).Check(began, BootClock.Nanoseconds).Violations);
        paper.Line();
        paper.Typed("hactl status", await cluster.Operator.Hactl("status"));
        paper.Typed($"hactl history {Manifest.Group}", await cluster.Operator.Hactl("history", Manifest.Group));
    }

    private static void Summary(LabCluster cluster, Paper paper, List<string> broken, long from, long movedBack)
    {
        paper.Chapter("What the client saw");
        var probes = cluster.Prober.Probes.Where(p => p.Start >= from).ToList();
        paper.Line(string.Create(CultureInfo.InvariantCulture, $"{probes.Count} probes, one every 5 ms; {probes.Count(p => !p.Ok)} without an answer"));
        Outage("failover", "B", from, movedBack);
        Outage("switchover", "A", movedBack, BootClock.Nanoseconds);
        paper.Line();
        foreach (var problem in broken)
            paper.Line($"NOT AS PROMISED: {problem}");
        if (broken.Count == 0)
            paper.Line("Everything happened as promised: one failover, one switchover, never two owners.");

        void Outage(string what, string by, long since, long until)
        {
            // From the last answer of the one host to the first of the other: a busy machine makes gaps of its own.
            var answers = probes.Where(p => p.Ok && p.Start >= since && p.Start <= until).OrderBy(p => p.End).ToList();
            var change = answers.Zip(answers.Skip(1)).Where(pair => pair.First.Host != by && pair.Second.Host == by).ToList();
            if (change.Count == 0)
            {
                broken.Add($"the {what} to {by} was not seen by the client");
                return;
            }
            var outage = TimeSpan.FromTicks((change[^1].Second.End - change[^1].First.End) / 100);
            paper.Line(string.Create(CultureInfo.InvariantCulture, $"{what,-11} {outage.TotalSeconds:0.000} s without an answer, then {by} answered"));
        }
    }

    /// <summary>Lets the client probe for a while.</summary>
    private static Task Quiet(TimeSpan length)
    {
        var end = BootClock.Nanoseconds + (long)length.TotalNanoseconds;
        return Eventually.Until("time passes", length + TimeSpan.FromSeconds(10), () => BootClock.Nanoseconds >= end);
    }
}
