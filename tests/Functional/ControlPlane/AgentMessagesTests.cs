using HaGrpc.ControlPlane.Agents;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What agents say is not believed to be fit to store.</summary>
public sealed class AgentMessagesTests
{
    [Theory]
    [InlineData("web:store is FATAL there: exit status 7", "web:store is FATAL there: exit status 7")]
    [InlineData("no\0thing\u001b[2J\r\nbut\ttrouble", "no\uFFFDthing\uFFFD[2J  but trouble")]
    public void Why_a_host_is_unfit_is_one_visible_line(string said, string kept) => Kept(said).ShouldBe(kept);

    [Fact]
    public void Why_a_host_is_unfit_is_bounded()
    {
        Kept(new('x', 500)).ShouldBe(new('x', 500));
        Kept(new('x', 501)).ShouldBe(new string('x', 499) + "…");
        // No half of a character.
        Kept(new string('x', 498) + string.Concat(Enumerable.Repeat("\U0001F525", 10))).ShouldBe(new string('x', 498) + "…");
    }

    [Theory]
    [InlineData(new[] { -20 }, -20)]
    [InlineData(new[] { 5, 30 }, 30)]
    [InlineData(new[] { 5000 }, 253)]
    [InlineData(new[] { int.MinValue }, -253)]
    [InlineData(new[] { 5, 0 }, 0)]
    public void A_weight_is_bounded_and_the_last_one_counts(int[] said, int kept)
    {
        var heartbeat = new Heartbeat { InstanceId = Guid.NewGuid().ToString() };
        heartbeat.Weights.Add(said.Select(w => new GroupWeight { Group = "web", Weight = w }));
        AgentMessages.ToCore(heartbeat)!.Weights.Sum(w => w.Weight).ShouldBe(kept);
        AgentMessages.ToCore(heartbeat)!.Weights.Length.ShouldBe(kept == 0 ? 0 : 1);
    }

    private static string Kept(string reason)
    {
        var heartbeat = new Heartbeat { InstanceId = Guid.NewGuid().ToString() };
        heartbeat.Unfit.Add(new UnfitGroup { Group = "web", Reason = reason });
        return AgentMessages.ToCore(heartbeat)!.Unfit.Single().Reason;
    }
}
