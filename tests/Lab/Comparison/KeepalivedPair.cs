using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Comparison;

/// <summary>keepalived with supervisord on both hosts. Each run begins with everything started anew: A owns, B stands by.</summary>
internal sealed class KeepalivedPair : IPair
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private readonly KeepalivedHost _a;
    private readonly KeepalivedHost _b;

    private KeepalivedPair(Topology topology, string configuration)
    {
        var program = Binaries.Find().LabProgram;
        Topology = topology;
        Observers = new(topology);
        _a = new(topology.A, configuration, 120, program);
        _b = new(topology.B, configuration, 80, program);
    }

    public Topology Topology { get; }

    public Observers Observers { get; }

    /// <param name="configuration">usual.conf or tuned.conf.</param>
    public static async Task<KeepalivedPair> Start(string configuration) =>
        new(await Topology.Build("/run/lab"), configuration);

    public async Task<LabHost> Ready()
    {
        await Task.WhenAll(_a.Reset(), _b.Reset());
        await Eventually.Until("no program is left", Limit, () => Observers.Hosts.All(h => h.Programs.Alive.Count == 0));
        // What its neighbours remember of the last run is not what this one is about.
        await Topology.Client.Run("ip", "neigh", "flush", "all");
        var began = BootClock.Nanoseconds;
        _a.Start();
        await Observers.Prober.Answered(began, "A", Limit);
        _b.Start();
        await Eventually.Until("B stands by", Limit, () => _b.State == "BACKUP", () => LabCluster.Tail(Topology.B, "keepalived.log"));
        await Eventually.Until("all programs of A are ready", Limit,
            () => Manifest.Programs.All(role => Observers.A.Programs.Alive.Any(l => l.Role == role && l.ReadyAt > 0)));
        await Eventually.Until("the notify scripts have ended", Limit, () => !_a.IsNotified && !_b.IsNotified);
        return Topology.A;
    }

    public IStartable Daemon(LabHost host) => Of(host);

    public Task KillDaemon(LabHost host) => Of(host).KillAll();

    public int SpeakerPid(LabHost host) => Of(host).VrrpPid;

    /// <summary>With nopreempt the way is to stop keepalived on the master; it is started again as soon as it has ended.</summary>
    public async Task Switchover(LabHost from, LabHost to)
    {
        Of(from).Process.Signal(Libc.SigTerm);
        await Of(from).Process.WaitForExit(Limit);
        await Eventually.Until($"{to.Name} is master", Limit, () => Of(to).State == "MASTER");
        Of(from).Start();
    }

    public async ValueTask DisposeAsync()
    {
        _a.Dispose();
        _b.Dispose();
        Observers.Dispose();
        await Topology.DisposeAsync();
        await Eventually.Until("nothing of the former lab runs", Limit, () => !ProcFile.Named("lab-program").Any());
        Directory.Delete(Topology.Root, recursive: true);
    }

    private KeepalivedHost Of(LabHost host) => host == Topology.A ? _a : _b;
}
