using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>why GROUP:PROGRAM.</summary>
public sealed class WhyProgramTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    [Fact]
    public async Task It_tells_state_reasons_next_try_last_ends_wish_group_and_history()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Explanation.OnProgram = _ => Failing();
        var run = await plane.RunAsync("why", "web:http");
        run.ShouldBe(new(0, """
            web:http is BACKOFF on a since 2026-11-23 09:29:50.000 (0:00:10).
              2 starts in a row have failed, and 3 retries are allowed (start_retries); it is tried again by itself: Exited too quickly
              It is tried again at 2026-11-23 09:30:02.000, in 2.0 s.
              How it ended there last:
                2026-11-23 09:29:45.000  EXITED    signal 9, after 61.500 s: terminated by signal 9, which its supervisor did not send; not expected
                2026-11-23 09:29:50.000  BACKOFF   exit status 1: Exited too quickly
            It is wanted running by eve since 2026-11-22 09:30:00.000: new release
            Its group web: Owned, a, epoch 3 (hactl why web)

            2026-11-22 09:30:00.000  ProgramStartRequested  web:http              -           start web:http (by eve)

            """, ""));
        plane.Explanation.Asked.ShouldHaveSingleItem().ShouldBe(new ExplainProgramRequest { Group = "web", Name = "http" });
        var chinese = (await plane.RunAsync("--lang", "zh", "why", "web:http")).Out;
        chinese.ShouldContain("连续 2 次启动失败");
        chinese.ShouldContain("信号 9");
    }

    [Fact]
    public async Task It_is_told_to_machines()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Explanation.OnProgram = _ =>
        {
            var why = Failing();
            why.Group = null;
            why.Events.Clear();
            return why;
        };
        var run = await plane.RunAsync("why", "web:http", "-o", "json");
        run.Out.ShouldBe("""
            {
              "group": "web",
              "name": "http",
              "desired": "running",
              "desired_by": "CN=eve",
              "desired_at": "2026-11-22T09:30:00.000000Z",
              "desired_reason": "new release",
              "places": [
                {
                  "host": "a",
                  "state": "BACKOFF",
                  "pid": null,
                  "since": "2026-11-23T09:29:50.000000Z",
                  "detail": "Exited too quickly",
                  "failed_starts": 2,
                  "next_try": "2026-11-23T09:30:02.000000Z",
                  "causes": [
                    {
                      "kind": "backoff",
                      "text": "2 starts in a row have failed, and 3 retries are allowed (start_retries); it is tried again by itself: Exited too quickly"
                    }
                  ],
                  "ends": [
                    {
                      "at": "2026-11-23T09:29:45.000000Z",
                      "state": "EXITED",
                      "exit_status": -9,
                      "detail": "terminated by signal 9, which its supervisor did not send; not expected",
                      "ran_seconds": 61.5
                    },
                    {
                      "at": "2026-11-23T09:29:50.000000Z",
                      "state": "BACKOFF",
                      "exit_status": 1,
                      "detail": "Exited too quickly",
                      "ran_seconds": null
                    }
                  ]
                }
              ],
              "now": null,
              "events": []
            }

            """);
    }

    [Fact]
    public async Task What_cannot_be_explained_says_what_would_be_right()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        (await plane.RunAsync("why", "web:*")).ShouldBe(new(2, "", "hactl: web:*: one program is explained at a time: name it as GROUP:PROGRAM\n"));
        (await plane.RunAsync("why", ":http")).Code.ShouldBe(2);
        (await plane.RunAsync("why", "web:http", "--epoch", "3")).ShouldBe(new(2, "", "hactl: --epoch 3: is about a group: hactl why web --epoch 3\n"));
        var older = await plane.RunAsync("why", "web:http");
        older.Code.ShouldBe(1);
        older.Error.ShouldContain("is an older control plane");
    }

    private static ExplainProgramResponse Failing() => new()
    {
        Places =
        {
            new ProgramLine
            {
                Program = new() { Group = "web", Name = "http" },
                Host = "a",
                Desired = new() { By = "CN=eve", At = At(-86400), Reason = "new release" },
                Status = new()
                {
                    State = ProgramState.Backoff,
                    Since = At(-10),
                    Detail = "Exited too quickly",
                    NextTry = At(2),
                    FailedStarts = 2,
                    Ends =
                    {
                        new ProgramEnd
                        {
                            At = At(-15), State = ProgramState.Exited, ExitStatus = -9, Ran = TimeSpan.FromSeconds(61.5).ToProto(),
                            Detail = "terminated by signal 9, which its supervisor did not send; not expected",
                        },
                        new ProgramEnd { At = At(-10), State = ProgramState.Backoff, ExitStatus = 1, Detail = "Exited too quickly" },
                    },
                },
            },
        },
        Causes =
        {
            new ProgramCause
            {
                Kind = CauseKind.Backoff,
                Host = "a",
                Said = new()
                {
                    Text = "2 starts in a row have failed, and 3 retries are allowed (start_retries); it is tried again by itself: Exited too quickly",
                    Message = "{0} starts in a row have failed, and {1} retries are allowed (start_retries); it is tried again by itself: {2}",
                    Values = { "2", "3", "Exited too quickly" },
                },
            },
        },
        Group = new() { Group = new() { Name = "web" }, Owner = "a", Epoch = 3, Phase = "Owned" },
        Events = { new Event { Id = 7, At = At(-86400), Kind = "ProgramStartRequested", Group = "web", Program = "http", Message = "start web:http", Actor = "CN=eve" } },
    };

    private static Timestamp At(double seconds) => Timestamp.FromDateTimeOffset(Now.AddSeconds(seconds));
}
