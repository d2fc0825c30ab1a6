using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>New releases of programs through hactl and the control plane, with an agent whose programs come up, or do not, as their commands say.</summary>
public sealed class UpdateTests
{
    private const string Manifest = """
        hosts: [{name: a}]
        groups: [{name: web, timing: {ttl: 1500ms, heartbeat: 300ms, takeover_margin: 200ms}, members: [{host: a, priority: 1}]}]
        programs:
          - {group: web, name: http, command: /opt/r/1/http, priority: 10, stop_timeout: 1s, start_time: 0s}
          - {group: web, name: w, command: /opt/r/1/w %(process_num)d, numprocs: 3, process_name: "w%(process_num)d", priority: 20, stop_timeout: 1s, start_time: 0s}
        """;

    [Fact]
    public async Task A_release_goes_out_process_by_process_and_all_are_one_program_again()
    {
        await using var plane = await StartAsync();
        var starts = new ConcurrentQueue<string>();
        await using var agent = await OwnerAsync(plane, starts);

        var shown = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web", "--to", "/opt/r/2", "--rolling", "2", "--dry-run");
        shown.Out.ShouldBe("""
            web would go from /opt/r/1 to /opt/r/2:
            1. web:http
                 web:http command: /opt/r/1/http -> /opt/r/2/http
            2. web:w0, web:w1
                 web:w0 command: /opt/r/1/w 0 -> /opt/r/2/w 0
                 web:w1 command: /opt/r/1/w 1 -> /opt/r/2/w 1
            3. web:w2
                 web:w2 command: /opt/r/1/w 2 -> /opt/r/2/w 2

            """);
        starts.ShouldAllBe(s => s.Contains("/r/1/", StringComparison.Ordinal));
        starts.Clear();

        var done = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web", "--to", "/opt/r/2", "--rolling", "2");
        done.Error.ShouldBe("");
        done.Out.ShouldMatch(@"^web:http: updated, ready on a after \d\.\d s\nweb:w0: updated, .*\nweb:w1: updated, .*\nweb:w2: updated, .*\n$");
        done.Code.ShouldBe(0);
        starts.First().ShouldBe("/opt/r/2/http");
        starts.Last().ShouldBe("/opt/r/2/w 2");
        starts.Count.ShouldBe(4);
        var export = (await Operator.RunAsync(plane.GrpcUrl, "export", "web:*")).Out;
        export.ShouldContain("command: /opt/r/2/w %(process_num)d\n");
        export.ShouldContain("numprocs: 3");
        (await Operator.RunAsync(plane.GrpcUrl, "revisions", "-n", "1")).Out.ShouldContain("update of web:w");

        var again = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--to", "/opt/r/2");
        again.ShouldBe(new(0, "web:w0: has it already\nweb:w1: has it already\nweb:w2: has it already\n", ""));
    }

