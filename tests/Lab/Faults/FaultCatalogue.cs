using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Faults;

/// <summary>One fault of the catalogue.</summary>
/// <param name="Name">As it is given on the command line.</param>
/// <param name="ActsOn">Whose process it acts on itself; null when it acts on no process.</param>
/// <param name="Make">Makes it for a lab whose owner is known.</param>
internal sealed record FaultKind(string Name, string? ActsOn, Func<FaultStage, Fault> Make)
{
    /// <summary>
    /// Two at once make sense unless they are the same or both act on the same process: what is dead cannot be stopped, nor can its
    /// clock be seen to step.
    /// </summary>
    public bool MakesSenseWith(FaultKind other) => Name != other.Name && (ActsOn is null || ActsOn != other.ActsOn);
}

/// <summary>Who plays which part in one run.</summary>
/// <param name="Cluster">The lab.</param>
/// <param name="Owner">The owner's agent.</param>
/// <param name="Backup">The other agent.</param>
/// <param name="Seed">Of what is left to chance inside a fault.</param>
internal sealed record FaultStage(LabCluster Cluster, HostAgent Owner, HostAgent Backup, int Seed);

/// <summary>All faults: each act on each of owner, backup and control plane, and the cuts between two of them.</summary>
internal static class FaultCatalogue
{
    private static readonly (string Target, Func<FaultStage, (LabHost Host, IStartable Process)> Of)[] Targets =
    [
        ("owner", s => (s.Owner.Host, s.Owner)),
        ("backup", s => (s.Backup.Host, s.Backup)),
        ("plane", s => (s.Cluster.Topology.Plane, s.Cluster.ControlPlane)),
    ];

    public static IReadOnlyList<FaultKind> All { get; } =
    [
        .. OnProcess("kill", (target, host, process, _) => new KilledProcess(target, host.Name, process)),
        .. OnProcess("pause", (target, host, process, _) => new PausedProcess(target, host.Name, process)),
        .. OnProcess("stop", (target, host, process, _) => new StoppedProcess(target, host.Name, process)),
        .. OnHost("link-cut", (target, host, _) => new CutLink(target, host)),
        .. OnHost("mute", (target, host, _) => new CutOutgoing(target, host)),
        .. OnHost("deaf", (target, host, _) => new CutIncoming(target, host)),
        new("cut:peers", null, s => new CutBetween("peers", s.Owner.Host, s.Backup.Host)),
        new("cut:owner-plane", null, s => new CutBetween("owner-plane", s.Owner.Host, s.Cluster.Topology.Plane)),
        new("cut:backup-plane", null, s => new CutBetween("backup-plane", s.Backup.Host, s.Cluster.Topology.Plane)),
        .. OnHost("loss", (target, host, _) => new LossyLink(target, host)),
        .. OnHost("jitter", (target, host, stage) => new JitteryLink(target, host, stage.Seed)),
        .. OnProcess("clock+1h", (target, host, process, stage) => new SteppedWallClock(target, process, stage.Cluster.ClockOf(host), +1)),
        .. OnProcess("clock-1h", (target, host, process, stage) => new SteppedWallClock(target, process, stage.Cluster.ClockOf(host), -1)),
    ];

    public static FaultKind Find(string name) => Find(name, All);

    /// <exception cref="ArgumentException">There is none of this name.</exception>
    public static FaultKind Find(string name, IReadOnlyList<FaultKind> among) =>
        among.FirstOrDefault(f => f.Name == name)
        ?? throw new ArgumentException($"unknown fault '{name}': one of {string.Join(", ", among.Select(f => f.Name))}", nameof(name));

    private static IEnumerable<FaultKind> OnProcess(string kind, Func<string, LabHost, IStartable, FaultStage, Fault> make) =>
        Targets.Select(target => new FaultKind($"{kind}:{target.Target}", target.Target, stage =>
        {
            var (host, process) = target.Of(stage);
            return make(target.Target, host, process, stage);
        }));

    private static IEnumerable<FaultKind> OnHost(string kind, Func<string, LabHost, FaultStage, Fault> make) =>
        Targets.Select(target => new FaultKind($"{kind}:{target.Target}", null, stage => make(target.Target, target.Of(stage).Host, stage)));
}
