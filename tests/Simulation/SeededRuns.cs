using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

public sealed class SeededRuns
{
    private static int Seeds => int.TryParse(Environment.GetEnvironmentVariable("HAGRPC_SEEDS"), out var n) ? n : 10_000;

    private static ulong First =>
        ulong.TryParse(Environment.GetEnvironmentVariable("HAGRPC_FIRST_SEED"), out var n) ? n : 1;

    private static Rule Removed =>
        Enum.TryParse<Rule>(Environment.GetEnvironmentVariable("HAGRPC_WITHOUT"), out var rule) ? rule : Rule.None;

    /// <summary>Safety under faults, then liveness with a healthy core: the real decisions of both sides.</summary>
    [Fact]
    public void Every_seed_keeps_the_promises()
    {
        var claims = 0L;
        Parallel.For(0, Seeds, i => Interlocked.Add(ref claims, Scenario.Run(First + (ulong)i, Removed)));
        // A simulation in which nothing happens would prove nothing.
        claims.ShouldBeGreaterThan(Seeds * 3L);
    }

    /// <summary>
    /// The same seed gives the same transcript, or a failure could not be replayed. HAGRPC_REPLAY names the seed,
    /// HAGRPC_WITHOUT a rule to remove, HAGRPC_TRANSCRIPT a file for the whole story with every message.
    /// </summary>
    [Fact]
    public void A_seed_replays_to_the_same_transcript()
    {
        var seed = ulong.TryParse(Environment.GetEnvironmentVariable("HAGRPC_REPLAY"), out var n) ? n : 42;
        var story = Scenario.Tell(seed, Removed, whole: true);
        if (Environment.GetEnvironmentVariable("HAGRPC_TRANSCRIPT") is { Length: > 0 } file)
            File.WriteAllText(file, story);
        story.ShouldBe(Scenario.Tell(seed, Removed, whole: true));
        // Whoever replays a seed to see whether it holds must not have to read the story for that.
        story.Split('\n')[0].ShouldContain("every promise is kept");
    }

    /// <summary>Writing the transcript changes nothing: what is told is what happened.</summary>
    [Fact]
    public void A_run_that_tells_takes_the_same_course()
    {
        var told = new Scenario(43, Rule.None, tells: true);
        told.Run().ShouldBe(new Scenario(43).Run());
        told.Lines.ShouldNotBeEmpty();
    }
}