    [Fact]
    public async Task The_first_that_does_not_become_ready_stops_it()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, []);
        var run = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--to", "/opt/r/bad", "--rolling", "1");
        run.Out.ShouldMatch(@"^web:w0: ERROR \(not ready after \d\.\d s\): FATAL, it is bad\nweb:w1: not touched\nweb:w2: not touched\n$");
        run.Error.ShouldBe("""
            hactl: stopped: web:w0 did not become ready; 2 of 3 were not touched
            hactl: once 'hactl start web:w0' succeeds, the same command goes on; 'hactl program update web:w --to /opt/r/1 --from /opt/r/bad' goes back

            """);
        run.Code.ShouldBe(7);
        (await CommandsAsync(plane)).ShouldBe(["/opt/r/1/http", "/opt/r/bad/w 0", "/opt/r/1/w 1", "/opt/r/1/w 2"]);

        var back = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--to", "/opt/r/1", "--from", "/opt/r/bad");
        back.Code.ShouldBe(0, back.Out + back.Error);
        (await CommandsAsync(plane)).ShouldBe(["/opt/r/1/http", "/opt/r/1/w 0", "/opt/r/1/w 1", "/opt/r/1/w 2"]);
    }

    [Fact]
    public async Task What_has_the_release_already_and_does_not_run_is_no_success()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, []);
        (await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--to", "/opt/r/bad")).Code.ShouldBe(7);

        var again = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--to", "/opt/r/bad");
        again.Out.ShouldMatch(@"^web:w0: ERROR \(not ready after \d\.\d s\): FATAL, it is bad\nweb:w1: ERROR .*\nweb:w2: ERROR .*\n$");
        again.Error.ShouldBe("""
            hactl: stopped: web:w0, web:w1, web:w2 did not become ready; 0 of 3 were not touched
            hactl: once 'hactl start web:w0 web:w1 web:w2' succeeds, the same command goes on

            """);
        again.Code.ShouldBe(7);
        var json = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w", "--to", "/opt/r/bad", "-o", "json");
        json.Code.ShouldBe(7);
        json.Out.ShouldNotContain("unchanged");
    }

    [Fact]
    public async Task On_failure_the_old_release_comes_back_everywhere()
    {
        await using var plane = await StartAsync();
        await using var agent = await OwnerAsync(plane, []);
        // http of this release is good, and its workers are not.
        var run = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web", "--to", "/opt/r/half", "--rollback-on-failure", "-o", "json");
        run.Code.ShouldBe(7);
        run.Error.ShouldEndWith("hactl: everything is on /opt/r/1 again\n");
        foreach (var outcome in new[] { "updated", "not_ready", "rolled_back" })
            run.Out.ShouldContain($"\"outcome\": \"{outcome}\"");
        (await CommandsAsync(plane)).ShouldBe(["/opt/r/1/http", "/opt/r/1/w 0", "/opt/r/1/w 1", "/opt/r/1/w 2"]);
        (await Operator.RunAsync(plane.GrpcUrl, "status")).Code.ShouldBe(0);
    }

    [Fact]
    public async Task Without_a_release_the_binary_is_read_again_in_order()
    {
        await using var plane = await StartAsync();
        var starts = new ConcurrentQueue<string>();
        await using var agent = await OwnerAsync(plane, starts);
        (await Operator.RunAsync(plane.GrpcUrl, "stop", "web:w1")).Code.ShouldBe(0);
        starts.Clear();
        var run = await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web");
        run.Out.ShouldMatch(@"^web:http: restarted, ready on a after .*\nweb:w1: is stopped and stays so\nweb:w0: restarted, .*\nweb:w2: restarted, .*\n$");
        run.Code.ShouldBe(0);
        starts.ShouldBe(["/opt/r/1/http", "/opt/r/1/w 0", "/opt/r/1/w 2"]);
        (await CommandsAsync(plane)).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_is_wrong_is_told_and_nothing_is_registered()
    {
        await using var plane = await StartAsync();
        (await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:nope")).ShouldBe(new(1, "", "hactl: no program is registered as 'web:nope'\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web:w0")).Error.ShouldBe("hactl: web:w0 is a process of web:w: name that\n");
        (await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web", "--rollback-on-failure")).Code.ShouldBe(2);
        (await Operator.RunAsync(plane.GrpcUrl, "program", "update", "web", "--rolling", "0")).Code.ShouldBe(2);
        (await CommandsAsync(plane)).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Only_processes_that_are_there_can_be_updated()
    {
        await using var plane = await StartAsync();
        var release = new ReleaseService.ReleaseServiceClient(plane.Channel);
        await RefusedAsync(new(), StatusCode.InvalidArgument, "program and processes: both must be given");
        await RefusedAsync(Request(numprocs: 3, "nope"), StatusCode.InvalidArgument, "processes: nope: web:w has no such process");
        await RefusedAsync(Request(numprocs: 2, "w0"), StatusCode.InvalidArgument, "program: web:w has 3 processes, and this would make 2 or others");
        var unknown = Request(numprocs: 3, "w0");
        (unknown.Program.Name, unknown.Program.ProcessName) = ("v", "v%(process_num)d");
        await RefusedAsync(unknown, StatusCode.NotFound, "program: no program is registered as web:v");
        var wrong = Request(numprocs: 3, "w0");
        wrong.Program.Command = "";
        (await release.UpdateProcessesAsync(wrong)).Errors.ShouldContain(e => e.Path == "programs[0].command");
        (await CommandsAsync(plane)).ShouldAllBe(c => c.StartsWith("/opt/r/1/", StringComparison.Ordinal));

        async Task RefusedAsync(UpdateProcessesRequest request, StatusCode code, string detail)
        {
            var refused = await Should.ThrowAsync<RpcException>(release.UpdateProcessesAsync(request).ResponseAsync);
            (refused.StatusCode, refused.Status.Detail[..detail.Length]).ShouldBe((code, detail));
        }
    }

    private static UpdateProcessesRequest Request(int numprocs, params string[] processes) => new()
    {
        Program = new() { Group = "web", Name = "w", Command = "/opt/r/2/w", Numprocs = numprocs, ProcessName = "w%(process_num)d" },
        Processes = { processes },
    };

    internal static async Task<string[]> CommandsAsync(InProcessPlane plane, CallOptions options = default) =>
        [.. (await plane.Registry.ExportAsync(new(), options)).Programs.OrderBy(p => p.Name, StringComparer.Ordinal).Select(p => p.Command)];

    internal static async Task<InProcessPlane> StartAsync()
    {
        var plane = await InProcessPlane.StartLeadingAsync();
        var applied = await Operator.RunWithAsync(plane.GrpcUrl, Manifest, "apply", "-f", "-");
        applied.Code.ShouldBe(0, applied.Error);
        return plane;
    }

    /// <summary>Host a, which starts what is wanted: what has bad in its command, and workers of the release half, become FATAL.</summary>
    internal static async Task<AgentDouble> OwnerAsync(InProcessPlane plane, ConcurrentQueue<string> starts)
    {
        var pids = 100;
        var running = new Dictionary<string, (ProgramStatus Status, string Command)>();
        var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, AgentDouble.HelloOf("a"), async (agent, wanted) =>
        {
            if (!agent.Owns("web"))
                return;
            foreach (var program in wanted.Programs.OrderBy(p => p.Priority).ThenBy(p => p.Name, StringComparer.Ordinal))
                running[program.Name] = Next(program, running.GetValueOrDefault(program.Name));
            await agent.SendAsync(new() { ProgramReport = new() { Complete = true, Programs = { running.Values.Select(r => r.Status) } } });
        });
        await agent.OwnAsync("web");
        await Until.HoldsAsync(async () => (await Operator.RunAsync(plane.GrpcUrl, "status")).Code == 0, "everything runs");
        return agent;

        (ProgramStatus, string) Next(HaGrpc.V1.Program program, (ProgramStatus Status, string Command) now)
        {
            var isStopped = program.DesiredState == DesiredState.Stopped;
            var isSame = now.Status is not null && now.Command == program.Command && now.Status.RestartGeneration == program.RestartGeneration;
            if (isSame && isStopped == (now.Status!.State == ProgramState.Stopped))
                return now;
            var isBad = program.Command.Contains("bad", StringComparison.Ordinal) || program.Command.StartsWith("/opt/r/half/w", StringComparison.Ordinal);
            if (!isStopped)
                starts.Enqueue(program.Command);
            return (new()
            {
                Group = program.Group,
                Name = program.Name,
                State = isStopped ? ProgramState.Stopped : isBad ? ProgramState.Fatal : ProgramState.Running,
                Pid = isStopped || isBad ? 0 : ++pids,
                Detail = isBad && !isStopped ? "it is bad" : "",
                Since = TimeProvider.System.GetUtcNow().ToTimestamp(),
                RestartGeneration = program.RestartGeneration,
            }, program.Command);
        }
    }
}
