using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Programs that every member runs, whoever owns their group.</summary>
public sealed class RunOnTests : IAsyncDisposable
{
    private readonly Sleepers _sleepers = new();
    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    // As long as any process of an instance is alive the file is locked; a second instance would exit by 99.
    private Core.Model.Program Agent => RunningHost.Define("agent", $"flock -n -E 99 {_host.Scratch}/lock {_sleepers.Command}") with
    {
        RunOn = RunOn.All,
        Restart = RestartPolicy.Never,
    };

    [Fact]
    public async Task It_runs_without_the_group_and_outlives_its_lease()
    {
        await _host.Host.AdoptAsync();
        _host.Host.Configure([Agent]);
        var running = await _host.UntilRunning("agent");

        _host.Run(Agent, RunningHost.Define("db", "sleep 1000"));
        await _host.UntilRunning("db");
        _host.Deadline.Until = BootClock.Nanoseconds - 1;
        _host.Host.DeadlineChanged(RunningHost.Group);
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: false);
        await _host.Until("db", p => p.State == ProgramState.Stopped);

        var after = _host.Host.Snapshot().Single(p => p.Name.Name == "agent");
        (after.State, after.Pid).ShouldBe((ProgramState.Running, running.Pid));
        await _sleepers.Are(1); // What it was told to lock executes it a moment later.

        await _host.Host.EndEverywhereAsync();
        _sleepers.Alive().ShouldBeEmpty();
    }

    [Fact]
    public async Task A_new_agent_takes_it_over_and_starts_it_only_once_it_has_looked_around()
    {
        await _host.Host.AdoptAsync();
        _host.Host.Configure([Agent]);
        var running = await _host.UntilRunning("agent");
        await _host.AgentDies();
        _host.AgentComesBack();
        // As the agent does it: the configuration on disk comes before it looks around.
        _host.Host.Configure([Agent]);
        var report = await _host.Host.AdoptAsync();
        report.Groups.Single().Live.ShouldBe([Agent.Name]);
        (await _host.UntilRunning("agent")).Pid.ShouldBe(running.Pid);
        _host.History.Where(p => p.ExitStatus != 0).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_changes_its_place_without_ever_running_twice()
    {
        await _host.Host.AdoptAsync();
        var owned = Agent with { RunOn = RunOn.Owner };
        _host.Run(owned);
        var first = await _host.UntilRunning("agent");
        _host.Host.Configure([Agent]);
        var second = await _host.Until("agent", p => p.State == ProgramState.Running && p.Pid != first.Pid);
        await _host.Host.DeactivateAsync(RunningHost.Group, graceful: true);
        _host.Host.Snapshot().Single().Pid.ShouldBe(second.Pid);

        // Nobody owns the group here now.
        _host.Host.Configure([owned]);
        await _sleepers.AreGone();
        _host.History.ShouldNotContain(p => p.ExitStatus == 99);
        _host.Host.Configure([Agent]);
        await _host.Until("agent", p => p.State == ProgramState.Running && p.Pid != second.Pid);
    }

    [Theory]
    [InlineData(RunOn.Owner, RunOn.All)]
    [InlineData(RunOn.All, RunOn.Owner)]
    public async Task One_that_is_stopped_is_known_in_its_new_place(RunOn before, RunOn after)
    {
        await _host.Host.AdoptAsync();
        var stopped = Agent with { DesiredState = DesiredState.Stopped };
        _host.Run(stopped with { RunOn = before });
        _host.Host.Configure([stopped with { RunOn = after }]);
        await Settled();
        _host.Host.Snapshot().Select(p => (p.Name, p.State)).ShouldBe([(stopped.Name, ProgramState.Stopped)]);
    }

    // It is dropped in its old place first, and only then taken up again.
    private Task Settled()
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Host.AfterOrders(() => _host.Host.AfterOrders(settled.SetResult));
        return settled.Task;
    }
}
