using Google.Protobuf.WellKnownTypes;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>start, stop and restart through hactl and the control plane, with an agent that says what a test wants.</summary>
public sealed class ProgramCallTests
{
    private static readonly string[] Names = ["db", "http"];

    [Fact]
    public async Task Restart_prints_what_was_stopped_then_what_was_started_as_supervisorctl()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, obeys: true);

        var both = await Operator.RunAsync(plane.GrpcUrl, "restart", "web:http", "web:db");
        both.Out.ShouldBe("web:db: stopped\nweb:http: stopped\nweb:db: started\nweb:http: started\n");
        both.Code.ShouldBe(0);

        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web:http")).Out.ShouldBe("web:http: stopped\n");
        var named = await Operator.RunAsync(plane.GrpcUrl, "restart", "web:http");
        named.Out.ShouldBe("web:http: ERROR (not running)\nweb:http: started\n");
        named.Code.ShouldBe(0);

        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web:http")).Code.ShouldBe(0);
        (await Operator.RunAsync(plane.GrpcUrl, "restart", "web")).Out.ShouldBe(
            "web:db: stopped\nweb:db: started\nweb:http: started\n");
        (await Operator.RunAsync(plane.GrpcUrl, "start", "all")).Out.ShouldBe("");
    }

    [Fact]
    public async Task An_unknown_name_is_told_by_both_halves_of_a_restart()
    {
        await using var plane = await StartAsync();
        var run = await Operator.RunAsync(plane.GrpcUrl, "restart", "web:nope");
        run.Out.ShouldBe("web:nope: ERROR (no such process)\nweb:nope: ERROR (no such process)\n");
        run.Code.ShouldBe(1);
        (await Operator.RunAsync(plane.GrpcUrl, "restart", "nope")).Code.ShouldBe(2);
        (await Operator.RunAsync(plane.GrpcUrl, "stop", "nope")).ShouldBe(new(1, "nope: ERROR (no such group)\n", ""));
    }

    [Fact]
    public async Task A_stop_that_nobody_saw_is_not_claimed()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, obeys: false);
        var run = await Operator.RunAsync(plane.GrpcUrl, "restart", "web:db");
        run.Out.ShouldBe("web:db: pending (wanted and stored, but a says RUNNING after 5 s)\n");
        run.Code.ShouldBe(7);
    }

    [Fact]
    public async Task Who_waits_for_a_program_waits_for_it_on_the_host_that_its_group_moves_to()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Programs.Single(p => p.Name == "db").StopTimeout = Duration.FromTimeSpan(Until.Bound);
        await plane.ApplyAsync(web);
        await using var a = await OwnerAsync(plane, obeys: false);
        a.ReleasesWhenAsked = true;
        var restart = Operator.RunAsync(plane.GrpcUrl, "restart", "web:db");
        await Until.HoldsAsync(
            () => Task.FromResult(a.Configuration.Programs.Any(p => p.Name == "db" && p.RestartGeneration > 0)), "the restart is wanted");
        var taking = OwnerAsync(plane, obeys: true, "b");
        await Until.HoldsAsync(
            async () => (await Operator.RunAsync(plane.GrpcUrl, "switchover", "web", "--to", "b")).Code == 0, "b takes over");
        await using var b = await taking;
        (await restart).ShouldBe(new(0, "web:db on a: stopped\nweb:db on b: started\n", ""));
    }

    [Fact]
    public async Task Who_starts_what_is_stopping_waits_until_it_is_started()
    {
        await using var plane = await StartAsync();
        await using var a = await OwnerAsync(plane, obeys: false);
        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web:db", "--no-wait")).Code.ShouldBe(0);
        await ReportAsync(ProgramState.Stopping, 101);
        await Until.HoldsAsync(
            async () => (await Operator.RunAsync(plane.GrpcUrl, "status", "web:db")).Out.Contains("STOPPING", StringComparison.Ordinal), "it is stopping");
        var start = Operator.RunAsync(plane.GrpcUrl, "start", "web:db");
        await Until.HoldsAsync(
            () => Task.FromResult(a.Configuration.Programs.Single(p => p.Name == "db").DesiredState == DesiredState.Running), "the start is wanted");
        await ReportAsync(ProgramState.Running, 200);
        (await start).ShouldBe(new(0, "web:db: started\n", ""));

        Task ReportAsync(ProgramState state, int pid) => a.SendAsync(new()
        {
            ProgramReport = new()
            {
                Programs =
                {
                    new ProgramStatus { Group = "web", Name = "db", State = state, Pid = pid, Since = TimeProvider.System.GetUtcNow().ToTimestamp() },
                },
            },
        });
    }

    [Fact]
    public async Task Without_an_owner_the_wish_is_stored_and_said_to_be()
    {
        await using var plane = await StartAsync();
        var run = await Operator.RunAsync(plane.GrpcUrl, "restart", "web:db");
        run.Out.ShouldBe("web:db: pending (nobody owns the group now; the owner to be will see to it)\n");
        run.Code.ShouldBe(7);
        (await Operator.RunAsync(plane.GrpcUrl, "restart", "web:db", "--no-wait")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_reason_with_a_line_break_is_refused_with_the_field()
    {
        await using var plane = await StartAsync();
        var run = await Operator.RunAsync(plane.GrpcUrl, "stop", "web:db", "--reason", "disk\nfull");
        run.Error.ShouldBe("hactl: reason: must not contain control characters: take out the line break at position 5\n");
        run.Code.ShouldBe(2);
    }

    [Fact]
    public async Task What_a_silent_owner_said_last_is_not_shown_as_if_it_were_so_now()
    {
        await using var plane = await StartAsync();
        await using (await OwnerAsync(plane, obeys: true))
        {
            var up = await Operator.RunAsync(plane.GrpcUrl, "status");
            up.Out.ShouldMatch(@"^web:db {27}RUNNING   pid \d+, uptime 0:00:\d\d, host a\nweb:http {25}RUNNING   pid \d+, uptime 0:00:\d\d, host a\n$");
        }
        await Until.HoldsAsync(
            async () => (await Operator.RunAsync(plane.GrpcUrl, "status")).Out.Contains("web:db                           UNKNOWN   host a has been silent for ", StringComparison.Ordinal),
            "the silence is said");
        (await Operator.RunAsync(plane.GrpcUrl, "status")).Code.ShouldBe(3);
    }

    private static async Task<InProcessPlane> StartAsync()
    {
        var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        return plane;
    }

    /// <summary>A host, with both programs running, which carries wishes out at once or not at all.</summary>
    private static async Task<AgentDouble> OwnerAsync(InProcessPlane plane, bool obeys, string host = "a")
    {
        var pids = 100;
        var running = new Dictionary<string, ProgramStatus>();
        var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, AgentDouble.HelloOf(host), async (agent, wanted) =>
        {
            if (!agent.Owns("web") || (running.Count > 0 && !obeys))
                return;
            foreach (var program in wanted.Programs)
                running[program.Name] = Next(program, running.GetValueOrDefault(program.Name));
            await agent.SendAsync(new() { ProgramReport = new() { Complete = true, Programs = { running.Values } } });
        });
        await agent.OwnAsync("web");
        await Until.HoldsAsync(
            async () => (await Operator.RunAsync(plane.GrpcUrl, "status")).Code == 0, $"{string.Join(", ", Names)} run");
        return agent;

        ProgramStatus Next(HaGrpc.V1.Program program, ProgramStatus? now)
        {
            var wanted = program.DesiredState == DesiredState.Stopped ? ProgramState.Stopped : ProgramState.Running;
            return now?.State == wanted && now.RestartGeneration == program.RestartGeneration ? now : new()
            {
                Group = program.Group,
                Name = program.Name,
                State = wanted,
                Pid = wanted == ProgramState.Running ? ++pids : 0,
                Since = TimeProvider.System.GetUtcNow().ToTimestamp(),
                RestartGeneration = program.RestartGeneration,
            };
        }
    }
}
