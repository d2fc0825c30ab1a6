using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Faults;

/// <summary>How long nobody decides while the leadership passes on.</summary>
internal static class Succession
{
    /// <summary>The challenger's patience and its last look (S3), and what a new leader waits (C1).</summary>
    public static TimeSpan Longest(GroupTiming timing) =>
        LeadershipTerms.Default.Patience + LeadershipTerms.Default.Interval + (timing.Ttl * 1.01) + timing.TakeoverMargin;
}

/// <summary>kill -9 of whichever control plane leads; another one leads after a while. Healed, the killed one is back.</summary>
internal sealed class KilledLeader(LabCluster cluster) : Fault("kill", "leader")
{
    private ControlPlaneProcess _leader = cluster.ControlPlanes.All[0];

    /// <summary>As long as it lasts; that is less than until it is healed.</summary>
    public override Damage Damage => Damage.Halt("plane");

    public override TimeSpan? Lasts => Succession.Longest(cluster.Profile.Timing);

    protected override async Task Begin()
    {
        // Without a database nobody leads: then it is one of those that would.
        _leader = (await cluster.ControlPlanes.FindLeader())?.Plane ?? _leader;
        await _leader.Kill();
    }

    protected override Task End()
    {
        _leader.Start();
        return Task.CompletedTask;
    }
}

/// <summary>The database's primary is stopped, and nobody promotes the standby.</summary>
internal sealed class StoppedDatabase(PostgresPair databases) : Fault("stop", "database")
{
    /// <summary>Without it no control plane does anything.</summary>
    public override Damage Damage => Damage.Halt("plane");

    protected override Task Begin() => databases.Primary.StopImmediately();

    protected override Task End() => databases.Primary.Start();
}

/// <summary>The database's primary is killed and its standby promoted at once. Healed, it has a standby again.</summary>
internal sealed class PromotedDatabase(LabCluster cluster) : Fault("promotion", "database")
{
    /// <summary>As long as it lasts: until the leadership is taken anew and may decide.</summary>
    public override Damage Damage => Damage.Halt("plane");

    public override TimeSpan? Lasts => Succession.Longest(cluster.Profile.Timing);

    protected override async Task Begin()
    {
        await cluster.SharedDatabases.Primary.Kill();
        await cluster.SharedDatabases.PromoteStandby();
    }

    protected override Task End() => cluster.SharedDatabases.AddStandby();
}

/// <summary>A host reaches none of the control planes, and none of them reaches it.</summary>
internal sealed class CutFromPlanes(string target, LabHost host, IReadOnlyList<LabHost> planes) : Fault("cut", target)
{
    public override Damage Damage => Damage.Loses(new(host.Name, "plane"), new("plane", host.Name));

    protected override Task Begin() => Task.WhenAll(planes.Select(plane => Topology.CutBetween(host, plane)));

    protected override Task End() => Task.WhenAll(planes.Select(plane => Topology.EndCutBetween(host, plane)));
}
