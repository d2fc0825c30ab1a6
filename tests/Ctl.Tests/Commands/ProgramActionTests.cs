using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class ProgramActionTests
{
    [Theory]
    [InlineData(ProgramOutcome.Started, "g:p: started", 0)]
    [InlineData(ProgramOutcome.AlreadyStarted, "g:p: ERROR (already started)", 0)]
    [InlineData(ProgramOutcome.NoSuchProgram, "g:p: ERROR (no such process)", 1)]
    [InlineData(ProgramOutcome.NoSuchGroup, "g:p: ERROR (no such group)", 2)]
    [InlineData(ProgramOutcome.SpawnError, "g:p: ERROR (spawn error)", 7)]
    [InlineData(ProgramOutcome.AbnormalTermination, "g:p: ERROR (abnormal termination)", 7)]
    [InlineData(ProgramOutcome.Pending, "g:p: pending", 7)]
    public async Task Start_answers_as_supervisorctl(ProgramOutcome outcome, string line, int code)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnStart = _ => new() { Results = { new ProgramResult { Name = "g:p", Outcome = outcome } } };
        var run = await plane.RunAsync("start", "g:p");
        run.Out.ShouldBe(line + "\n");
        run.Code.ShouldBe(code);
        plane.Admin.Asked[0].ShouldBe(new StartProgramsRequest { Selectors = { "g:p" }, Reason = "hactl start by wu" });
    }

    [Theory]
    [InlineData(ProgramOutcome.Stopped, "g:p: stopped", 0)]
    [InlineData(ProgramOutcome.NotRunning, "g:p: ERROR (not running)", 0)]
    [InlineData(ProgramOutcome.NoSuchProgram, "g:p: ERROR (no such process)", 1)]
    [InlineData(ProgramOutcome.NoSuchGroup, "g:p: ERROR (no such group)", 1)]
    public async Task Stop_answers_as_supervisorctl(ProgramOutcome outcome, string line, int code)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnStop = _ => new() { Results = { new ProgramResult { Name = "g:p", Outcome = outcome } } };
        var run = await plane.RunAsync("stop", "g:p", "--reason", "new disk");
        run.Out.ShouldBe(line + "\n");
        run.Code.ShouldBe(code);
        plane.Admin.Asked[0].ShouldBe(new StopProgramsRequest { Selectors = { "g:p" }, Reason = "new disk" });
    }

    [Fact]
    public async Task Restart_prints_stops_then_starts_and_the_highest_code_counts()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnRestart = _ => new()
        {
            Results =
            {
                new ProgramResult { Name = "g:a", Outcome = ProgramOutcome.Stopped },
                new ProgramResult { Name = "g:b", Outcome = ProgramOutcome.NotRunning },
                new ProgramResult { Name = "g:a", Outcome = ProgramOutcome.SpawnError, Detail = "no such file /x" },
                new ProgramResult { Name = "g:b", Outcome = ProgramOutcome.Started },
            },
        };
        var run = await plane.RunAsync("restart", "g:*", "g:b");
        run.Out.ShouldBe("""
            g:a: stopped
            g:b: ERROR (not running)
            g:a: ERROR (spawn error): no such file /x
            g:b: started

            """);
        run.Code.ShouldBe(7);
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBeOfType<RestartProgramsRequest>().Selectors.ShouldBe(["g:*", "g:b"]);
    }

    [Theory]
    [InlineData("g:*", "")]
    [InlineData("all", "")]
    [InlineData("g", "")]
    [InlineData("g:p", "g:p: ERROR (already started)\n")]
    public async Task Programs_of_a_group_that_were_so_already_are_not_told_as_in_supervisorctl(string selector, string lines)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnStart = _ => new()
        {
            Results =
            {
                new ProgramResult { Name = "g:p", Outcome = ProgramOutcome.AlreadyStarted },
                new ProgramResult { Name = "g:q", Outcome = ProgramOutcome.Started },
            },
        };
        var run = await plane.RunAsync("start", selector);
        run.Out.ShouldBe(lines + "g:q: started\n");
        run.Code.ShouldBe(0);
        (await plane.RunAsync("start", selector, "-o", "json")).Out.ShouldContain("already_started");
    }

    [Fact]
    public async Task Without_waiting_a_stored_wish_is_success()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnStart = request => new()
        {
            Results = { new ProgramResult { Name = "g:p", Outcome = ProgramOutcome.Pending, Detail = "not waited for" } },
        };
        var run = await plane.RunAsync("start", "g", "--no-wait");
        run.Out.ShouldBe("g:p: pending (not waited for)\n");
        run.Code.ShouldBe(0);
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBeOfType<StartProgramsRequest>().NoWait.ShouldBeTrue();
    }

    [Theory]
    [InlineData("start", 2)]
    [InlineData("stop", 1)]
    [InlineData("restart", 2)]
    public async Task Without_a_name_nothing_is_asked(string verb, int code)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync(verb);
        run.Error.ShouldStartWith($"Error: {verb} requires a process name");
        run.Code.ShouldBe(code);
        plane.Admin.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Json_names_outcomes()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnStop = _ => new()
        {
            Results = { new ProgramResult { Name = "g:p", Outcome = ProgramOutcome.NotRunning, Host = "a" } },
        };
        (await plane.RunAsync("stop", "g:p", "--output", "json")).Out.ShouldBe("""
            {
              "results": [
                {
                  "name": "g:p",
                  "outcome": "not_running",
                  "host": "a",
                  "detail": ""
                }
              ]
            }

            """);
    }
}
