using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Why a program is in its state, through hactl and the control plane, with an agent that says what a test wants.</summary>
public sealed class ExplainProgramTests
{
    [Fact]
    public async Task Whoever_asks_is_told_what_the_owner_says_what_is_wanted_and_what_was_asked_for()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Programs[0].Priority = 1000;
        await plane.ApplyAsync(model);
        (await Operator.RunAsync(plane.GrpcUrl, "why", "web:http")).Out.ShouldContain("  nobody owns its group web");

        await using var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await agent.OwnAsync("web");
        await agent.SendAsync(new()
        {
            ProgramReport = new()
            {
                Complete = true,
                Programs =
                {
                    new ProgramStatus
                    {
                        Group = "web", Name = "db", State = ProgramState.Backoff, Detail = "Exited\u001b too quickly", FailedStarts = 2, NextTry = TimeProvider.System.GetUtcNow().ToTimestamp(),
                        Ends = { new ProgramEnd { At = TimeProvider.System.GetUtcNow().ToTimestamp(), ExitStatus = 1, State = ProgramState.Backoff, Detail = "Exited too quickly" } },
                    },
                },
            },
        });
        await Until.HoldsAsync(async () => (await Operator.RunAsync(plane.GrpcUrl, "why", "web:db")).Out is var said
            && said.Contains("web:db is BACKOFF on a", StringComparison.Ordinal) && said.Contains("group web: Owned", StringComparison.Ordinal), "the report and the promotion are known");
        var db = await Operator.RunAsync(plane.GrpcUrl, "why", "web:db");
        (db.Code, db.Error).ShouldBe((0, ""));
        db.Out.ShouldContain("  2 starts in a row have failed, and 3 retries are allowed (start_retries); it is tried again by itself: Exited\uFFFD too quickly\n");
        db.Out.ShouldContain("BACKOFF   exit status 1: Exited too quickly\n");
        db.Out.ShouldContain("Its group web: Owned, a, epoch 1 (hactl why web)\n");
        (await Operator.RunAsync(plane.GrpcUrl, "why", "web:http")).Out
            .ShouldContain("  it waits for programs of a lower priority than its own, 1000: web:db (BACKOFF: Exited");

        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web:db", "--reason", "new disk", "--no-wait")).Code.ShouldBe(0);
        var stopped = await Operator.RunAsync(plane.GrpcUrl, "why", "web:db");
        stopped.Out.ShouldMatch("  .+ wants it stopped, and it is not yet: new disk\n");
        stopped.Out.ShouldMatch("(?m)^It is wanted stopped by .+: new disk$");
        stopped.Out.ShouldContain("ProgramStopRequested");
        stopped.Out.ShouldNotContain("web:http");
    }

    [Fact]
    public async Task Unknown_names_are_refused_with_what_there_is()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Programs[1].Numprocs = 2;
        model.Programs[1].ProcessName = "%(program_name)s%(process_num)d";
        await plane.ApplyAsync(model);
        var group = await Operator.RunAsync(plane.GrpcUrl, "why", "wob:http");
        (group.Code, group.Error).ShouldBe((1, "hactl: refused: group: no group is called 'wob'; did you mean web?\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "why", "web:htp")).Error.ShouldBe("hactl: refused: name: web has no program called 'htp'; did you mean http?\n");
        (await Operator.RunAsync(plane.GrpcUrl, "why", "web:db")).Error.ShouldBe("hactl: refused: name: web:db is made of db0, db1: name one of them\n");
        (await Should.ThrowAsync<RpcException>(async () => await new ExplanationService.ExplanationServiceClient(plane.Channel).ExplainProgramAsync(
            new() { Group = "web", Name = "a\nb" }))).StatusCode.ShouldBe(StatusCode.InvalidArgument);
    }
}
