using HaGrpc.Core.Supervision;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using Libc = HaGrpc.Lab.Kernel.Libc;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Rule W2: programs end with the group's deadline, whoever is alive to see to it.</summary>
public sealed class DeadlineTests : IAsyncDisposable
{
    private const long Millisecond = 1_000_000;
    private readonly Sleepers _sleepers = new();
    private RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    // A child, a child in a session of its own, and a daemon: forked twice, its environment scrubbed, its parents gone.
    private string Tree => RunningHost.Sh(
        $"{_sleepers.Command} & setsid {_sleepers.Command} & (setsid env -i /bin/sh -c \"{_sleepers.Command} & exit\" &) ; wait");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_shim_kills_the_whole_tree_at_the_deadline_with_the_agent_dead(bool cgroups)
    {
        await Start(cgroups);
        await _host.AgentDies();
        _sleepers.Alive().Length.ShouldBe(3);
        var until = _host.Deadline.Until = BootClock.Nanoseconds + (300 * Millisecond);
        // Nobody tells the shim of an end that came nearer, so it sleeps for the one that it knows (see the next tests).
        await TellShim();
        await _sleepers.AreGone();
        var exit = await Exit();
        exit.Cause.ShouldBe("deadline");
        exit.ExitStatus.ShouldBe(-Libc.SigKill);
        exit.EndedAt.ShouldBeGreaterThanOrEqualTo(until);
    }

    [Fact]
    public async Task A_deadline_that_moves_forward_is_followed_without_a_message()
    {
        // On a machine that is so busy that it misses one of the two, there is more time between them.
        long second;
        for (var pace = 1; ; pace *= 4)
        {
            await Start();
            var first = _host.Deadline.Until = BootClock.Nanoseconds + (pace * 1000 * Millisecond);
            _host.Host.DeadlineChanged(RunningHost.Group);
            await AfterOrders();
            await _host.AgentDies();
            second = _host.Deadline.Until = first + (pace * 400 * Millisecond);
            var isMissed = BootClock.Nanoseconds >= first;
            await Eventually.Until("the first deadline passes", TimeSpan.FromSeconds(60), () => BootClock.Nanoseconds > first + (100 * Millisecond));
            var alive = _sleepers.Alive().Length;
            if (isMissed || BootClock.Nanoseconds >= second)
            {
                pace.ShouldBeLessThan(16, "this machine is far too busy");
                await _sleepers.AreGone();
                await _host.DisposeAsync();
                _host = RunningHost.Create();
                continue;
            }
            alive.ShouldBe(3, "the shim woke up at the old deadline and read the new one");
            break;
        }
        await _sleepers.AreGone();
        (await Exit()).EndedAt.ShouldBeGreaterThanOrEqualTo(second);
    }

    [Fact]
    public async Task A_deadline_of_zero_acts_as_soon_as_the_shim_is_told()
    {
        _host.Deadline.Until = BootClock.Nanoseconds + (600_000 * Millisecond);
        await Start();
        _host.Deadline.Until = 0;
        _host.Host.DeadlineChanged(RunningHost.Group);
        await _sleepers.AreGone();
        var ended = await _host.Until("tree", p => p.State == ProgramState.Stopped);
        ended.Detail.ShouldBe("killed: the lease of its group was over");
    }

    [Fact]
    public async Task Programs_that_were_started_without_a_lease_end_with_the_lease_that_their_group_gets_later()
    {
        // Rule L6: one member, no end. A second member joins, and the group has a lease from then on.
        _host.Deadline.Until.ShouldBe(long.MaxValue);
        await Start();
        var until = _host.Deadline.Until = BootClock.Nanoseconds + (300 * Millisecond);
        _host.Host.DeadlineChanged(RunningHost.Group);
        await AfterOrders();
        await _host.AgentDies();
        await _sleepers.AreGone();
        var exit = await Exit();
        exit.Cause.ShouldBe("deadline");
        exit.EndedAt.ShouldBeGreaterThanOrEqualTo(until);
    }

    [Fact]
    public async Task What_the_shims_were_told_before_a_view_is_confirmed_outlives_the_agent()
    {
        // Rule V1: the heartbeat that confirms a shorter lease comes after AfterOrders; the agent may die right after it.
        await Start();
        var shim = _host.RecordOf("tree").Shim.Pid;
        Libc.Check(Libc.Kill(shim, Libc.SigStop), "stop the shim");
        _host.Deadline.Until = BootClock.Nanoseconds + Millisecond;
        _host.Host.DeadlineChanged(RunningHost.Group);
        await AfterOrders();
        await _host.AgentDies();
        _sleepers.Alive().Length.ShouldBe(3);
        Libc.Check(Libc.Kill(shim, Libc.SigCont), "let the shim go on");
        await _sleepers.AreGone();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_stopped_shim_saves_nothing_while_the_agent_lives(bool cgroups)
    {
        await Start(cgroups);
        var shim = _host.RecordOf("tree").Shim;
        Libc.Check(Libc.Kill(shim.Pid, Libc.SigStop), "stop the shim");
        _host.Deadline.Until = 0;
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: false).WaitAsync(TimeSpan.FromSeconds(60));
        _sleepers.Alive().ShouldBeEmpty("the group is called ended when nothing of it is left, and not before");
        shim.IsAlive.ShouldBeFalse();
    }

    [Fact]
    public async Task Nothing_starts_under_a_deadline_that_is_over()
    {
        _host.Deadline.Until = 1;
        _host.Run(RunningHost.Define("tree", Tree));
        (await _host.Until("tree", p => p.Detail.Length > 0)).Detail.ShouldBe("the lease of its group is over");
        await _host.DisposeAsync();
        // And when the agent's look came too early: the shim itself looks before it starts.
        _host = RunningHost.Create();
        _host.Deadline.Until = 1;
        _host.Host.Configure([RunningHost.Define("late", Tree)]);
        _host.Host.Activate(RunningHost.Group, 1, () => true, _ => { }, () => { });
        (await _host.Until("late", p => p.Detail.Length > 0)).Detail.ShouldBe("the lease of its group was over before it started");
        _sleepers.Alive().ShouldBeEmpty();
    }

    private async Task Start(bool cgroups = false)
    {
        if (cgroups)
        {
            Assert.SkipWhen(CgroupRoot.TryOpen("ha-test-probe", out var reason) is null, reason);
            CgroupRoot.TryOpen("ha-test-probe", out _)!.Remove();
            await _host.DisposeAsync();
            _host = RunningHost.Create(cgroups: true);
        }
        _host.Run(RunningHost.Define("tree", Tree));
        await _host.UntilRunning("tree");
        await _sleepers.Are(3);
    }

    private async Task AfterOrders()
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Host.AfterOrders(passed.SetResult);
        await passed.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private async Task TellShim()
    {
        using var connection = ShimConnection.TryConnect(_host.DirectoryOf("tree"));
        await Eventually.Until("the shim is told", TimeSpan.FromSeconds(60), () => connection!.Send(ShimRequest.DeadlineChanged));
    }

    private async Task<ShimRecord> Exit()
    {
        ShimRecord? exit = null;
        await Eventually.Until(
            "an exit record", TimeSpan.FromSeconds(60), () => (exit = Exited()) is { IsOver: true });
        return exit!;

        // An agent that was still there when it came has put it aside.
        ShimRecord? Exited() => _host.DirectoryOf("tree").ReadRecord("exit") ?? _host.DirectoryOf("tree").ReadRecord("exit.last");
    }
}
