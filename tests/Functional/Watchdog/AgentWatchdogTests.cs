using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Agent;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Linux;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Watchdogs;

/// <summary>An agent with a watchdog: when the device ticks, and what is left of it when the agent ends.</summary>
public sealed class AgentWatchdogTests : IDisposable
{
    private const int SigUsr2 = 12;
    private static readonly Group Pair = new(
        RunningHost.Group,
        [new Member("a", 100), new Member("b", 90)],
        [],
        [],
        GroupTiming.Default,
        new Failback(FailbackMode.Manual, TimeSpan.Zero));

    private readonly RunningAgent _agent = new();
    private readonly Sleepers _sleepers = new();

    public void Dispose()
    {
        _agent.Dispose();
        foreach (var pid in _sleepers.Alive())
            _ = Libc.Kill(pid, Libc.SigKill);
    }

    [Fact]
    public async Task An_agent_that_requires_one_does_not_start_without()
    {
        _agent.Start("--watchdog", "required", "--watchdog-device", "/no/such/watchdog");
        (await _agent.UntilExited()).ShouldBe(1);
        _agent.Lines.ShouldContain(
            "ha-agent: --watchdog required: there is no /no/such/watchdog: load the driver of this machine's watchdog, or softdog; "
            + "--watchdog auto starts without one, --watchdog-device names another");
    }

    [Fact]
    public async Task An_agent_that_would_like_one_says_once_that_there_is_none()
    {
        Own(await RunningAgent.LeaseAsync(TimeSpan.FromSeconds(6)));
        _agent.Start("--watchdog", "auto", "--watchdog-device", "/no/such/watchdog");
        await _agent.UntilSaid("LeaseLapsed web@1");
        _agent.Lines.Count(l => l.Contains("There is no watchdog: there is no /no/such/watchdog", StringComparison.Ordinal)).ShouldBe(1);
    }

    /// <summary>W7: it ticks until nothing acts any more, not only until the lease is over.</summary>
    [Fact]
    public async Task It_ticks_while_a_lease_lasts_and_is_stopped_when_its_programs_are_dead()
    {
        using var imitated = Imitate();
        Own(await RunningAgent.LeaseAsync(TimeSpan.FromSeconds(4)));
        StartAgent(imitated, "required");
        await _sleepers.Are(1);
        await imitated.UntilCalled("timeout 1");
        await imitated.UntilCalled("stop");
        _sleepers.Alive().ShouldBeEmpty();
        await imitated.UntilCalled("closed");
        imitated.Calls.ShouldBe(["open", "timeout 1", "stop", "may close", "closed"]);
        imitated.Pets.ShouldBeGreaterThan(2, "by itself after the timeout was set, and in halves until a second before the end");
        _agent.HasExited.ShouldBeFalse();
    }

    [Fact]
    public async Task A_killed_agent_leaves_it_ticking_and_its_successor_pets_on()
    {
        using var imitated = Imitate();
        Own(TimeSpan.FromSeconds(60));
        StartAgent(imitated, "auto");
        await _sleepers.Are(1);
        await imitated.UntilCalled("timeout 1");
        var program = _sleepers.Alive();
        _agent.Signal(Libc.SigKill);
        _ = await _agent.UntilExited();
        await imitated.UntilCalled("closed ticking");

        var pets = imitated.Pets;
        StartAgent(imitated, "auto");
        await imitated.Until("another agent pets", () => imitated.Calls.Count(c => c == "open") == 2 && imitated.Pets > pets + 1);
        _sleepers.Alive().ShouldBe(program);

        // An upgrade leaves it as a kill does, and says so.
        _agent.Signal(SigUsr2);
        (await _agent.UntilExited()).ShouldBe(0);
        await imitated.Until("it is left ticking again", () => imitated.Calls.Count(c => c == "closed ticking") == 2);
        await _agent.UntilSaid($"leaves the watchdog {imitated.Path} armed: it resets this host after 1 s");

        // A stop hands over, so that nothing is left to guard.
        StartAgent(imitated, "auto");
        await imitated.Until("a third agent has it", () => imitated.Calls.Count(c => c == "timeout 1") == 3);
        _agent.Signal(Libc.SigTerm);
        (await _agent.UntilExited()).ShouldBe(0);
        await imitated.UntilCalled("closed");
        imitated.IsTicking.ShouldBeFalse();
    }

    [Fact]
    public async Task Nothing_ticks_while_nothing_is_owned()
    {
        using var imitated = Imitate();
        _agent.Store(Pair with { Members = [new Member("a", 100)] }, new View(1, [], null), RunningHost.Define("one", _sleepers.Command));
        StartAgent(imitated, "required");
        await _sleepers.Are(1);
        await imitated.UntilCalled("closed");
        imitated.Calls.ShouldBe(["open", "stop", "may close", "closed"], "a group with one member has no lease (rule L6)");
    }

    [Fact]
    public async Task One_that_cannot_be_stopped_is_petted_while_nothing_is_owned()
    {
        using var imitated = Imitate(noWayOut: true);
        StartAgent(imitated, "auto");
        await _agent.UntilSaid($"The driver of {imitated.Path} cannot stop it (nowayout)");
        await imitated.UntilCalled("timeout 60");
        await imitated.Until("it is petted", () => imitated.Pets > 0);
        imitated.Calls.Count(call => call == "cannot stop").ShouldBe(1);
    }

    private static ImitatedWatchdog Imitate(bool noWayOut = false)
    {
        WatchdogDeviceTests.SkipWithoutFuse();
        return new ImitatedWatchdog { NoWayOut = noWayOut };
    }

    private void StartAgent(ImitatedWatchdog imitated, string mode) => _agent.Start("--watchdog", mode, "--watchdog-device", imitated.Path);

    private void Own(TimeSpan left)
    {
        _agent.Store(Pair, new View(1, ["b"], left), RunningHost.Define("one", _sleepers.Command));
        _agent.StoreDeadline(RunningHost.Group, BootClock.Nanoseconds + (long)left.TotalNanoseconds);
    }
}
