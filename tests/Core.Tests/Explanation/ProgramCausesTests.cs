using HaGrpc.Core.Explanation;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Explanation;

/// <summary>What an operator is told who asks why a program is in its state.</summary>
public sealed class ProgramCausesTests
{
    private static readonly GroupSighting Owned = new("Owned", "");
    private static readonly Program Http = new() { Name = new("web", "http"), Command = "/bin/http", Priority = 20, After = ["cache"] };
    private static readonly Program Stopped = Http with { DesiredState = DesiredState.Stopped };

    [Fact]
    public void Who_stopped_it_is_said_and_whether_it_is_so_yet()
    {
        Told(At(Stopped, ProgramState.Stopped), by: "CN=eve", reason: "new disk").ShouldBe("NotWanted: eve wants it stopped: new disk");
        Told(At(Stopped, ProgramState.Running), by: "CN=eve").ShouldBe("NotWanted: eve wants it stopped, and it is not yet");
        Told(At(Stopped, ProgramState.Stopping)).ShouldBe(
            "NotWanted: it is wanted stopped, and is not yet | Stopping: it is being stopped, and has 10 s for that before its whole tree is killed");
        Told(At(Stopped, null) with { Host = "" }, by: "eve").ShouldBe("NotWanted: eve wants it stopped | NoOwner: nobody owns its group web; whoever comes to own it sees to it");
    }

    [Fact]
    public void What_its_group_waits_for_is_a_reason_of_it_unless_every_member_runs_it()
    {
        var group = new GroupSighting("Unowned", "no member can take over (a: never heard)");
        Told(At(Http, null) with { Host = "" }, group: group).ShouldBe("NoOwner: nobody owns its group web: no member can take over (a: never heard)");
        Told(At(Http, ProgramState.Stopped, "its group is not active on this host"), group: new("Promoting", ""))
            .ShouldBe("GroupHeld: its group web is Promoting | HeldBack: it does not run: its group is not active on this host");
        Told(At(Http with { RunOn = RunOn.All }, ProgramState.Running), group: group).ShouldBe("Runs: it runs as it is wanted");
        Told(At(Http, ProgramState.Unknown, "host a has been silent for 3.0 s")).ShouldBe("Unheard: what it does is not known: host a has been silent for 3.0 s");
    }

    [Fact]
    public void Programs_that_it_waits_for_are_named_with_their_states()
    {
        var cache = At(new Program { Name = new("web", "cache0"), Template = "cache", Command = "/bin/cache", Priority = 20 }, ProgramState.Backoff, "Exited too quickly");
        var db = At(new Program { Name = new("web", "db"), Command = "/bin/db", Priority = 10 }, ProgramState.Running, "not ready yet");
        var gone = At(new Program { Name = new("web", "gone"), Command = "/bin/gone", Priority = 10 }, ProgramState.Fatal);
        var later = At(new Program { Name = new("web", "later"), Command = "/bin/later", Priority = 30 }, ProgramState.Starting);
        var unwanted = At(new Program { Name = new("web", "off"), Command = "/bin/off", Priority = 10, DesiredState = DesiredState.Stopped }, ProgramState.Starting);
        Told(At(Http, null), others: [cache, db, gone, later, unwanted]).ShouldBe(
            "WaitsForPrograms: it waits for programs that it names in after: web:cache0 (BACKOFF: Exited too quickly) | "
            + "WaitsForLevel: it waits for programs of a lower priority than its own, 20: web:db (RUNNING: not ready yet)");
        Told(At(Http, null), others: [cache with { Host = "b" }, db with { Host = "b" }, gone])
            .ShouldBe("NotStarted: it is wanted to run and has not been started, and a does not say why");
        var once = At(new Program { Name = new("web", "init"), Command = "/bin/init", Priority = 1, Oneshot = true }, ProgramState.Fatal, "exit status 3; not expected");
        Told(At(Http, ProgramState.Stopped, "waits for web:init, which has to run to its end first and failed"), others: [once]).ShouldBe(
            "HeldBack: it does not run: waits for web:init, which has to run to its end first and failed | "
            + "WaitsForLevel: it waits for programs of a lower priority than its own, 20: web:init (FATAL: exit status 3; not expected)");
    }

