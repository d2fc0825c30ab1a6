using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

public sealed class SeededRuns
{
    private static int Seeds => int.TryParse(Environment.GetEnvironmentVariable("HAGRPC_SEEDS"), out var n) ? n : 1000;

    private const ulong Limit = 3000;

    private static ulong First =>
        ulong.TryParse(Environment.GetEnvironmentVariable("HAGRPC_FIRST_SEED"), out var n) ? n : 1;

    /// <summary>Safety under faults, then liveness with a healthy core: the real decisions of both sides.</summary>
    [Fact]
    public void Every_seed_keeps_the_promises()
    {
        var claims = 0L;
        Parallel.For(0, Seeds, i =>
        {
            var made = new Scenario(First + (ulong)i).Run();
            Interlocked.Add(ref claims, made);
        });
        // A simulation in which nothing happens would prove nothing.
        claims.ShouldBeGreaterThan(Seeds * 3L);
    }

    /// <summary>The same seed gives the same transcript, or a failure could not be replayed.</summary>
    [Fact]
    public void A_seed_replays_to_the_same_transcript()
    {
        var first = new Scenario(42);
        var second = new Scenario(42);
        first.Run();
        second.Run();
        first.Transcript.ShouldBe(second.Transcript);
    }

    /// <summary>The simulator can fail: without the rule, some seed breaks a promise.</summary>
    [Theory]
    [InlineData(Rule.L1SentAt)]
    [InlineData(Rule.W4Generation)]
    [InlineData(Rule.C1LeaderWaits)]
    [InlineData(Rule.C3Margin)]
    [InlineData(Rule.C6StopRenewals)]
    [InlineData(Rule.C2Lock)]
    public void Without_the_rule_a_seed_fails(Rule removed)
    {
        for (var seed = 1UL; seed <= Limit; seed++)
        {
            try
            {
                new Scenario(seed, removed).Run();
            }
            catch (InvariantBroken broken)
            {
                broken.Message.ShouldContain($"seed {seed}");
                TestContext.Current.TestOutputHelper?.WriteLine(broken.Message.Split('\n')[0]);
                return;
            }
        }
        Assert.Fail($"no seed fails without {removed}: the simulator does not reach what the rule is there for");
    }
}
