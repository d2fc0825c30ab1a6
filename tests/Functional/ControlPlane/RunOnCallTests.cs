using Google.Protobuf.WellKnownTypes;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Programs with run_on: all, as operators see and command them.</summary>
public sealed class RunOnCallTests
{
    [Fact]
    public async Task Each_member_has_its_line_and_its_answer()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Programs.Add(Models.Program("web", "shipper"));
        web.Programs[^1].RunOn = RunOn.All;
        await plane.ApplyAsync(web);
        await using (var a = await MemberAsync(plane, "a"))
        {
            await using (var b = await MemberAsync(plane, "b"))
            {
                await Until.HoldsAsync(
                    async () => (await Operator.RunAsync(plane.GrpcUrl, "status", "web:shipper")).Code == 0, "both run it");
                (await Operator.RunAsync(plane.GrpcUrl, "status", "web:shipper")).Out.ShouldMatch(
                    @"^web:shipper {22}RUNNING   pid \d+, uptime 0:00:\d\d, host a\nweb:shipper {22}RUNNING   pid \d+, uptime 0:00:\d\d, host b\n$");

                (await Operator.RunAsync(plane.GrpcUrl, "stop", "web:shipper")).ShouldBe(
                    new(0, "web:shipper on a: stopped\nweb:shipper on b: stopped\n", ""));
                (await Operator.RunAsync(plane.GrpcUrl, "start", "web:shipper")).Out.ShouldBe(
                    "web:shipper on a: started\nweb:shipper on b: started\n");
                (await Operator.RunAsync(plane.GrpcUrl, "restart", "web:shipper")).Out.ShouldBe(
                    "web:shipper on a: stopped\nweb:shipper on b: stopped\nweb:shipper on a: started\nweb:shipper on b: started\n");
            }
            await Until.HoldsAsync(
                async () => (await Operator.RunAsync(plane.GrpcUrl, "status", "web:shipper")).Out.Contains("host b has been silent", StringComparison.Ordinal),
                "the silence of b is said");
            var stop = await Operator.RunAsync(plane.GrpcUrl, "stop", "web:shipper");
            stop.Out.ShouldMatch(@"^web:shipper on a: stopped\nweb:shipper on b: pending \(wanted and stored; host b has been silent for [0-9.]+ s, and will see to it\)\n$");
            stop.Code.ShouldBe(7);
        }
    }

    /// <summary>A host that runs what every member runs, and owns nothing.</summary>
    private static async Task<AgentDouble> MemberAsync(InProcessPlane plane, string host)
    {
        var pids = 100;
        ProgramStatus? status = null;
        var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, AgentDouble.HelloOf(host), async (agent, wanted) =>
        {
            var program = wanted.Programs.Single(p => p.RunOn == RunOn.All);
            var state = program.DesiredState == DesiredState.Stopped ? ProgramState.Stopped : ProgramState.Running;
            if (status?.State != state || status.RestartGeneration != program.RestartGeneration)
            {
                status = new()
                {
                    Group = program.Group,
                    Name = program.Name,
                    State = state,
                    Pid = state == ProgramState.Running ? ++pids : 0,
                    Since = TimeProvider.System.GetUtcNow().ToTimestamp(),
                    RestartGeneration = program.RestartGeneration,
                };
            }
            await agent.SendAsync(new() { ProgramReport = new() { Complete = true, Programs = { status } } });
        });
        agent.KeepBeating();
        return agent;
    }
}