    [Fact]
    public void Failures_say_what_comes_of_them()
    {
        Told(At(Http, ProgramState.Backoff, "Exited too quickly") with { FailedStarts = 2 }).ShouldBe(
            "Backoff: 2 starts in a row have failed, and 3 retries are allowed (start_retries); it is tried again by itself: Exited too quickly");
        Told(At(Http, ProgramState.Backoff, "exit status 1; not expected; crashed 2 times in a row"))
            .ShouldBe("Backoff: it is started again by itself after a wait: exit status 1; not expected; crashed 2 times in a row");
        Told(At(Http, ProgramState.Fatal, "can't find command '/bin/http'") with { FailedStarts = 4 }).ShouldBe(
            "GivenUp: 4 starts in a row have failed, more than start_retries 3 allows; it is not tried again before hactl start web:http: can't find command '/bin/http'");
        Told(At(Http with { FatalRetryAfter = TimeSpan.FromMinutes(5) }, ProgramState.Fatal, "x")).ShouldStartWith(
            "GivenUp: it failed to start too often; it is tried afresh 300 s after the last try (fatal_retry_after)");
        Told(At(Http with { Restart = RestartPolicy.Never }, ProgramState.Exited, "exit status 2; not expected"))
            .ShouldBe("Ended: it has ended, and restart: never leaves it so: exit status 2; not expected");
        Told(At(Http with { Oneshot = true }, ProgramState.Exited)).ShouldBe("Ended: it has run to its end, as it is to (oneshot), with exit status 0");
    }

    [Fact]
    public void What_is_up_and_not_as_it_should_be_is_told_too()
    {
        var checkedHttp = Http with { Readiness = new Check(CheckKind.Http, "http://127.0.0.1/ready") };
        Told(At(checkedHttp, ProgramState.Running, "not ready yet"))
            .ShouldBe("NotReady: its check of readiness has not passed yet (http http://127.0.0.1/ready); after 60 s that is a failed start");
        Told(At(Http, ProgramState.Running, "not limited: limits.memory: no cgroup v2 here"))
            .ShouldBe("NotLimited: it runs, but a cannot enforce all its limits: limits.memory: no cgroup v2 here");
        Told(At(Http, ProgramState.Running, "taken over as it ran")).ShouldBe("Runs: it runs as it is wanted: taken over as it ran");
        Told(At(Http, ProgramState.Stopping, "liveness failed 3 times in a row")).ShouldBe("Stopping: it is being stopped to be started again: liveness failed 3 times in a row");
        Told(At(Http, ProgramState.Starting)).ShouldBe("Starting: it is being started: it has to be up for 1 s");
        Told(At(Http, null) with { IsObserved = true }).ShouldBe("Observed: somebody else runs it, and it is only watched: hactl adopt web takes it over");
    }

    /// <summary>Whoever asks is never left without a reason.</summary>
    [Fact]
    public void Every_state_has_one_whatever_is_wanted()
    {
        foreach (var program in new[] { Http, Stopped, Http with { Oneshot = true, RunOn = RunOn.All } })
        {
            foreach (var state in Enum.GetValues<ProgramState>().Cast<ProgramState?>().Append(null))
                Told(At(program, state)).ShouldNotBeEmpty($"{state}, {program.DesiredState}");
        }
    }

    private static ProgramSighting At(Program program, ProgramState? state, string detail = "") => new(program, "a", state, detail);

    private static string Told(ProgramSighting place, ProgramSighting[]? others = null, GroupSighting? group = null, string by = "", string reason = "") =>
        string.Join(" | ", ProgramCauses.Of([place], others ?? [], group ?? Owned, by, reason).Select(c => $"{c.Kind}: {c.Said}"));
}
