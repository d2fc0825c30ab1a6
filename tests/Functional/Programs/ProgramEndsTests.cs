using HaGrpc.Agent.Programs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Functional.Tests.Programs;

/// <summary>What an agent remembers of how programs ended, for whoever asks why one does not run.</summary>
public sealed class ProgramEndsTests : IAsyncDisposable
{
    private readonly RunningHost _host = RunningHost.Create();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task A_crash_that_was_mended_by_a_restart_is_still_told()
    {
        _host.Run(RunningHost.Define("crashing", "sleep 3600") with { StartTime = TimeSpan.Zero, Restart = RestartPolicy.Always });
        var first = await _host.UntilRunning("crashing");
        first.Past.Ends.ShouldBeEmpty();
        System.Diagnostics.Process.GetProcessById(first.Pid).Kill();
        var second = await _host.Until("crashing", p => p.State == ProgramState.Running && p.Pid != first.Pid);
        var end = second.Past.Ends.ShouldHaveSingleItem();
        (end.State, end.ExitStatus, end.Detail).ShouldBe((ProgramState.Exited, -9, "terminated by signal 9, which its supervisor did not send; not expected"));
        end.Ran.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
        second.Past.NextTry.ShouldBeNull();
    }

    [Fact]
    public async Task Of_failed_starts_the_last_are_told_with_how_many_and_when_the_next_one_is()
    {
        var program = RunningHost.Define("failing", RunningHost.Sh("exit 3")) with { StartTime = TimeSpan.FromHours(1), StartRetries = 6, Backoff = new(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(20)) };
        _host.Run(program);
        var given = await _host.Until("failing", p => p.State == ProgramState.Fatal);
        (given.Past.FailedStarts, given.Past.NextTry).ShouldBe((7, null));
        given.Past.Ends.Length.ShouldBe(ProgramEnds.Most);
        given.Past.Ends.Select(e => (e.State, e.ExitStatus)).ShouldBe([.. Enumerable.Repeat((ProgramState.Backoff, 3), 4), (ProgramState.Fatal, 3)]);
        given.Past.Ends.Select(e => e.At).ShouldBeInOrder();
        var waiting = _host.History.First(p => p.State == ProgramState.Backoff);
        waiting.Past.FailedStarts.ShouldBe(1);
        waiting.Past.NextTry.ShouldNotBeNull().ShouldBeGreaterThan(waiting.Since - TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task What_was_never_executed_has_an_end_without_a_time_of_running()
    {
        _host.Run(RunningHost.Define("missing", "x") with { Command = "/no/such/command", StartRetries = 0 });
        var end = (await _host.Until("missing", p => p.State == ProgramState.Fatal)).Past.Ends.ShouldHaveSingleItem();
        (end.State, end.Ran).ShouldBe((ProgramState.Fatal, null));
        end.Detail.ShouldContain("/no/such/command");
    }
}
