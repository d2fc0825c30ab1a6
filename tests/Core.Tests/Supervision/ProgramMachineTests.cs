using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class ProgramMachineTests
{
    private ProgramCondition _condition = ProgramCondition.Initial;
    private BootInstant _now = new(1_000_000_000_000);
    private BootInstant _timer = BootInstant.Never;
    private double _chance;
    private Program _program = new() { Name = new("g", "p"), Command = "x" };

    [Fact]
    public void It_is_running_once_the_start_time_has_passed()
    {
        Take(new StartWanted()).ShouldContain(e => e is Spawn);
        Take(new ProgramExecuted(42, _now));
        _condition.State.ShouldBe(ProgramState.Starting);
        _condition.Pid.ShouldBe(42);
        FireTimer();
        _condition.State.ShouldBe(ProgramState.Running);
    }

    [Fact]
    public void Without_a_start_time_it_is_running_at_once()
    {
        _program = _program with { StartTime = TimeSpan.Zero };
        Take(new StartWanted());
        Take(new ProgramExecuted(42, _now));
        _condition.State.ShouldBe(ProgramState.Running);
    }

    [Fact]
    public void Four_early_exits_are_fatal_with_waits_that_double()
    {
        Take(new StartWanted());
        List<TimeSpan> waits = [];
        while (_condition.State != ProgramState.Fatal)
        {
            Take(new ProgramExecuted(42, _now));
            Pass(TimeSpan.FromMilliseconds(5));
            Take(new ProgramEnded(0, _now, EndCause.Own));
            if (_condition.State != ProgramState.Backoff)
                continue;
            _condition.Detail.ShouldBe("Exited too quickly (process log may have details)");
            waits.Add(_timer - _now);
            FireTimer();
        }
        waits.ShouldBe([TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4)]);
        _timer.ShouldBe(BootInstant.Never);
        Take(new StartWanted()).ShouldContain(e => e is Spawn);
        _condition.FailedStarts.ShouldBe(0);
    }

    [Fact]
    public void An_early_exit_noticed_late_is_a_failed_start_and_keeps_the_retry_counter()
    {
        Take(new StartWanted());
        Take(new StartFailed("can't find command '/x'", _now));
        FireTimer();
        Take(new ProgramExecuted(42, _now));
        var ended = _now + TimeSpan.FromMilliseconds(10);
        FireTimer();
        _condition.State.ShouldBe(ProgramState.Running);
        Take(new ProgramEnded(1, ended, EndCause.Own));
        _condition.State.ShouldBe(ProgramState.Backoff);
        _condition.FailedStarts.ShouldBe(2);
    }

    [Fact]
    public void A_late_enough_exit_noticed_before_the_timer_is_an_exit_from_running()
    {
        Take(new StartWanted());
        Take(new ProgramExecuted(42, _now));
        Pass(TimeSpan.FromSeconds(1.5));
        Take(new ProgramEnded(0, _now, EndCause.Own));
        _condition.State.ShouldBe(ProgramState.Exited);
    }

    [Theory]
    [InlineData(RestartPolicy.Always, 0, ProgramState.Starting)]
    [InlineData(RestartPolicy.Always, 3, ProgramState.Starting)]
    [InlineData(RestartPolicy.Unexpected, 0, ProgramState.Exited)]
    [InlineData(RestartPolicy.Unexpected, 3, ProgramState.Starting)]
    [InlineData(RestartPolicy.Unexpected, -15, ProgramState.Starting)]
    [InlineData(RestartPolicy.Never, 3, ProgramState.Exited)]
    public void The_restart_policy_decides_after_an_exit_from_running(RestartPolicy policy, int status, ProgramState expected)
    {
        _program = _program with { Restart = policy };
        Run();
        var effects = Take(new ProgramEnded(status, _now, EndCause.Own));
        _condition.State.ShouldBe(expected);
        effects.OfType<Report>().First().Condition.State.ShouldBe(ProgramState.Exited);
        effects.Any(e => e is Spawn).ShouldBe(expected == ProgramState.Starting);
    }

    [Fact]
    public void The_first_crash_restarts_at_once_and_a_loop_of_crashes_waits_longer_and_longer()
    {
        _program = _program with { Backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4)) };
        Run();
        Crash(TimeSpan.FromSeconds(2)).ShouldContain(e => e is Spawn);
        List<TimeSpan> waits = [];
        for (var i = 0; i < 5; i++)
        {
            Run(start: false);
            Crash(TimeSpan.FromSeconds(2)).ShouldNotContain(e => e is Spawn);
            _condition.State.ShouldBe(ProgramState.Backoff);
            waits.Add(_timer - _now);
            FireTimer().ShouldContain(e => e is Spawn);
        }
        waits.Select(w => w.TotalSeconds).ShouldBe([1, 2, 4, 4, 4]);
        _condition.Crashes.ShouldBe(6);
        // Up for as long as the longest wait: forgotten.
        Run(start: false);
        Crash(TimeSpan.FromSeconds(4)).ShouldContain(e => e is Spawn);
        Run(start: false);
        Crash(TimeSpan.FromSeconds(1));
        _condition.Detail.ShouldBe("exit status 1; not expected; crashed 2 times in a row");
        Take(new StartWanted());
        _condition.State.ShouldBe(ProgramState.Backoff, "a wish does not shorten the wait");
        Take(new RestartWanted()).ShouldContain(e => e is Spawn);
        _condition.Crashes.ShouldBe(0, "an operator's restart begins afresh");
    }

    [Fact]
    public void A_program_that_is_meant_to_end_is_not_a_crash()
    {
        _program = _program with { Restart = RestartPolicy.Always };
        Run();
        for (var i = 0; i < 5; i++)
        {
            Take(new ProgramEnded(0, _now, EndCause.Own)).ShouldContain(e => e is Spawn);
            Run(start: false);
        }
        _condition.Crashes.ShouldBe(0);
    }

    [Fact]
    public void One_that_is_meant_to_end_and_does_so_at_once_is_started_once_in_a_second()
    {
        _program = _program with { Restart = RestartPolicy.Always, StartTime = TimeSpan.Zero };
        Take(new StartWanted());
        Take(new ProgramExecuted(42, _now));
        Pass(TimeSpan.FromMilliseconds(10));
        Take(new ProgramEnded(0, _now, EndCause.Own)).ShouldNotContain(e => e is Spawn);
        (_condition.State, _condition.Crashes, _timer - _now).ShouldBe((ProgramState.Backoff, 0, TimeSpan.FromMilliseconds(990)));
        FireTimer().ShouldContain(e => e is Spawn);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(0.5, 7.2)]
    [InlineData(0.999999, 6.4)]
    public void Waits_are_up_to_a_fifth_shorter_at_random(double chance, double seconds)
    {
        _chance = chance;
        _program = _program with { StartRetries = 9, Backoff = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8)) };
        Take(new StartWanted());
        for (var i = 0; i < 8; i++)
        {
            Take(new StartFailed("no", _now));
            if (i < 7)
                FireTimer();
        }
        (_timer - _now).TotalSeconds.ShouldBe(seconds, tolerance: 0.001);
    }

    [Fact]
    public void A_wait_never_overflows() =>
        RestartDelay.After(int.MaxValue, new(TimeSpan.FromHours(1), TimeSpan.FromDays(1)), 0).ShouldBe(TimeSpan.FromDays(1));

    [Fact]
    public void What_is_fatal_is_tried_afresh_after_a_while_if_it_says_so()
    {
        _program = _program with { StartRetries = 0, FatalRetryAfter = TimeSpan.FromMinutes(5) };
        Take(new StartWanted());
        Take(new StartFailed("no", _now)).ShouldNotContain(e => e is RestartGroup);
        _condition.State.ShouldBe(ProgramState.Fatal);
        (_timer - _now).ShouldBe(TimeSpan.FromMinutes(5));
        FireTimer().ShouldContain(e => e is Spawn);
        _condition.FailedStarts.ShouldBe(0);
        Take(new StartFailed("no", _now));
        Take(new StopWanted());
        _timer.ShouldBe(BootInstant.Never, "a stop ends that too");
    }

    [Fact]
    public void What_is_fatal_restarts_its_group_if_it_says_so()
    {
        _program = _program with { StartRetries = 1, FatalAction = FatalAction.RestartGroup };
        Take(new StartWanted());
        Take(new StartFailed("no", _now)).ShouldNotContain(e => e is RestartGroup);
        FireTimer();
        Take(new StartFailed("no", _now)).ShouldContain(e => e is RestartGroup);
    }

    [Fact]
    public void A_fatal_program_may_ask_for_another_host()
    {
        _program = _program with { StartRetries = 0, FatalAction = FatalAction.FailOver };
        Take(new StartWanted());
        Take(new StartFailed("no such file", _now)).ShouldContain(new CallUnfit("no such file"));
    }

    [Fact]
    public void A_start_is_judged_by_what_those_that_wait_for_it_need()
    {
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Failed);
        Take(new StartWanted());
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Spawning);
        Take(new ProgramExecuted(42, _now));
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Underway);
        Take(new ProgramEnded(1, _now, EndCause.Own));
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Underway, "it is tried again");
        FireTimer();
        Run(start: false);
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Ready);
        Take(new ProgramEnded(0, _now, EndCause.Own));
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Ready, "it did what it was meant to do");
        Take(new StartWanted());
        _program = _program with { StartRetries = 0 };
        Take(new StartFailed("no", _now));
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Failed);
    }

    [Fact]
    public void A_program_with_a_readiness_check_is_ready_when_that_passes()
    {
        _program = _program with { Readiness = new(CheckKind.Tcp, "x:1") };
        Run();
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Underway);
        _condition.Detail.ShouldBe("not ready yet");
        Take(new BecameReady()).ShouldContain(e => e is Report);
        (_condition.Detail, _timer).ShouldBe(("", BootInstant.Never));
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Ready);
        Take(new BecameReady()).ShouldBeEmpty();
        // It need not have been up for its start time, and then still has to be.
        Take(new RestartWanted());
        Take(new ProgramEnded(0, _now, EndCause.Stopped));
        _condition.PassedReadiness.ShouldBeFalse();
        Take(new ProgramExecuted(43, _now));
        Take(new BecameReady());
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Ready);
        (_timer - _now).ShouldBe(_program.StartTime);
    }

    [Fact]
    public void Who_ends_or_fails_its_check_before_it_was_ready_has_failed_to_start()
    {
        _program = _program with { Readiness = new(CheckKind.Tcp, "x:1"), StartRetries = 1 };
        Run();
        Take(new ProgramEnded(3, _now, EndCause.Own));
        (_condition.State, _condition.FailedStarts).ShouldBe((ProgramState.Backoff, 1));
        _condition.Detail.ShouldBe("ended before it was ready: exit status 3");
        FireTimer();
        Run(start: false);
        Take(new CheckFailed("not ready within 1m")).ShouldContain(e => e is SendStopSignal);
        _condition.State.ShouldBe(ProgramState.Stopping);
        Take(new ProgramEnded(0, _now, EndCause.Stopped));
        (_condition.State, _condition.Detail).ShouldBe((ProgramState.Fatal, "not ready within 1m"));
    }

    [Theory]
    [InlineData(RestartPolicy.Never)]
    [InlineData(RestartPolicy.Always)]
    public void Who_fails_its_liveness_check_is_stopped_and_started_whatever_its_policy(RestartPolicy policy)
    {
        _program = _program with { Restart = policy };
        Run();
        Take(new CheckFailed("no answer")).ShouldContain(e => e is SendStopSignal);
        FireTimer().ShouldContain(e => e is KillTree, "it may hang");
        var effects = Take(new ProgramEnded(-9, _now, EndCause.Stopped));
        effects.OfType<Report>().First().Condition.ShouldSatisfyAllConditions(
            c => c.State.ShouldBe(ProgramState.Exited), c => c.Detail.ShouldBe("no answer"));
        effects.ShouldContain(e => e is Spawn);
        Run(start: false);
        Take(new CheckFailed("no answer"));
        Take(new ProgramEnded(0, _now, EndCause.Stopped)).ShouldNotContain(e => e is Spawn, "the second time soon after waits");
        _condition.Detail.ShouldBe("no answer; crashed 2 times in a row");
    }

    [Fact]
    public void A_oneshot_is_ready_when_it_has_ended_well_however_soon()
    {
        _program = _program with { Oneshot = true, StartRetries = 1 };
        Run();
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Underway);
        Take(new ProgramEnded(3, _now, EndCause.Own)).ShouldNotContain(e => e is Spawn);
        (_condition.State, _condition.Detail).ShouldBe((ProgramState.Backoff, "exit status 3; not expected"));
        FireTimer();
        Take(new ProgramExecuted(43, _now));
        Take(new ProgramEnded(0, _now, EndCause.Own));
        (_condition.State, _condition.FailedStarts).ShouldBe((ProgramState.Exited, 0));
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Ready);
        Take(new StartWanted());
        Take(new StartFailed("no", _now));
        FireTimer();
        Take(new StartFailed("no", _now));
        StartJudgement.Of(_condition, _program).ShouldBe(StartProgress.Failed);
        Take(new StopWanted());
        Take(new StartRefused("waits for g:clean"));
        (_condition.State, _condition.Detail).ShouldBe((ProgramState.Stopped, "waits for g:clean"));
    }

    [Fact]
    public void A_stop_or_the_leases_end_overrides_a_failed_check()
    {
        Run();
        Take(new CheckFailed("no answer"));
        Take(new StopWanted());
        Take(new ProgramEnded(0, _now, EndCause.Stopped)).ShouldNotContain(e => e is Spawn);
        _condition.State.ShouldBe(ProgramState.Stopped);
        Run();
        Take(new CheckFailed("no answer"));
        Take(new ProgramEnded(-9, _now, EndCause.Deadline)).ShouldNotContain(e => e is Spawn);
        _condition.State.ShouldBe(ProgramState.Stopped);
    }

    [Fact]
    public void An_unexpected_exit_says_so()
    {
        _program = _program with { Restart = RestartPolicy.Never };
        Run();
        Take(new ProgramEnded(3, _now, EndCause.Own));
        _condition.Detail.ShouldBe("exit status 3; not expected");
        _condition.ExitStatus.ShouldBe(3);
    }

    [Fact]
    public void A_stop_signals_and_kills_after_the_timeout_until_the_tree_is_gone()
    {
        Run();
        Take(new StopWanted()).ShouldContain(e => e is SendStopSignal);
        (_timer - _now).ShouldBe(_program.StopTimeout);
        FireTimer().ShouldContain(e => e is KillTree);
        FireTimer().ShouldContain(e => e is KillTree);
        Take(new ProgramEnded(-9, _now, EndCause.Stopped));
        _condition.State.ShouldBe(ProgramState.Stopped);
        _condition.ExitStatus.ShouldBe(-9);
        _timer.ShouldBe(BootInstant.Never);
    }

    [Fact]
    public void A_stop_during_backoff_settles_at_once()
    {
        Take(new StartWanted());
        Take(new StartFailed("no", _now));
        Take(new StopWanted());
        _condition.State.ShouldBe(ProgramState.Stopped);
        _timer.ShouldBe(BootInstant.Never);
    }

    [Fact]
    public void A_restart_stops_first_and_starts_when_the_tree_is_gone()
    {
        Run();
        Take(new RestartWanted()).ShouldNotContain(e => e is Spawn);
        Take(new ProgramEnded(0, _now, EndCause.Stopped)).ShouldContain(e => e is Spawn);
        _condition.State.ShouldBe(ProgramState.Starting);
    }

    [Fact]
    public void A_stop_overrides_a_restart_in_progress()
    {
        Run();
        Take(new RestartWanted());
        Take(new StopWanted());
        Take(new ProgramEnded(0, _now, EndCause.Stopped)).ShouldNotContain(e => e is Spawn);
        _condition.State.ShouldBe(ProgramState.Stopped);
    }

    [Fact]
    public void A_deadline_leaves_it_stopped_whatever_the_policy()
    {
        _program = _program with { Restart = RestartPolicy.Always };
        Run();
        Take(new ProgramEnded(-9, _now, EndCause.Deadline)).ShouldNotContain(e => e is Spawn);
        _condition.State.ShouldBe(ProgramState.Stopped);
        _condition.Detail.ShouldContain("lease");
    }

    [Fact]
    public void A_refused_start_is_stopped_and_costs_no_retry()
    {
        Take(new StartWanted());
        Take(new StartRefused("the lease of g is over"));
        _condition.State.ShouldBe(ProgramState.Stopped);
        _condition.FailedStarts.ShouldBe(0);
        _condition.Detail.ShouldBe("the lease of g is over");
    }

    [Fact]
    public void A_lost_shim_is_unknown_until_the_tree_is_gone_and_then_restarts_by_policy()
    {
        Run();
        Take(new ShimLost()).ShouldContain(e => e is KillTree);
        _condition.State.ShouldBe(ProgramState.Unknown);
        FireTimer().ShouldContain(e => e is KillTree);
        Take(new StartWanted()).ShouldNotContain(e => e is Spawn);
        Take(new ProgramEnded(-9, _now, EndCause.Lost)).ShouldContain(e => e is Spawn);
    }

    [Fact]
    public void An_adopted_program_continues_where_it_was()
    {
        var started = _now - TimeSpan.FromSeconds(30);
        ProgramMachine.Adopt(42, started, 0, _program, _now).Condition.State.ShouldBe(ProgramState.Running);
        ProgramMachine.Adopt(42, _now, 2, _program, _now).Condition.State.ShouldBe(ProgramState.Starting);
        // Whether it had become ready is not known: it is believed.
        var checkedOne = _program with { Readiness = new(CheckKind.Tcp, "x:1") };
        StartJudgement.Of(ProgramMachine.Adopt(42, started, 0, checkedOne, _now).Condition, checkedOne).ShouldBe(StartProgress.Ready);
    }

    private ProgramEffect[] Crash(TimeSpan uptime)
    {
        _now = _condition.StartedAt!.Value + uptime;
        return Take(new ProgramEnded(1, _now, EndCause.Own));
    }

    private void Run(bool start = true)
    {
        if (start)
            Take(new StartWanted());
        Take(new ProgramExecuted(42, _now));
        FireTimer();
        _condition.State.ShouldBe(ProgramState.Running);
        Pass(TimeSpan.FromSeconds(5));
    }

    private void Pass(TimeSpan time) => _now += time;

    private ProgramEffect[] FireTimer()
    {
        _timer.ShouldNotBe(BootInstant.Never);
        _now = _timer;
        return Take(new TimerFired());
    }

    private ProgramEffect[] Take(ProgramEvent happened)
    {
        var step = ProgramMachine.Step(_condition, happened, _program, _now, _chance);
        _condition = step.Condition;
        foreach (var timer in step.Effects.OfType<SetTimer>())
            _timer = timer.At;
        return [.. step.Effects];
    }
}
