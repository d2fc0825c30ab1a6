using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What is shown of programs once they are ours.</summary>
public sealed class HandedOverTests
{
    [Fact]
    public async Task What_was_observed_before_is_no_state_of_what_is_run_now()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups[0].Mode = SupervisionMode.Observe;
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        await using var a = await AttachAsync(plane, "a", []);
        await using var b = await AttachAsync(plane, "b", [Seen("http", 100), Seen("db", 101)]);
        await b.SendAsync(new()
        {
            ProgramReport = new() { Complete = true, Programs = { new ProgramStatus { Group = "web", Name = "db", State = ProgramState.Observed, Pid = 101 } } },
        });
        // Answered behind the report, on the same stream.
        await a.BeatAsync();
        await b.BeatAsync();
        (await Operator.RunAsync(plane.GrpcUrl, "status", "web:db")).Out.ShouldContain("OBSERVED  pid 101, host b");

        var adopted = Operator.RunAsync(plane.GrpcUrl, "adopt", "web", "--reason", "the move");
        await b.OwnAsync("web");
        (await Operator.RunAsync(plane.GrpcUrl, "status", "web:db")).Out.ShouldNotContain("OBSERVED");
        (await adopted).Code.ShouldBe(0);
    }

    private static ObservedProcesses Seen(string program, int pid) => new()
    {
        Program = $"web:{program}",
        IsObserved = true,
        Processes = { new ObservedProcess { Pid = pid, StartTime = 7, Command = "/bin/true" } },
    };

    private static async Task<AgentDouble> AttachAsync(InProcessPlane plane, string host, ObservedProcesses[] seen)
    {
        var hello = AgentDouble.HelloOf(host);
        hello.Observes = true;
        var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, hello, null);
        agent.OnObservation = asked => new() { Id = asked.Id, BootId = hello.BootId, Programs = { seen } };
        return agent;
    }
}
