using System.Text.RegularExpressions;
using Grpc.Core;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.Reporting;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.V1;

namespace HaGrpc.Lab.Adoption;

/// <summary>
/// The afternoon of docs/reference/adoption.md: a living pair of keepalived and supervisord is observed, taken over and ended as hactl preflight says,
/// and no program stops, no address goes, no connection breaks. Then the host dies, and everything is on the other one, once.
/// </summary>
internal sealed partial class AdoptionStory : IAsyncDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);
    private static readonly Dictionary<string, string> NoVariables = [];

    private readonly List<string> _broken = [];
    private readonly Dictionary<string, double> _measures = [];
    private readonly Topology _topology;
    private readonly FormerHost _a, _b;
    private readonly ControlPlanes _planes;
    private readonly Operator _operator;
    private readonly HostAgent _agentA, _agentB;
    private readonly AddressObserver _addressesOfA, _addressesOfB;
    private readonly Prober _prober;

    private string _programs = "";
    private string _instance = "";
    private int _said;

    private AdoptionStory(Topology topology)
    {
        var binaries = Binaries.Find();
        _topology = topology;
        (_a, _b) = (new(topology.A, 120, binaries.LabProgram), new(topology.B, 80, binaries.LabProgram));
        _planes = new([new ControlPlaneProcess(topology.Plane, binaries, NoVariables)]);
        _operator = new(binaries.Hactl, _planes);
        (_agentA, _agentB) = (new(topology.A, binaries, _planes.Endpoints, NoVariables), new(topology.B, binaries, _planes.Endpoints, NoVariables));
        (_addressesOfA, _addressesOfB) = (new(topology.A), new(topology.B));
        _prober = new(topology.Client, Topology.Vip4, Topology.HttpPort);
    }

    /// <summary>Tells it.</summary>
    public static async Task<ScenarioReport> Run()
    {
        await using var story = new AdoptionStory(await Topology.Build("/run/lab", ownProcesses: true));
        try
        {
            await story.Former();
            await story.Observe();
            await story.Adopt();
            await story.EndTheOldOnes();
            await story.LoseTheHost();
        }
        catch (Exception failure) when (failure is TimeoutException or InvalidOperationException or RpcException)
        {
            story._broken.Add(failure.Message);
        }
        return new("adoption", "default", [new(story._measures, story._broken)]);
    }

    public async ValueTask DisposeAsync()
    {
        _operator.Dispose();
        _agentA.Dispose();
        _agentB.Dispose();
        _planes.Dispose();
        _a.Dispose();
        _b.Dispose();
        _prober.Dispose();
        _addressesOfA.Dispose();
        _addressesOfB.Dispose();
        await _topology.DisposeAsync();
    }

    /// <summary>A is keepalived's master and its notify script has started the programs; B stands by.</summary>
    private async Task Former()
    {
        await Task.WhenAll(_a.StartSupervisord(), _b.StartSupervisord());
        var began = BootClock.Nanoseconds;
        _a.StartKeepalived();
        await _prober.Answered(began, "A", Limit);
        _b.StartKeepalived();
        await Eventually.Until("B stands by", Limit, () => _b.State == "BACKUP", () => _b.KeepalivedLog);
        await Eventually.Until("every program of A runs", Limit, () => _a.Programs.Count == Manifest.Programs.Length + 1, () => _a.ProgramLine);
        // It says so once when it begins, as a backup.
        (_programs, _instance, _said) = (_a.ProgramLine, _prober.LastSuccess!.Instance, _a.KeepalivedLog.Length);
    }

    /// <summary>Import, agents, and a look at everything.</summary>
    private async Task Observe()
    {
        _planes.All[0].Start();
        await Eventually.Until("the control plane answers", Limit, _operator.Answers, () => LabCluster.Tail(_topology.Plane, "controlplane.log"));
        var imported = Path.Combine(_topology.Root, "imported.yaml");
        await _operator.Hactl("import", "host", _a.CopyConfiguration(), "--host", "A=120", "--peer", "B=80", "--observe", "--out", imported);
        await _operator.Apply(Path.Combine(_topology.Root, "manifest.yaml"), Reviewed(await File.ReadAllTextAsync(imported)));
        _agentA.Start();
        _agentB.Start();
        await Eventually.Until("both agents say what they see", Limit, async () => await Seen("A", found: true) && await Seen("B", found: false),
            () => LabCluster.Tail(_topology.A, "agent.log"));
        var check = await _operator.Ask("preflight", Manifest.Group);
        Require(check.ExitCode == 0, $"preflight of what is observed fails: {check.Output}");
        foreach (var said in new[] { $"{Topology.Vip4}/32 is on eth0, to be kept", "whose parent supervisord", "keepalived runs here", "not found here" })
            Require(check.Output.Contains(said, StringComparison.Ordinal), $"preflight does not say '{said}': {check.Output}");
        var rules = await _topology.A.Run("nft", "list", "ruleset");
        Require(!rules.Contains(Topology.Vip4, StringComparison.Ordinal), $"the address is guarded while it is only observed: {rules}");
        Untouched("observed");

        bool Holds(ProgramLine line, bool found) =>
            line.Status?.State == ProgramState.Observed && (found ? _a.Programs.Any(p => p.Name == line.Program.Name && p.Pid == line.Status.Pid) : line.Status.Pid == 0);

        async Task<bool> Seen(string host, bool found) =>
            (await _operator.Programs(Manifest.Group)).Where(line => line.Host == host).ToArray() is { Length: > 0 } lines
            && lines.Length == Manifest.Programs.Length && lines.All(line => Holds(line, found));
    }

    /// <summary>The backup's old world is stopped; then one program, and the rest.</summary>
    private async Task Adopt()
    {
        await _b.StopBoth();
        using var connection = WaitingConnection.Open(_topology.Client);
        var refused = await _operator.Ask("adopt", $"{Manifest.Group}:store");
        Require(refused.ExitCode != 0 && refused.Error.Contains("--force takes it over all the same", StringComparison.Ordinal), $"adopt beside a living supervisord: {refused}");
        var began = BootClock.Nanoseconds;
        await _operator.Hactl("adopt", $"{Manifest.Group}:store", "--force", "--yes", Manifest.Group);
        Measure("adopt of the group with one program", began);
        var states = (await _operator.Programs(Manifest.Group)).Where(p => p.Host == "A").ToDictionary(p => p.Program.Name, p => p.Status.State);
        Require(states["store"] == ProgramState.Running && states["http"] == ProgramState.Observed, $"store alone was adopted: {string.Join(' ', states)}");
        began = BootClock.Nanoseconds;
        await _operator.Hactl("adopt", Manifest.Group, "--force", "--yes", Manifest.Group);
        Measure("adopt of the rest", began);
        foreach (var line in await _operator.Programs(Manifest.Group))
            Require(line.Status?.State == ProgramState.Running && _a.Programs.Contains((line.Program.Name, line.Status.Pid)), $"after adopt: {line}");
        var answer = await connection.Ask();
        Require(answer == _instance, $"a connection of before was answered with '{answer}'");
        Untouched("adopted");
    }

    /// <summary>Exactly as preflight says it, supervisord first: then no notify script can stop anything.</summary>
    private async Task EndTheOldOnes()
    {
        using var connection = WaitingConnection.Open(_topology.Client);
        var advice = await _operator.Ask("preflight", Manifest.Group);
        Require(advice.ExitCode == 1, $"preflight passes beside a living keepalived and supervisord: {advice.Output}");
        await _a.Shell(SupervisorsEnd().Match(advice.Output).Value);
        await _a.Gone("supervisord");
        await _a.Shell(KeepalivedsEnd().Match(advice.Output).Value);
        await _a.Gone("keepalived");
        var check = await _operator.Ask("preflight", Manifest.Group);
        Require(check.ExitCode == 0, $"preflight fails after the hand-over: {check.Output}");
        Require(check.Output.Contains($"{Topology.Vip4}/32 is on eth0: this host owns the group", StringComparison.Ordinal), $"preflight of the owner: {check.Output}");
        var answer = await connection.Ask();
        Require(answer == _instance, $"a connection of before the end of keepalived was answered with '{answer}'");
        Require(_a.State == "MASTER", $"a notify script was run with {_a.State}");
        Untouched("left alone");
        await _operator.Hactl("unlock", Manifest.Group, "--yes", Manifest.Group);
        await Eventually.Until("B could take over", Limit, async () => (await _operator.Group(Manifest.Group)).Backups is [{ Obstacle: "" }]);
    }

    /// <summary>Its cable is pulled and all of its processes end.</summary>
    private async Task LoseTheHost()
    {
        var (epoch, last) = ((await _operator.Group(Manifest.Group)).Epoch, await _operator.LastEvent());
        var struck = BootClock.Nanoseconds;
        await Topology.CutLink(_topology.A);
        Libc.Check(Libc.Kill(_topology.A.HolderPid, Libc.SigKill), "kill(A)");
        await _prober.Answered(struck, "B", Limit);
        Measure("the client is answered by B", struck);
        await Eventually.Until("every program runs on B", Limit, async () =>
            (await _operator.Programs(Manifest.Group)).All(p => p.Host == "B" && p.Status?.State == ProgramState.Running));
        await Eventually.Until("every program of B is there", Limit, () => _b.Programs.Count == Manifest.Programs.Length + 1, () => _b.ProgramLine);
        Require(_b.Programs.Select(p => p.Name).Distinct().Count() == Manifest.Programs.Length + 1, $"programs on B: {_b.ProgramLine}");
        Require(_addressesOfB.Intervals(Topology.Vip4) is [{ To: Interval.Open }], "B did not get the address once");
        var group = await _operator.Group(Manifest.Group);
        Require(group.Epoch == epoch + 1, $"the epoch went from {epoch} to {group.Epoch}");
        var taken = (await _operator.Events(last)).Where(e => e.Kind == "OwnershipTaken").ToArray();
        Require(taken is [{ Host: "B" }], $"taken over: {string.Join(", ", taken.Select(e => e.Host))}");
    }

    /// <summary>Nothing has happened to anything since the beginning.</summary>
    private void Untouched(string when)
    {
        Require(_a.ProgramLine == _programs, $"{when}: programs {_programs} became {_a.ProgramLine}");
        Require(_addressesOfA.Intervals(Topology.Vip4) is [{ To: Interval.Open }], $"{when}: the address was away: {string.Join(", ", _addressesOfA.Intervals(Topology.Vip4))}");
        Require(!_addressesOfB.Has(Topology.Vip4) && _b.Programs.Count == 0, $"{when}: B has something: {_b.ProgramLine}");
        var others = _prober.Probes.Where(p => p.Ok).Select(p => p.Instance).Where(i => i != _instance).Distinct().ToArray();
        Require(others.Length == 0, $"{when}: the client was also answered by {string.Join(", ", others)}");
        Require(!_a.KeepalivedLog[_said..].Contains("removing VIPs", StringComparison.Ordinal), $"{when}: keepalived has removed the address");
    }

    // As the import asks for it: the group starts and stops programs itself, and the check asks what the notify script has noted.
    private static string Reviewed(string manifest)
    {
        var lines = new List<string>();
        var leftOut = false;
        foreach (var line in manifest.Split('\n'))
        {
            if (line.StartsWith("    ", StringComparison.Ordinal) && line[4] != ' ')
                leftOut = line is "    hooks:" or "    checks:";
            if (!leftOut)
                lines.Add(line);
        }
        return string.Join('\n', lines);
    }

    private void Require(bool holds, string orElse)
    {
        if (!holds)
            _broken.Add(orElse);
    }

    private void Measure(string what, long since) => _measures[$"{what}, ms"] = TimeSpan.FromTicks((BootClock.Nanoseconds - since) / 100).TotalMilliseconds;

    [GeneratedRegex("kill -9 [0-9]+")]
    private static partial Regex SupervisorsEnd();

    [GeneratedRegex("kill -STOP [0-9 ]+; kill -KILL [0-9 ]+")]
    private static partial Regex KeepalivedsEnd();
}
