using System.Collections.Concurrent;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>Edits of a policy while it is being acted on: they hold at once and restart nothing.</summary>
public sealed class EditTests : IAsyncDisposable
{
    private readonly Sleepers _sleepers = new();
    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_start_time_that_grows_while_it_starts_ends_and_lets_the_next_level_begin()
    {
        var db = RunningHost.Define("db", _sleepers.Command) with { Priority = 1, StartTime = TimeSpan.FromMilliseconds(900) };
        var web = RunningHost.Define("web", _sleepers.Command) with { Priority = 2 };
        _host.Run(db, web);
        var first = await _host.Until("db", p => p.Pid > 0);
        first.State.ShouldBe(ProgramState.Starting);
        _host.Host.Configure([db with { StartTime = TimeSpan.FromMilliseconds(1200) }, web]);
        await _host.UntilRunning("web");
        (await _host.UntilRunning("db")).Pid.ShouldBe(first.Pid);
    }

    [Fact]
    public async Task A_readiness_check_that_is_new_restarts_nobody_who_serves()
    {
        var program = RunningHost.Define("served", _sleepers.Command);
        _host.Run(program);
        var first = await _host.UntilRunning("served");
        var unwell = new ConcurrentQueue<string>();
        _host.Host.Happened = (kind, _, message) => unwell.Enqueue($"{kind} {message}");
        // Its time to become ready has been over since before the edit.
        var edited = program with { Readiness = new(CheckKind.Tcp, "127.0.0.1:9"), ReadyTimeout = TimeSpan.FromMilliseconds(1) };
        _host.Host.Configure([edited]);
        // What the edit does, it does before this is answered; a timer that is due fires before the next is.
        _host.Host.Configure([edited, RunningHost.Define("other", _sleepers.Command)]);
        await _host.UntilRunning("other");
        unwell.ShouldBeEmpty();
        (await _host.UntilRunning("served")).Pid.ShouldBe(first.Pid);
    }

    [Fact]
    public async Task A_long_wait_that_is_edited_to_a_short_one_is_over_soon()
    {
        var repaired = Path.Combine(_host.Scratch, "repaired");
        var slow = new Backoff(TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        var late = RunningHost.Define("late", RunningHost.Sh($"test -e {repaired} && exec {_sleepers.Command}")) with { Oneshot = true, StartRetries = 3, Backoff = slow };
        _host.Run(late);
        await _host.Until("late", p => p.State == ProgramState.Backoff);
        await File.WriteAllTextAsync(repaired, "");
        _host.Host.Configure([late with { Backoff = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)) }]);
        await _host.UntilRunning("late");
    }

    [Fact]
    public async Task What_is_fatal_is_tried_afresh_once_the_edit_says_so()
    {
        var repaired = Path.Combine(_host.Scratch, "repaired");
        var broken = RunningHost.Define("broken", RunningHost.Sh($"test -e {repaired} && exec {_sleepers.Command}")) with { Oneshot = true };
        _host.Run(broken);
        await _host.Until("broken", p => p.State == ProgramState.Fatal);
        await File.WriteAllTextAsync(repaired, "");
        _host.Host.Configure([broken with { FatalRetryAfter = TimeSpan.FromMilliseconds(50) }]);
        await _host.UntilRunning("broken");
    }

    [Fact]
    public async Task A_oneshot_that_has_ended_well_is_run_as_edited_when_it_is_asked_for_and_not_by_the_edit()
    {
        var runs = Path.Combine(_host.Scratch, "runs");
        var clean = RunningHost.Define("clean", RunningHost.Sh($"echo one >>{runs}")) with { Priority = 1, Oneshot = true };
        var web = RunningHost.Define("web", _sleepers.Command) with { Priority = 2 };
        _host.Run(clean, web);
        await _host.UntilRunning("web");
        clean = clean with { Command = RunningHost.Sh($"echo two >>{runs}") };
        _host.Host.Configure([clean, web]);
        await _host.AgentDies();
        _host.AgentComesBack();
        _host.Host.Configure([clean, web]);
        await _host.Host.AdoptAsync();
        _host.Run(clean, web, RunningHost.Define("other", _sleepers.Command) with { Priority = 3 });
        await _host.UntilRunning("other");
        (await File.ReadAllLinesAsync(runs)).ShouldBe(["one"]);
        clean = clean with { RestartGeneration = 1 };
        _host.Host.Configure([clean, web]);
        await _host.Until("clean", p => p.State == ProgramState.Exited && p.RestartGeneration == 1);
        (await File.ReadAllLinesAsync(runs)).ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task A_stop_timeout_that_shrinks_ends_a_stop_that_takes_too_long()
    {
        var deaf = RunningHost.Define("deaf", RunningHost.Sh($"trap \"\" TERM; echo up; while :; do {_sleepers.Command}; done")) with
        {
            StopTimeout = TimeSpan.FromHours(1),
            StdoutLogfile = Path.Combine(_host.Scratch, "deaf"),
        };
        _host.Run(deaf);
        await _host.UntilRunning("deaf");
        await _sleepers.Are(1);
        deaf = deaf with { DesiredState = DesiredState.Stopped };
        _host.Host.Configure([deaf]);
        await _host.Until("deaf", p => p.State == ProgramState.Stopping);
        _host.Host.Configure([deaf with { StopTimeout = TimeSpan.FromMilliseconds(50) }]);
        await _host.Until("deaf", p => p.State == ProgramState.Stopped);
        _sleepers.Alive().ShouldBeEmpty();
    }
}
