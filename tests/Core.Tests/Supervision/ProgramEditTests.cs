using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class ProgramEditTests
{
    private static readonly BootInstant Now = new(1_000_000_000_000);
    private static readonly Program Before = new() { Name = new("g", "p"), Command = "x" };

    [Fact]
    public void A_start_time_is_counted_from_the_start_whether_it_grows_or_shrinks()
    {
        var starting = In(ProgramState.Starting) with { Pid = 42, StartedAt = Now };
        var later = Now + TimeSpan.FromMilliseconds(500);
        foreach (var seconds in (int[])[0, 3])
        {
            var after = Before with { StartTime = TimeSpan.FromSeconds(seconds) };
            var step = ProgramEdit.Take(starting, Before, after, Now + Before.StartTime, later, chance: 0);
            var due = Timer(step);
            due.ShouldBe(Now + after.StartTime);
            ProgramMachine.Step(step.Condition, new TimerFired(), after, BootInstant.Max(due, later), 0).Condition.State.ShouldBe(ProgramState.Running);
        }
    }

    [Fact]
    public void One_that_is_not_executed_yet_is_timed_when_it_is() =>
        Take(In(ProgramState.Starting), Before with { StartTime = TimeSpan.FromSeconds(9) }).Effects.ShouldBeEmpty();

    [Theory]
    [InlineData(3, 0)]
    [InlineData(0, 4)]
    public void A_wait_becomes_no_longer_than_the_edited_one(int failedStarts, int crashes)
    {
        var waiting = In(ProgramState.Backoff) with { FailedStarts = failedStarts, Crashes = crashes };
        var after = Before with { Backoff = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5)) };
        Timer(Take(waiting, after, timer: Now + TimeSpan.FromHours(1))).ShouldBe(Now + TimeSpan.FromSeconds(8));
        Take(waiting, after, timer: Now + TimeSpan.FromSeconds(1)).Effects.ShouldBeEmpty();
    }

    [Fact]
    public void The_second_between_expected_ends_is_no_matter_of_the_backoff() =>
        Take(In(ProgramState.Backoff), Before with { Backoff = new(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(10)) },
            timer: Now + TimeSpan.FromSeconds(1)).Effects.ShouldBeEmpty();

    [Fact]
    public void A_fatal_one_is_tried_afresh_when_the_edit_says_so_and_not_when_it_says_never()
    {
        var after = Before with { FatalRetryAfter = TimeSpan.FromMinutes(1) };
        Timer(Take(In(ProgramState.Fatal), after)).ShouldBe(Now + TimeSpan.FromMinutes(1));
        Timer(ProgramEdit.Take(In(ProgramState.Fatal), after, Before, Now + TimeSpan.FromSeconds(7), Now, 0)).ShouldBe(BootInstant.Never);
    }

    [Fact]
    public void A_shorter_stop_timeout_holds_for_a_stop_under_way_and_a_longer_one_for_the_next()
    {
        var due = Now + TimeSpan.FromSeconds(8);
        Timer(Take(In(ProgramState.Stopping), Before with { StopTimeout = TimeSpan.FromSeconds(1) }, due)).ShouldBe(Now + TimeSpan.FromSeconds(1));
        Take(In(ProgramState.Stopping), Before with { StopTimeout = TimeSpan.FromSeconds(9) }, due).Effects.ShouldBeEmpty();
        Take(In(ProgramState.Stopping), Before with { StopTimeout = TimeSpan.FromHours(1) }, due).Effects.ShouldBeEmpty();
    }

    [Fact]
    public void Who_runs_is_ready_for_a_readiness_check_that_is_new()
    {
        var after = Before with { Readiness = new(CheckKind.Notify, "") };
        var step = Take(In(ProgramState.Running) with { Pid = 42, StartedAt = Now }, after);
        StartJudgement.Of(step.Condition, after).ShouldBe(StartProgress.Ready);
        step.Effects.ShouldBeEmpty();
    }

    [Fact]
    public void Who_starts_or_is_not_ready_yet_is_asked_by_the_edited_check()
    {
        var checkedOne = Before with { Readiness = new(CheckKind.Tcp, "x:1") };
        Take(In(ProgramState.Starting), checkedOne).Condition.PassedReadiness.ShouldBeFalse();
        var running = In(ProgramState.Running) with { Detail = "not ready yet" };
        var other = checkedOne with { Readiness = new(CheckKind.Tcp, "x:2") };
        ProgramEdit.Take(running, checkedOne, other, BootInstant.Never, Now, 0).Condition.ShouldBe(running);
    }

    [Fact]
    public void Without_its_readiness_check_it_is_ready_and_that_is_told()
    {
        var checkedOne = Before with { Readiness = new(CheckKind.Tcp, "x:1") };
        var step = ProgramEdit.Take(In(ProgramState.Running) with { Detail = "not ready yet" }, checkedOne, Before, BootInstant.Never, Now, 0);
        step.Effects.ShouldBe([new Report(step.Condition)]);
        step.Condition.Detail.ShouldBe("");
    }

    [Theory]
    [InlineData(ProgramState.Stopped)]
    [InlineData(ProgramState.Exited)]
    [InlineData(ProgramState.Unknown)]
    public void Where_nothing_waits_an_edit_changes_nothing(ProgramState state)
    {
        var after = Before with
        {
            StartTime = TimeSpan.FromSeconds(9),
            StopTimeout = TimeSpan.FromSeconds(1),
            FatalRetryAfter = TimeSpan.FromSeconds(1),
            Backoff = new(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(5)),
            Readiness = new(CheckKind.Tcp, "x:1"),
        };
        var step = Take(In(state), after);
        step.Condition.ShouldBe(In(state));
        step.Effects.ShouldBeEmpty();
    }

    private static ProgramCondition In(ProgramState state) => ProgramCondition.Initial with { State = state };

    private static ProgramStep Take(ProgramCondition condition, Program after, BootInstant? timer = null) =>
        ProgramEdit.Take(condition, Before, after, timer ?? BootInstant.Never, Now, chance: 0);

    private static BootInstant Timer(ProgramStep step) => step.Effects.OfType<SetTimer>().Single().At;
}
