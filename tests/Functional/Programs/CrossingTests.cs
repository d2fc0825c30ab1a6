using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Lab.World;
using HaGrpc.Linux;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Commands that meet others which are still being worked off: the last word about each program holds.</summary>
public sealed class CrossingTests : IAsyncDisposable
{
    private readonly Sleepers _sleepers = new();
    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_start_in_the_middle_of_a_stop_of_several_neither_is_undone_by_it_nor_stays_it()
    {
        var (web, app, db) = (Slow("web", 3), Plain("app", 2), Plain("db", 1));
        _host.Run(web, app, db);
        foreach (var name in (string[])["web", "app", "db"])
            await _host.UntilRunning(name);
        var kept = await _host.UntilRunning("app");
        var left = await _host.UntilRunning("web");
        _host.Host.Configure([Stopped(web), Stopped(app), Stopped(db)]);
        await _host.Until("web", p => p.State == ProgramState.Stopping);

        // The turn of app has not come, and web is to come back.
        _host.Host.Configure([web, app, Stopped(db)]);
        Go();
        await _host.Until("db", p => p.State == ProgramState.Stopped);
        await _host.Until("web", p => p.State == ProgramState.Running && p.Pid != left.Pid);
        (await _host.UntilRunning("app")).Pid.ShouldBe(kept.Pid);
    }

    [Fact]
    public async Task Programs_that_are_removed_together_stop_in_order()
    {
        var (web, db) = (Slow("web", 2), Plain("db", 1));
        var other = Plain("other", 1);
        _host.Run(web, db, other);
        foreach (var name in (string[])["web", "db", "other"])
            await _host.UntilRunning(name);
        _host.Host.Configure([other]);
        await _host.Until("web", p => p.State == ProgramState.Stopping);
        (await _host.UntilRunning("db")).State.ShouldBe(ProgramState.Running);
        _host.History.ShouldNotContain(p => p.Name.Name == "db" && p.State == ProgramState.Stopping);
        Go();
        await Eventually.Until("both are gone", TimeSpan.FromSeconds(60), () => _host.Host.Snapshot().Length == 1);
    }

    [Fact]
    public async Task One_that_is_named_again_while_its_removal_waits_stays()
    {
        var (web, db) = (Slow("web", 2), Plain("db", 1));
        _host.Run(web, db);
        await _host.UntilRunning("web");
        var kept = await _host.UntilRunning("db");
        _host.Host.Configure([]);
        await _host.Until("web", p => p.State == ProgramState.Stopping);
        _host.Host.Configure([db]);
        Go();
        await Eventually.Until("web is gone", TimeSpan.FromSeconds(60), () => _host.Host.Snapshot().Length == 1);
        (await _host.UntilRunning("db")).Pid.ShouldBe(kept.Pid);
    }

    [Fact]
    public async Task Who_is_started_alone_still_waits_for_whom_it_comes_after()
    {
        var ready = Path.Combine(_host.Scratch, "ready");
        var db = Plain("db", 1) with { Readiness = new(CheckKind.Exec, $"/usr/bin/test -e {ready}") { Interval = TimeSpan.FromMilliseconds(50) } };
        _host.Run(db);
        await _host.UntilRunning("db");
        var web = Plain("web", 1) with { After = ["db"] };
        _host.Host.Configure([db, web]);
        _host.Host.Configure([db, web, Plain("other", 1)]);
        await _host.UntilRunning("other");
        _host.History.ShouldNotContain(p => p.Name.Name == "web" && p.State == ProgramState.Starting);
        await File.WriteAllTextAsync(ready, "");
        await _host.UntilRunning("web");
    }

    [Fact]
    public async Task A_takeover_in_which_the_group_is_restarted_is_finished_all_the_same()
    {
        var repaired = Path.Combine(_host.Scratch, "repaired");
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _host.Host.Configure(
        [
            Plain("db", 1),
            Plain("app", 2) with
            {
                Command = RunningHost.Sh($"test -e {repaired} || {{ touch {repaired}; exit 1; }}; exec {_sleepers.Command}"),
                StartTime = TimeSpan.FromMilliseconds(300),
                FatalAction = FatalAction.RestartGroup,
            },
            Plain("web", 3),
        ]);
        _host.Host.Activate(RunningHost.Group, 1, () => BootClock.Nanoseconds < _host.Deadline.Until, _ => { }, done.SetResult);
        await _host.UntilRunning("web");
        await _host.UntilRunning("app");
        await done.Task.WaitAsync(TimeSpan.FromSeconds(60));
    }

    private ConfiguredProgram Plain(string name, int priority) => RunningHost.Define(name, _sleepers.Command) with { Priority = priority };

    /// <summary>One that is asked to stop and does so only after <see cref="Go"/>.</summary>
    private ConfiguredProgram Slow(string name, int priority) => RunningHost.Define(
        name, RunningHost.Sh($"trap \"while ! test -e {Gate}; do sleep 0.02; done; exit 0\" TERM; {_sleepers.Command} & echo up; wait")) with
    {
        Priority = priority,
        StopTimeout = TimeSpan.FromHours(1),
        StdoutLogfile = Path.Combine(_host.Scratch, name),
        Readiness = new(CheckKind.Exec, $"/bin/grep -q up {Path.Combine(_host.Scratch, name)}") { Interval = TimeSpan.FromMilliseconds(50) },
    };

    private string Gate => Path.Combine(_host.Scratch, "gate");

    private void Go() => File.WriteAllText(Gate, "");

    private static ConfiguredProgram Stopped(ConfiguredProgram program) => program with { DesiredState = DesiredState.Stopped };
}
