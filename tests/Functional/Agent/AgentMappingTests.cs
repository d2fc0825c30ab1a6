using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Functional.Tests.Agent;

public sealed class AgentMappingTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 3, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(ProgramState.Stopped, false, false, "it was never started, and hactl says so")]
    [InlineData(ProgramState.Stopped, true, true, "it was stopped then")]
    [InlineData(ProgramState.Fatal, false, true, "it could not be started then")]
    public void A_program_that_was_never_started_has_no_time(ProgramState state, bool hasRun, bool isDated, string why)
    {
        var program = new ObservedProgram(new ProgramName("web", "http"), state, 0, Now, 0, "", 0) { HasRun = hasRun };
        (AgentMapping.ToProto(program).Since is not null).ShouldBe(isDated, why);
    }
}
