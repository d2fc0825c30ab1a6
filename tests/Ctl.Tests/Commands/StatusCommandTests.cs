using Google.Protobuf.WellKnownTypes;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class StatusCommandTests
{
    [Fact]
    public async Task Lines_follow_supervisorctl_with_the_host_behind()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => new()
        {
            Programs =
            {
                Line("web", "http", ProgramState.Running, "a", pid: 10922, age: 5),
                Line("web", "old", ProgramState.Running, "a", pid: 7, age: (12 * 86400) + 1),
                Line("web", "day", ProgramState.Running, "a", pid: 8, age: 86400 + 7384),
                Line("db", "bad", ProgramState.Fatal, "b", detail: "Exited too quickly (process log may have details)"),
                Line("db", "back", ProgramState.Backoff, "b"),
                Line("db", "once", ProgramState.Exited, "b", age: 9300),
                Line("db", "up", ProgramState.Starting, "b"),
                new ProgramLine { Program = new() { Group = "idle", Name = "manual" } },
            },
            Unmatched = { "nope", "web:nope", "gone:*" },
        };
        var outcome = await plane.RunAsync("status");
        outcome.Out.ShouldBe("""
            db:back                          BACKOFF   unknown error (see its log file), host b
            db:bad                           FATAL     Exited too quickly (process log may have details), host b
            db:once                          EXITED    Nov 23 06:55 AM, host b
            db:up                            STARTING  host b
            idle:manual                      STOPPED   Not started, no owner
            web:day                          RUNNING   pid 8, uptime 1 day, 2:03:04, host a
            web:http                         RUNNING   pid 10922, uptime 0:00:05, host a
            web:old                          RUNNING   pid 7, uptime 12 days, 0:00:01, host a
            nope: ERROR (no such group)
            web:nope: ERROR (no such process)
            gone:*: ERROR (no such group)

            """);
        outcome.Code.ShouldBe(3);
    }

    [Fact]
    public async Task What_is_to_be_known_of_a_state_stands_behind_it()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => new()
        {
            Programs =
            {
                Line("web", "hungry", ProgramState.Exited, "a", age: 9300, detail: "killed: out of memory (limit 512mb); not expected"),
                Line("web", "slow", ProgramState.Running, "a", pid: 8, age: 5, detail: "not ready yet"),
                Line("web", "waits", ProgramState.Stopped, "a", detail: "waits for web:migrate"),
            },
        };
        (await plane.RunAsync("status")).Out.ShouldBe("""
            web:hungry                       EXITED    Nov 23 06:55 AM, killed: out of memory (limit 512mb); not expected, host a
            web:slow                         RUNNING   pid 8, uptime 0:00:05, not ready yet, host a
            web:waits                        STOPPED   Not started, waits for web:migrate, host a

            """);
    }

    [Fact]
    public async Task A_name_longer_than_thirty_moves_the_columns()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => new()
        {
            Programs =
            {
                Line("group", "PhoneInfoSrv_for_a_very_long_name", ProgramState.Running, "a", pid: 1, age: 0),
                Line("group", "x", ProgramState.Stopping, "a"),
            },
        };
        (await plane.RunAsync("status")).Out.ShouldBe("""
            group:PhoneInfoSrv_for_a_very_long_name   RUNNING   pid 1, uptime 0:00:00, host a
            group:x                                   STOPPING  host a

            """);
    }

    [Theory]
    [InlineData(ProgramState.Running, false, 0)]
    [InlineData(ProgramState.Starting, false, 0)]
    [InlineData(ProgramState.Backoff, false, 0)]
    [InlineData(ProgramState.Stopping, false, 0)]
    [InlineData(ProgramState.Stopped, false, 3)]
    [InlineData(ProgramState.Exited, false, 3)]
    [InlineData(ProgramState.Fatal, false, 3)]
    [InlineData(ProgramState.Unknown, false, 3)]
    [InlineData(ProgramState.Running, true, 4)]
    [InlineData(ProgramState.Fatal, true, 3)]
    public async Task Exit_codes_are_supervisorctls(ProgramState state, bool unmatched, int code)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => new()
        {
            Programs = { Line("g", "p", state, "a") },
            Unmatched = { unmatched ? ["nope"] : [] },
        };
        (await plane.RunAsync("status", "g:p", "nope")).Code.ShouldBe(code);
        plane.Admin.Asked[0].ShouldBe(new ListProgramsRequest { Selectors = { "g:p", "nope" } });
    }

    [Fact]
    public async Task Json_has_the_documented_fields()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnPrograms = _ => new() { Programs = { Line("web", "http", ProgramState.Running, "a", pid: 9, age: 5) } };
        (await plane.RunAsync("status", "-o", "json")).Out.ShouldBe("""
            {
              "programs": [
                {
                  "group": "web",
                  "name": "http",
                  "state": "RUNNING",
                  "desired": "running",
                  "host": "a",
                  "pid": 9,
                  "since": "2026-11-23T09:29:55.000000Z",
                  "exit_status": null,
                  "priority": 0,
                  "command": "",
                  "description": "pid 9, uptime 0:00:05",
                  "detail": "",
                  "desired_by": null,
                  "desired_at": null,
                  "desired_reason": ""
                }
              ],
              "unmatched": []
            }

            """);
    }

    private static ProgramLine Line(
        string group, string name, ProgramState state, string host, int pid = 0, int? age = null, string detail = "") => new()
        {
            Program = new() { Group = group, Name = name },
            Host = host,
            Status = new()
            {
                Group = group,
                Name = name,
                State = state,
                Pid = pid,
                Detail = detail,
                Since = age is { } seconds
                    ? Timestamp.FromDateTimeOffset(FakeControlPlane.Time.GetUtcNow().AddSeconds(-seconds))
                    : null,
            },
        };
}
