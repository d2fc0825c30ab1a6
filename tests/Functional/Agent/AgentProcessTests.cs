using System.Diagnostics;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>An agent without a control plane: what it may go on with, and what it must end.</summary>
public sealed class AgentProcessTests : IDisposable
{
    private const int SigUsr2 = 12;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
    private static readonly View NoLease = new(1, [], null);

    private readonly RunningAgent _agent = new();
    private readonly Sleepers _sleepers = new();

    public void Dispose()
    {
        _agent.Dispose();
        foreach (var pid in _sleepers.Alive())
            _ = Libc.Kill(pid, Libc.SigKill);
    }

    private Core.Model.Program Program => RunningHost.Define("one", _sleepers.Command);

    private static Group Group(params string[] members) => new(
        RunningHost.Group,
        [.. members.Select((host, i) => new Member(host, 100 - i))],
        [],
        [],
        new GroupTiming(TimeSpan.FromSeconds(1.5), TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(200)),
        new Failback(FailbackMode.Manual, TimeSpan.Zero));

    [Fact]
    public async Task A_group_with_one_member_starts_without_asking_and_outlives_every_kind_of_agents_end()
    {
        // Rule L6; the run directory is empty, as after a boot.
        _agent.Store(Group("a"), NoLease, Program);
        _agent.Start();
        await _sleepers.Are(1);
        var first = _sleepers.Alive();
        await _agent.UntilSaid("OwnershipResumed web@1");
        await _agent.UntilSaid("AgentStarted: the agent started, the first one on this host");

        // A second agent on the same directory is told whom it meets.
        using (var second = new RunningAgent())
        {
            second.Start("--state-dir", _agent.StateDirectory);
            (await second.UntilExited()).ShouldBe(1);
            second.Lines.Single().ShouldBe(
                $"ha-agent: another agent (pid {_agent.Pid}) uses the state directory {_agent.StateDirectory}: stop it, or give this one another directory");
        }

        _agent.Signal(Libc.SigKill);
        _ = await _agent.UntilExited();
        _agent.Start();
        await _agent.UntilSaid($"Adopted web:one (pid {first[0]},");
        await _agent.UntilSaid("the one before it had ended unasked: it was killed, or crashed");

        _agent.Signal(SigUsr2);
        (await _agent.UntilExited()).ShouldBe(0);
        _sleepers.Alive().ShouldBe(first, "SIGUSR2 leaves everything to a successor");

        _agent.Start();
        await Eventually.Until("it is adopted again", Limit, () => _agent.Lines.Count(l => l.Contains("Adopted web:one", StringComparison.Ordinal)) == 2);
        _sleepers.Alive().ShouldBe(first);
        await _agent.UntilSaid("the one before it had ended as it was asked to");
        _agent.Signal(Libc.SigTerm);
        (await _agent.UntilExited()).ShouldBe(0);
        _sleepers.Alive().ShouldBeEmpty("SIGTERM hands over: programs stop");
        _agent.Stored(RunningHost.Group).Ended.ShouldBe(1, "rule W7");
    }

