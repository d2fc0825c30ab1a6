using HaGrpc.Core.Absence;

namespace HaGrpc.Core.Tests.Absence;

public sealed class FormerAgentTests
{
    [Theory]
    [InlineData(true, true, "the agent started again; the one before it had ended as it was asked to")]
    [InlineData(true, false, "the agent started again; the one before it had ended unasked: it was killed, or crashed")]
    [InlineData(false, true, "the agent started after a boot; the one before it had ended as it was asked to")]
    public void A_start_says_what_came_before_it(bool sameBoot, bool ended, string told) =>
        FormerAgent.TellStart(new(sameBoot, ended)).ShouldBe(told);

    [Fact]
    public void A_machine_that_went_down_with_its_agent_running_is_no_planned_boot() =>
        FormerAgent.TellStart(new(SameBoot: false, Ended: false)).ShouldContain("reset, loss of power, panic");

    [Fact]
    public void Without_a_trace_nothing_is_made_up() =>
        FormerAgent.TellStart(null).ShouldBe("the agent started, the first one on this host");
}
