using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.Reporting;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>What one run measured and found broken.</summary>
internal sealed class ScenarioRun(LabCluster cluster, HostAgent owner, long epoch)
{
    private readonly Dictionary<string, double> _measures = [];
    private readonly List<string> _broken = [];
    private readonly HashSet<int> _programsBefore = [.. cluster.Observers.Of(owner.Host.Name).Programs.Alive.Select(l => l.Pid)];

    /// <summary>Before the act.</summary>
    public long Began { get; } = BootClock.Nanoseconds;

    /// <summary>The fault or the command, set by the act.</summary>
    public long StruckAt { get; set; }

    /// <summary>When the act had led to what it should; healing begins.</summary>
    public long ServedAt { get; set; }

    /// <summary>Of the group, before the act.</summary>
    public long Epoch { get; } = epoch;

    public HostAgent Owner { get; } = owner;

    public HostAgent Other { get; } = cluster.Other(owner);

    public void Measure(string name, double value) => _measures[name] = value;

    public void Measure(string name, TimeSpan value) => _measures[name + ", ms"] = value.TotalMilliseconds;

    public void Break(string what) => _broken.Add(what);

    public RunReport Report() => new(_measures, _broken);

    /// <summary>Measures the client's longest time without service since the run began.</summary>
    public TimeSpan MeasureOutage()
    {
        var outage = Outages.Longest(cluster.Prober.Probes, Began, BootClock.Nanoseconds);
        Measure("client's outage", outage);
        return outage;
    }

    /// <summary>After a change of owner: when each part of it happened, counted from the strike, and the safety margin.</summary>
    public void MeasureTakeover()
    {
        var old = cluster.Observers.Of(Owner.Host.Name);
        var next = cluster.Observers.Of(Other.Host.Name);
        MeasureFirst("old owner's gate shut", old.Gate.Intervals(Topology.Vip4).Select(i => i.To), last: true);
        MeasureFirst("old owner's last program dead", old.Programs.Lives.Select(l => l.EndedAt), last: true);
        MeasureFirst("new owner's gate open", next.Gate.Intervals(Topology.Vip4).Select(i => i.From));
        MeasureFirst("first announcement at the client", cluster.Observers.Announcements.Seen.Where(a => a.Host == Other.Host.Name).Select(a => a.At));
        MeasureFirst("new owner's http ready", next.Programs.Lives.Where(l => l.Role == "http").Select(l => l.ReadyAt));
        if (new Auditor(cluster.Observers).Check(Began, BootClock.Nanoseconds).Margin is { } margin)
            Measure("margin: old owner's last act to new owner's first", margin);
        else
            Break("the observers saw no change of owner");
    }

    /// <summary>No probe that began since an instant may have failed.</summary>
    public void RequireNoFailedProbe(long since, string when)
    {
        var failed = cluster.Prober.Probes.Where(p => p.Start >= since && !p.Ok).ToList();
        if (failed.Count > 0)
            Break(FormattableString.Invariant(
                $"{failed.Count} probes failed {when}, the first with '{failed[0].Error}' {(failed[0].Start - since) / 1_000_000} ms after, from {failed[0].Start / 1e9:0.000} to {failed[^1].End / 1e9:0.000}"));
    }

    /// <summary>Same owner, same epoch, and every program of before still lives, none besides them.</summary>
    public async Task RequireNothingMoved()
    {
        var group = await cluster.Operator.Group(Manifest.Group);
        if (group.Owner != Owner.Host.Name || group.Epoch != Epoch)
            Break($"the group moved: owner {group.Owner}, epoch {group.Epoch} instead of {Owner.Host.Name}, {Epoch}: {group.LastReason}");
        var alive = cluster.Observers.Of(Owner.Host.Name).Programs.Alive.Select(l => l.Pid).ToHashSet();
        if (!alive.SetEquals(_programsBefore))
            Break($"programs were restarted: pids {string.Join(' ', _programsBefore.Order())} became {string.Join(' ', alive.Order())}");
    }

    /// <summary>Owned by the other host, under a higher epoch.</summary>
    public async Task RequireMoved()
    {
        var group = await cluster.Operator.Group(Manifest.Group);
        if (group.Owner != Other.Host.Name || group.Epoch <= Epoch)
            Break($"the group did not move: owner {group.Owner}, epoch {group.Epoch}");
    }

    /// <summary>The group has moved once since the strike: every program of it has started once on the other host, and none on the one
    /// that lost it.</summary>
    public void RequireStartedOnce()
    {
        var lives = cluster.Observers.Hosts.SelectMany(host => host.Programs.Lives);
        foreach (var breach in TakeoverStarts.Check(Manifest.Programs, lives, Other.Host.Name, StruckAt))
            Break(breach);
    }

    private void MeasureFirst(string name, IEnumerable<long> instants, bool last = false)
    {
        var after = instants.Where(i => i > StruckAt && i <= BootClock.Nanoseconds).ToList();
        if (after.Count > 0)
            Measure($"  {name}, after", TimeSpan.FromTicks(((last ? after.Max() : after.Min()) - StruckAt) / 100));
    }
}