    [Fact]
    public async Task A_service_manager_is_told_that_it_is_ready_without_a_control_plane_and_that_it_is_ending()
    {
        using var manager = new ServiceSocket();
        _agent.Variables["NOTIFY_SOCKET"] = manager.Path;
        _agent.Store(Group("a"), NoLease, Program);
        _agent.Start();
        (await manager.NextAsync()).ShouldBe("READY=1");
        await _sleepers.Are(1);
        _agent.Signal(Libc.SigTerm);
        (await manager.NextAsync()).ShouldBe("STOPPING=1");
        (await _agent.UntilExited()).ShouldBe(0);
        manager.HasMore.ShouldBeFalse();

        // One that has gone is no reason not to serve.
        _agent.Variables["NOTIFY_SOCKET"] = "/nowhere/notify";
        _agent.Start();
        await _agent.UntilSaid("ha-agent: NOTIFY_SOCKET /nowhere/notify: ");
        _agent.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_lease_that_nobody_renews_ends_on_time_and_the_end_is_on_disk()
    {
        var lease = await RunningAgent.LeaseAsync(TimeSpan.FromSeconds(4));
        _agent.Store(Group("a", "b"), new View(1, ["b"], lease), Program);
        var until = BootClock.Nanoseconds + (long)lease.TotalNanoseconds;
        _agent.StoreDeadline(RunningHost.Group, until);
        _agent.Start();
        await _sleepers.Are(1);
        BootClock.Nanoseconds.ShouldBeLessThan(until, "it resumed the lease (rule S1)");
        await _sleepers.AreGone();
        BootClock.Nanoseconds.ShouldBeGreaterThanOrEqualTo(until);
        await Eventually.Until("the end is on disk", Limit, () => _agent.Stored(RunningHost.Group).Ended == 1);
        await _agent.UntilSaid("LeaseLapsed web@1");
        _agent.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task An_agent_whose_state_disk_fails_does_not_say_that_it_has_ended_anything()
    {
        _agent.Store(Group("a"), NoLease, Program);
        _agent.Start();
        await _sleepers.Are(1);
        await _agent.UntilSaid("OwnershipResumed web@1");
        var obstacle = Directory.CreateDirectory(Path.Combine(_agent.StateDirectory, "groups", "web.json.new"));
        _agent.Signal(Libc.SigTerm);
        await _agent.UntilSaid("until then this host accepts no promotion and reports no epoch as ended");
        _sleepers.Alive().ShouldBeEmpty("what it can do it does");
        _agent.HasExited.ShouldBeFalse("the epoch is not over before that is on disk (rule W7)");
        obstacle.Delete();
        (await _agent.UntilExited()).ShouldBe(0);
        _agent.Stored(RunningHost.Group).Ended.ShouldBe(1);
    }

    [Theory]
    [InlineData("state")]
    [InlineData("state/groups")]
    [InlineData("run")]
    [InlineData("run/cgroup")]
    public async Task An_agent_that_cannot_use_its_directories_says_which_and_exits(string path)
    {
        // A file where a folder is needed, or the other way round: fails for root too, as a full or read-only disk does.
        var blocked = Path.Combine(Path.GetDirectoryName(_agent.StateDirectory)!, path);
        Directory.CreateDirectory(Path.GetDirectoryName(blocked)!);
        if (path == "run/cgroup")
            Directory.CreateDirectory(blocked);
        else
            await File.WriteAllTextAsync(blocked, "");
        _agent.Start();
        (await _agent.UntilExited()).ShouldBe(1);
        // Its two outputs are read by two threads: what it said last may be read before what it said first.
        _agent.Lines.ShouldContain(l => l.StartsWith("ha-agent: ", StringComparison.Ordinal) && l.Contains(blocked, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_wrong_option_is_named_at_once()
    {
        _agent.Start("--control-plane", "ftp://x,http://192.0.2.1:7443", "--log-level", "loud", "--hots", "b", "--shim", "/no/such/shim");
        (await _agent.UntilExited()).ShouldBe(2);
        _agent.Lines.Order().ShouldBe(
            [
                "ha-agent: --control-plane: 'ftp://x' is not a URL; right would be http://10.0.0.1:7443 or https://ha.example.org:7443",
                "ha-agent: --control-plane: 'http://192.0.2.1:7443' would send everything in plain text to another host: use https://, or --allow-plaintext in a network that you trust",
                "ha-agent: --hots: no such option; did you mean --host?",
                "ha-agent: --log-level: 'loud' is not a level; right would be information",
                "ha-agent: --shim: there is no file /no/such/shim",
                "ha-agent: b: no such option",
            ],
            ignoreOrder: true);
        Directory.Exists(_agent.StateDirectory).ShouldBeFalse("nothing was touched");
    }

    [Fact]
    public async Task A_refusal_of_the_control_plane_is_said_with_its_reason_and_once()
    {
        var database = Path.Combine(Directory.CreateDirectory(_agent.StateDirectory).FullName, "cp.db");
        var line = new ProcessStartInfo(RunningAgent.Dotnet,
            [
                Path.Combine(AppContext.BaseDirectory, "ha-controlplane.dll"),
                "--listen-grpc", "127.0.0.1:0", "--listen-http", "127.0.0.1:0", "--sqlite", database,
            ])
        { RedirectStandardOutput = true, RedirectStandardError = true };
        using var controlPlane = Process.Start(line)!;
        try
        {
            var address = await AddressOf(controlPlane);
            _agent.Start(isolated: false,
                ["--host", "stranger", "--control-plane", address, "--run-dir", _agent.RunDirectory, "--state-dir", _agent.StateDirectory, "--shim", RunningHost.Shim]);
            await _agent.UntilSaid("refuses this agent (");
            _agent.Lines.Single(l => l.Contains("refuses this agent", StringComparison.Ordinal))
                .ShouldEndWith("host 'stranger' is not registered: hactl apply a manifest that names it");
            _agent.Signal(Libc.SigTerm);
            (await _agent.UntilExited()).ShouldBe(0);
        }
        finally
        {
            controlPlane.Kill();
            await controlPlane.WaitForExitAsync();
        }
    }

    private static async Task<string> AddressOf(Process controlPlane)
    {
        var seen = new List<string>();
        while (await controlPlane.StandardOutput.ReadLineAsync().WaitAsync(Limit) is { } said)
        {
            seen.Add(said);
            if (System.Text.RegularExpressions.Regex.Match(said, "http://127\\.0\\.0\\.1:[1-9][0-9]*") is { Success: true } url)
                return url.Value;
        }
        throw new InvalidOperationException(string.Join('\n', seen));
    }
}
