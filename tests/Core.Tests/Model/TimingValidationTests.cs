using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class TimingValidationTests
{
    [Fact]
    public void Every_profile_is_possible()
    {
        Sample.Errors(Sample.Group with { Timing = GroupTiming.Default }).ShouldBeEmpty();
        Sample.Errors(Sample.Group with { Timing = GroupTiming.Fast }).ShouldBeEmpty();
        Sample.Errors(Sample.Group with { Timing = GroupTiming.Calm }).ShouldBeEmpty();
    }

    [Fact]
    public void The_bounds_themselves_are_possible()
    {
        Sample.Errors(Sample.Group with { Timing = Milliseconds(200, 50, 22) }).ShouldBeEmpty();
        Sample.Errors(Sample.Group with { Timing = Milliseconds(60000, 15000, 620) }).ShouldBeEmpty();
        Sample.Errors(Sample.Group with { Timing = Milliseconds(2000, 20, 60000) }).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(199, 49, 100, "ttl: 199ms: must be 200ms to 1m")]
    [InlineData(60001, 100, 1000, "ttl: 1m0.001s: must be 200ms to 1m")]
    [InlineData(0, 0, 0, "ttl: 0s: must be 200ms to 1m")]
    [InlineData(1500, 376, 200, "heartbeat: 376ms: must be at most a quarter of the ttl, 375ms for 1.5s, so that two rounds fit into the second half of a lease")]
    [InlineData(400, 19, 100, "heartbeat: 19ms: must be at least 20ms")]
    [InlineData(1500, 300, 34, "takeover_margin: 34ms: must be at least 1 % of the ttl + 20ms, 35ms for 1.5s: clock drift, killing a process tree and a late write must fit")]
    [InlineData(1500, 300, 60001, "takeover_margin: 1m0.001s: must be at most 1m")]
    public void An_impossible_time_is_refused_with_its_numbers(int ttl, int heartbeat, int margin, string error) => Sample
        .Errors(Sample.Group with { Timing = Milliseconds(ttl, heartbeat, margin) })
        .ShouldBe([$"groups[0].timing.{error}"]);

    [Fact]
    public void Every_impossible_time_is_told_at_once() => Sample
        .Errors(Sample.Group with { Timing = Milliseconds(100, 100, 1) }).Length.ShouldBe(3);

    private static GroupTiming Milliseconds(int ttl, int heartbeat, int margin) =>
        new(TimeSpan.FromMilliseconds(ttl), TimeSpan.FromMilliseconds(heartbeat), TimeSpan.FromMilliseconds(margin));
}
