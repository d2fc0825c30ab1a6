using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("300ms", 3_000_000, "300ms")]
    [InlineData("1.5s", 15_000_000, "1.5s")]
    [InlineData("90s", 900_000_000, "1m30s")]
    [InlineData("1h30m", 54_000_000_000, "1h30m")]
    [InlineData("1h1ms", 36_000_010_000, "1h0.001s")]
    [InlineData("250us", 2_500, "250us")]
    [InlineData("0s", 0, "0s")]
    public void A_duration_is_read_and_written(string text, long ticks, string canonical)
    {
        DurationText.TryParse(text, out var duration).ShouldBeTrue();
        duration.Ticks.ShouldBe(ticks);
        DurationText.Format(duration).ShouldBe(canonical);
        DurationText.TryParse(canonical, out var again).ShouldBeTrue();
        again.ShouldBe(duration);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("s")]
    [InlineData("-5s")]
    [InlineData("5 s")]
    [InlineData("5S")]
    [InlineData("1.5.s")]
    [InlineData("1s2s")]
    [InlineData("1s2m")]
    [InlineData("5days")]
    [InlineData("99999999999999999999h")]
    public void What_is_not_a_duration_is_refused(string text) => DurationText.TryParse(text, out _).ShouldBeFalse();
}
