using Grpc.Core;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.Lab.Cluster;

/// <summary>
/// Two agents and a control plane in the lab, owning one group, with everybody watching. Or several control planes, each on a host of
/// its own, on a PostgreSQL with a standby.
/// </summary>
internal sealed class LabCluster : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, WallClock> _clocks = [];

    private LabCluster(Profile profile, Binaries binaries, Topology topology, PostgresPair? databases, bool wallClocks)
    {
        if (wallClocks)
            _clocks = new[] { topology.A, topology.B }.Concat(topology.Planes).ToDictionary(host => host.Name, host => new WallClock(host));
        Profile = profile;
        Topology = topology;
        Observers = new(topology);
        Databases = databases;
        ControlPlanes = new([.. topology.Planes.Select(host => new ControlPlaneProcess(host, binaries, Environment(host), databases?.ConnectionString))]);
        AgentA = new(topology.A, binaries, ControlPlanes.Endpoints, Environment(topology.A));
        AgentB = new(topology.B, binaries, ControlPlanes.Endpoints, Environment(topology.B));
        Operator = new(binaries.Hactl, ControlPlanes);
    }

    public Profile Profile { get; }

    public Topology Topology { get; }

    public Observers Observers { get; }

    public ControlPlanes ControlPlanes { get; }

    /// <summary>The only control plane; of several the first one, which may lead or not.</summary>
    public ControlPlaneProcess ControlPlane => ControlPlanes.All[0];

    /// <summary>What several control planes share; null for a single one, whose database is embedded.</summary>
    public PostgresPair? Databases { get; }

    public HostAgent AgentA { get; }

    public HostAgent AgentB { get; }

    public Operator Operator { get; }

    public Prober Prober => Observers.Prober;

    /// <summary>What PostgreSQL answers for, of a cluster that has it.</summary>
    /// <exception cref="InvalidOperationException">This cluster has a single control plane.</exception>
    public PostgresPair SharedDatabases => Databases ?? throw new InvalidOperationException("this wants several control planes: --replicas 3");

    /// <summary>Builds the lab and returns when A owns the group, its programs run and the client is answered.</summary>
    /// <param name="profile">The group's times.</param>
    /// <param name="extraPrograms">Idle programs beside the set.</param>
    /// <param name="progress">Told what is being built.</param>
    /// <param name="wallClocks">Whether each host gets a wall clock of its own that can be stepped.</param>
    /// <param name="replicas">How many control planes; more than one share a PostgreSQL.</param>
    /// <exception cref="InvalidOperationException">Something did not start, or there is no PostgreSQL for several control planes.</exception>
    public static async Task<LabCluster> Start(
        Profile profile, int extraPrograms = 0, Action<string>? progress = null, bool wallClocks = false, int replicas = 1)
    {
        var binaries = Binaries.Find();
        var postgres = replicas > 1 ? await PostgresPrograms.Find() : null;
        progress?.Invoke("network: switch, hosts A and B, a client, the control plane's host");
        var topology = await Topology.Build("/run/lab", replicas);
        var databases = postgres is null ? null : new PostgresPair(topology.Databases[0], topology.Databases[1], postgres);
        var cluster = new LabCluster(profile, binaries, topology, databases, wallClocks);
        try
        {
            await cluster.StartEverything(Manifest.Write(binaries, profile, extraPrograms), progress);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>What was applied.</summary>
    public string ManifestFile => Path.Combine(Topology.Root, "manifest.yaml");

    public HostAgent AgentOf(string host) => host == "A" ? AgentA : AgentB;

    /// <summary>The wall clock of a host's processes.</summary>
    /// <exception cref="InvalidOperationException">The lab was started without such clocks.</exception>
    public WallClock ClockOf(LabHost host) => _clocks.TryGetValue(host.Name, out var clock)
        ? clock
        : throw new InvalidOperationException($"{host.Name} has no wall clock of its own in this lab");

    public HostAgent Other(HostAgent agent) => agent == AgentA ? AgentB : AgentA;

    /// <summary>Who owns the group now, as the control plane has it; empty for nobody.</summary>
    public async Task<HostAgent> Owner() => AgentOf((await Operator.Group(Manifest.Group)).Owner);

    /// <summary>
    /// Both agents live, the group owned and settled, every program RUNNING on the owner, none on the other host, the
    /// client answered by the owner. Of several control planes one leads and the others follow, and their database has its standby.
    /// </summary>
    public async Task<HostAgent> Settled()
    {
        var seen = "nothing yet";
        var since = BootClock.Nanoseconds;
        var owner = AgentA;
        await Eventually.Until("the cluster is whole again", Profile.Takeover + StartLimit, async () =>
        {
            try
            {
                seen = await Unsettled();
                owner = await Owner();
                // A control plane that was stopped still says for a moment what it knew before.
                if (seen.Length == 0 && !(Prober.LastSuccess is { } last && last.Start > since && last.Host == owner.Host.Name))
                    seen = $"the client is not answered by {owner.Host.Name}: {Prober.LastSuccess}";
            }
            catch (RpcException failure)
            {
                seen = $"the control plane: {failure.Status.Detail}";
            }
            return seen.Length == 0;
        }, () => seen);
        return owner;
    }

    /// <summary>
    /// Each agent has its link to the other one, and nothing of it is lost. Where it was, an attempt that hangs is given up after 1 s, and
    /// neither may be heard for up to 5 s; an owner that loses the control plane before that has a ping less to be vouched for.
    /// </summary>
    public Task Linked()
    {
        const int peerPort = 7444;
        return Eventually.Until("the agents reach each other", TimeSpan.FromSeconds(30),
            () => new[] { AgentA, AgentB }.All(agent => ProcFile.HasDialled(agent.Host.HolderPid, peerPort)));
    }

    public async ValueTask DisposeAsync()
    {
        Operator.Dispose();
        AgentA.Dispose();
        AgentB.Dispose();
        ControlPlanes.Dispose();
        Databases?.Dispose();
        Observers.Dispose();
        await Topology.DisposeAsync();
    }

    private IReadOnlyDictionary<string, string> Environment(LabHost host) =>
        _clocks.TryGetValue(host.Name, out var clock) ? clock.Environment : new Dictionary<string, string>();

    private async Task StartEverything(string manifest, Action<string>? progress)
    {
        if (Databases is not null)
        {
            progress?.Invoke("PostgreSQL: a primary and a synchronous standby");
            await Databases.Start();
        }
        progress?.Invoke(Databases is null ? "control plane: embedded SQLite" : $"control planes: {ControlPlanes.All.Count}");
        foreach (var plane in ControlPlanes.All)
            plane.Start();
        await Eventually.Until("the control plane answers", StartLimit, Operator.Answers, () => Tail(Topology.Plane, "controlplane.log"));
        progress?.Invoke("hactl apply: two hosts, one group with a VIP, five programs in order");
        await Operator.Apply(ManifestFile, manifest);
        progress?.Invoke("agents: A, then B");
        AgentA.Start();
        await Eventually.Until("A owns the group", StartLimit, async () => (await Operator.Group(Manifest.Group)).Owner == "A",
            () => Tail(Topology.A, "agent.log"));
        AgentB.Start();
        var owner = await Settled();
        if (owner != AgentA)
            throw new InvalidOperationException($"the group is owned by {owner.Host.Name} instead of A");
    }

    /// <summary>What is not settled yet; empty when all is.</summary>
    private async Task<string> Unsettled()
    {
        if (Databases is not null)
        {
            if (await ControlPlanes.Disagreement() is { Length: > 0 } disagreement)
                return disagreement;
            if (!await Databases.IsSynchronous())
                return $"no standby confirms commits; its log ends: {Tail(Databases.Standby.Host, "postgres.log")}";
        }
        foreach (var agent in new[] { AgentA, AgentB })
        {
            if (!await Operator.IsLive(agent.Host.Name))
                return $"{agent.Host.Name} is not live; its agent's log ends: {Tail(agent.Host, "agent.log")}";
        }
        var group = await Operator.Group(Manifest.Group);
        if (group.Owner.Length == 0 || !group.Phase.Equals("owned", StringComparison.OrdinalIgnoreCase))
            return $"the group is {group.Phase}, owner '{group.Owner}' ({group.Detail})";
        if (group.Backups.FirstOrDefault(b => b.Obstacle.Length > 0) is { } backup)
            return $"{backup.Host} could not take over: {backup.Obstacle}";
        var notRunning = (await Operator.Programs(Manifest.Group))
            .Where(p => p.Status?.State != ProgramState.Running || p.Host != group.Owner)
            .Select(p => $"{p.Program.Name} on '{p.Host}' is {p.Status?.State} ({p.Status?.Detail})").ToList();
        if (notRunning.Count > 0)
            return string.Join(", ", notRunning);
        // An agent knows of a program before the program has said that it is there.
        var alive = Observers.Of(group.Owner).Programs.Alive.Select(l => l.Role).ToHashSet();
        if (Manifest.Programs.Append(Manifest.Child).FirstOrDefault(role => !alive.Contains(role)) is { } missing)
            return $"{missing} has not been seen on {group.Owner}";
        var strangers = Observers.Hosts.Where(h => h.Host.Name != group.Owner).SelectMany(h => h.Programs.Alive).ToList();
        return strangers.Count == 0 ? "" : $"programs still run on the other host: {string.Join(", ", strangers)}";
    }

    /// <summary>The last lines of a log, for a message.</summary>
    public static string Tail(LabHost host, string log)
    {
        var path = Path.Combine(host.Directory, log);
        return File.Exists(path) ? string.Join(" | ", File.ReadLines(path).TakeLast(5)) : $"no {path}";
    }
}
