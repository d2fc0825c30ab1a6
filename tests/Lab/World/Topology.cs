using System.Globalization;

namespace HaGrpc.Lab.World;

/// <summary>
/// One switch (a bridge in the lab's own namespace) with hosts A and B, a client and the control plane's host; of several control planes
/// each has a host, and their two databases as well. Beside it each of A and B has a wire to the auditor that no fault ever cuts: what
/// answers there is what the host would answer.
/// </summary>
internal sealed class Topology : IAsyncDisposable
{
    public const string Prefix4 = "10.77.0";
    public const string Prefix6 = "fd77::";
    public const string Vip4 = Prefix4 + ".50";
    public const string Vip6 = Prefix6 + "50";
    public const int HttpPort = 8080;

    private readonly List<LabHost> _hosts = [];

    private Topology(string root) => Root = root;

    /// <summary>Directory of everything that this lab writes; gone with the lab's mount namespace.</summary>
    public string Root { get; }

    public LabHost A { get; private set; } = null!;

    public LabHost B { get; private set; } = null!;

    public LabHost Client { get; private set; } = null!;

    /// <summary>A host for each control plane.</summary>
    public IReadOnlyList<LabHost> Planes { get; private set; } = [];

    /// <summary>The first control plane's.</summary>
    public LabHost Plane => Planes[0];

    /// <summary>The hosts of PostgreSQL's two servers; none for a single control plane.</summary>
    public IReadOnlyList<LabHost> Databases { get; private set; } = [];

    public IReadOnlyList<LabHost> All => _hosts;

    /// <param name="root">Directory of everything.</param>
    /// <param name="planes">How many control planes there will be.</param>
    /// <param name="ownProcesses">Whether A and B see their own processes only, as machines do.</param>
    public static async Task<Topology> Build(string root, int planes = 1, bool ownProcesses = false)
    {
        var topology = new Topology(root);
        try
        {
            await topology.Build(planes, ownProcesses);
            return topology;
        }
        catch
        {
            await topology.DisposeAsync();
            throw;
        }
    }

    /// <summary>Pulls the host's cable: both ends lose carrier.</summary>
    public static Task CutLink(LabHost host) => DelayedWire.SetCarrier(host, there: false);

    public static Task RestoreLink(LabHost host) => DelayedWire.SetCarrier(host, there: true);

    /// <summary>Takes the host's port out of the switch: carrier stays, every frame is lost.</summary>
    public static Task IsolateSilently(LabHost host) => Command.Run("ip", "link", "set", Port(host), "nomaster");

    public static Task EndSilentIsolation(LabHost host) => Command.Run("ip", "link", "set", Port(host), "master", "br0");

    /// <summary>The switch loses every frame that the host sends; what is sent to the host arrives.</summary>
    public static Task CutOutgoing(LabHost host) => SwitchRules.Add($"mute_{host.Name}", $"iifname {Port(host)} drop");

    public static Task EndOutgoingCut(LabHost host) => SwitchRules.Remove($"mute_{host.Name}");

    /// <summary>The switch loses every frame for the host; what the host sends arrives.</summary>
    public static Task CutIncoming(LabHost host) => SwitchRules.Add($"deaf_{host.Name}", $"oifname {Port(host)} drop");

    public static Task EndIncomingCut(LabHost host) => SwitchRules.Remove($"deaf_{host.Name}");

    /// <summary>The switch loses every frame between two hosts, in both directions; all else arrives.</summary>
    public static Task CutBetween(LabHost one, LabHost other) => SwitchRules.Add($"between_{one.Name}_{other.Name}",
        $"iifname {Port(one)} oifname {Port(other)} drop", $"iifname {Port(other)} oifname {Port(one)} drop");

    public static Task EndCutBetween(LabHost one, LabHost other) => SwitchRules.Remove($"between_{one.Name}_{other.Name}");

    /// <summary>The switch loses some of the frames from and to the host, each by chance.</summary>
    /// <param name="host">The host.</param>
    /// <param name="percent">How many of a hundred, in each direction.</param>
    public static Task LoseSome(LabHost host, int percent) => SwitchRules.Add($"loss_{host.Name}",
        $"iifname {Port(host)} numgen random mod 100 < {percent} drop", $"oifname {Port(host)} numgen random mod 100 < {percent} drop");

    public static Task EndLoss(LabHost host) => SwitchRules.Remove($"loss_{host.Name}");

    /// <summary>The switch's end of the host's cable.</summary>
    public static string Port(LabHost host) => $"p{host.Name}";

    /// <summary>The lab's end of the wire that no fault cuts.</summary>
    public static string AuditWire(LabHost host) => $"x{host.Name}";

    /// <summary>Leaves no wires behind. Files are for whoever knows that nobody writes them any more.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts)
            host.Dispose();
        // Whoever builds another one finds nothing of this. The kernel itself takes a wire away some time after its host.
        foreach (var wire in _hosts.SelectMany(host => new[] { Port(host), AuditWire(host) }))
            _ = await Command.Try("", new Dictionary<string, string>(), "ip", "link", "del", wire);
        _ = await Command.Try("", new Dictionary<string, string>(), "ip", "link", "del", "br0");
        _ = await Command.Try("", new Dictionary<string, string>(), "nft", "flush", "ruleset");
    }

    private async Task Build(int planes, bool ownProcesses)
    {
        await Command.Run(
            $"""
            link set lo up
            link add br0 type bridge stp_state 0 forward_delay 0
            link set br0 up
            addr add {Prefix4}.254/24 dev br0
            """, ["ip", "-batch", "-"]);
        A = await Join("A", 11, ownProcesses: ownProcesses);
        B = await Join("B", 12, ownProcesses: ownProcesses);
        Client = await Join("client", 100);
        if (planes == 1)
        {
            Planes = [await Join("plane", 1)];
        }
        else
        {
            Planes = [.. await JoinAll("plane", planes, 1)];
            Databases = [.. await JoinAll("db", 2, 41)];
        }
        await AddAuditWire(A);
        await AddAuditWire(B);
    }

    private async Task<List<LabHost>> JoinAll(string name, int count, int firstNumber)
    {
        List<LabHost> hosts = [];
        for (var i = 0; i < count; i++)
            hosts.Add(await Join($"{name}{i + 1}", firstNumber + i, isMachine: true));
        return hosts;
    }

    private async Task<LabHost> Join(string name, int number, bool isMachine = false, bool ownProcesses = false)
    {
        var host = await LabHost.Start(name, number, Root, isMachine, ownProcesses);
        _hosts.Add(host);
        await Command.Run(
            $"""
            link add p{name} type veth peer name eth0 netns {host.HolderPid} address {host.Mac}
            link set p{name} master br0
            link set p{name} up
            """, ["ip", "-batch", "-"]);
        await host.Ip(string.Create(CultureInfo.InvariantCulture, $"""
            link set lo up
            link set eth0 up
            addr add {host.Address}/24 dev eth0
            addr add {Prefix6}{number:x}/64 dev eth0 nodad
            """));
        return host;
    }

    private static async Task AddAuditWire(LabHost host)
    {
        await Command.Run(
            $"""
            link add {AuditWire(host)} address 02:00:00:00:01:{host.Number:x2} type veth peer name audit0 netns {host.HolderPid}
            link set {AuditWire(host)} up
            addr add 169.254.{host.Number}.1/30 dev {AuditWire(host)}
            """, ["ip", "-batch", "-"]);
        await host.Ip($"""
            link set audit0 up
            addr add 169.254.{host.Number}.2/30 dev audit0
            """);
    }
}
