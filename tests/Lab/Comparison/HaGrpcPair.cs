using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Faults;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Comparison;

/// <summary>The lab's own cluster: agents on A and B, the control plane on a third host. It becomes whole again by itself.</summary>
internal sealed class HaGrpcPair(LabCluster cluster) : IPair
{
    public Topology Topology => cluster.Topology;

    public Observers Observers => cluster.Observers;

    public static async Task<HaGrpcPair> Start(string profile) => new(await LabCluster.Start(Profile.Parse(profile)));

    public async Task<LabHost> Ready() => (await cluster.Settled()).Host;

    public IStartable Daemon(LabHost host) => cluster.AgentOf(host.Name);

    /// <summary>An agent is one process.</summary>
    public Task KillDaemon(LabHost host) => cluster.AgentOf(host.Name).Kill();

    public int SpeakerPid(LabHost host) => cluster.AgentOf(host.Name).Process.Pid;

    public Task Switchover(LabHost from, LabHost to) => cluster.Operator.Hactl("switchover", Manifest.Group, "--to", to.Name, "--yes", Manifest.Group);

    public async ValueTask DisposeAsync() => await FaultCampaign.Clear(cluster);
}
