namespace HaGrpc.Lab.Tests;

/// <summary>The most dangerous of all pairs of faults; scripts/faults.sh strikes every one.</summary>
[Trait("Category", "Lab")]
public sealed class FaultTests(ITestOutputHelper output)
{
    /// <summary>Decides which of two comes first, and when the second one does.</summary>
    private const string Seed = "20";

    private static readonly string[] Pairs =
    [
        "stop:owner+cut:owner-plane",
        "mute:owner+kill:plane",
        "kill:owner+loss:backup",
        "link-cut:owner+clock+1h:backup",
        "pause:plane+deaf:owner",
        "cut:owner-plane+cut:peers",
    ];

    [Fact]
    public async Task Two_faults_at_once_double_no_owner_and_cost_what_they_must()
    {
        var run = await LabRun.Of("faults", "--only", string.Join(',', Pairs), "--profile", "fast", "--seed", Seed);
        output.WriteLine(run.Output);
        run.Broken.ShouldBeEmpty(run.Output);
        run.ExitCode.ShouldBe(0, run.Output);
        run.Runs.ShouldBe(Pairs.Length, run.Output);
    }
}
