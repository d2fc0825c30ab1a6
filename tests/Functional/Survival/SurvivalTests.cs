using System.Globalization;

namespace HaGrpc.Functional.Tests.Survival;

/// <summary>What scripts/survival.sh runs for longer. HAGRPC_ROUNDS and HAGRPC_FIRST_SEED choose; the figures are in the test's output.</summary>
public sealed class SurvivalTests
{
    [Fact]
    public async Task Whatever_is_killed_comes_back_once_and_no_end_is_forgotten()
    {
        var seed = Number("HAGRPC_FIRST_SEED") ?? new Random().Next();
        var rounds = Number("HAGRPC_ROUNDS") ?? 100;
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"HAGRPC_FIRST_SEED={seed} HAGRPC_ROUNDS={rounds}"));
        using var run = new SurvivalRun(seed);
        output.WriteLine(await run.RunAsync(rounds));
    }

    private static int? Number(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : null;
}
