using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

/// <summary>When a failback may begin by the wall clock.</summary>
public sealed class FailbackWindowTests
{
    // The rules of central Europe, written down here: the test does not depend on what is installed.
    private static readonly TimeZoneInfo Central = TimeZoneInfo.CreateCustomTimeZone(
        "Central", TimeSpan.FromHours(1), "Central", "Central", "Summer",
        [
            TimeZoneInfo.AdjustmentRule.CreateAdjustmentRule(
                DateTime.MinValue.Date,
                DateTime.MaxValue.Date,
                TimeSpan.FromHours(1),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 2, 0, 0), 3, 5, DayOfWeek.Sunday),
                TimeZoneInfo.TransitionTime.CreateFloatingDateRule(new DateTime(1, 1, 1, 3, 0, 0), 10, 5, DayOfWeek.Sunday)),
        ]);

    /// <summary>2026-03-29: 02:00 to 03:00 is skipped; 2026-10-25: 02:00 to 03:00 comes twice.</summary>
    [Theory]
    [InlineData("02:00", "04:00", "2026-01-07T01:59:59Z", false, "2026-01-07T02:00Z")]
    [InlineData("02:00", "04:00", "2026-01-07T02:00Z", true, "2026-01-07T04:00Z")]
    [InlineData("02:00", "04:00", "2026-01-07T03:59:59Z", true, "2026-01-07T04:00Z")]
    [InlineData("02:00", "04:00", "2026-01-07T04:00Z", false, "2026-01-08T02:00Z")]
    [InlineData("22:00", "02:00", "2026-01-07T01:00Z", true, "2026-01-07T02:00Z")]
    [InlineData("22:00", "02:00", "2026-01-07T02:00Z", false, "2026-01-07T22:00Z")]
    [InlineData("22:00", "02:00", "2026-01-07T23:00Z", true, "2026-01-08T02:00Z")]
    [InlineData("22:00", "00:00", "2026-01-07T23:59Z", true, "2026-01-08T00:00Z")]
    [InlineData("22:00", "00:00", "2026-01-08T00:00Z", false, "2026-01-08T22:00Z")]
    public void In_UTC(string from, string to, string now, bool isOpen, string until) =>
        Window(from, to).At(Utc(now), TimeZoneInfo.Utc).ShouldBe(new WindowState(isOpen, Utc(until)));

    [Theory]
    [InlineData("02:00", "04:00", "2026-01-07T01:00Z", true, "2026-01-07T03:00Z")] // Winter: an hour before UTC.
    [InlineData("02:00", "04:00", "2026-07-07T01:00Z", true, "2026-07-07T02:00Z")] // Summer: two.
    [InlineData("02:30", "04:00", "2026-03-29T00:30Z", false, "2026-03-29T01:00Z")] // 02:30 is skipped: it opens at 03:00.
    [InlineData("02:30", "04:00", "2026-03-29T01:00Z", true, "2026-03-29T02:00Z")]
    [InlineData("02:00", "02:45", "2026-03-29T00:59Z", false, "2026-03-30T00:00Z")] // All of it is skipped.
    [InlineData("02:00", "02:45", "2026-10-25T00:10Z", true, "2026-10-25T00:45Z")] // The first of two.
    [InlineData("02:00", "02:45", "2026-10-25T01:10Z", false, "2026-10-26T01:00Z")]
    [InlineData("22:00", "04:00", "2026-10-25T00:10Z", true, "2026-10-25T03:00Z")] // An hour longer than others.
    public void Where_clocks_are_changed(string from, string to, string now, bool isOpen, string until)
    {
        var state = Window(from, to).At(Utc(now), Central);
        (state.IsOpen, state.Until.ToUniversalTime()).ShouldBe((isOpen, Utc(until)));
    }

    /// <summary>2026-01-10 is a Saturday. A window belongs to the day on which it opens.</summary>
    [Theory]
    [InlineData("2026-01-09T23:00Z", false, "2026-01-10T22:00Z")]
    [InlineData("2026-01-10T23:00Z", true, "2026-01-11T02:00Z")]
    [InlineData("2026-01-12T01:00Z", true, "2026-01-12T02:00Z")]
    [InlineData("2026-01-12T23:00Z", false, "2026-01-17T22:00Z")]
    public void On_some_days(string now, bool isOpen, string until) =>
        (Window("22:00", "02:00") with { Days = WeekDays.Saturday | WeekDays.Sunday })
            .At(Utc(now), TimeZoneInfo.Utc).ShouldBe(new WindowState(isOpen, Utc(until)));

    /// <summary>The only day of the week on which it opens is one on which its time is skipped.</summary>
    [Fact]
    public void A_week_may_have_none() =>
        (Window("02:00", "02:45") with { Days = WeekDays.Sunday }).At(Utc("2026-03-25T12:00Z"), Central).Until.ShouldBe(Utc("2026-04-05T00:00Z"));

    [Fact]
    public void It_is_written_as_in_a_manifest()
    {
        Window("02:00", "04:30").ToString().ShouldBe("02:00-04:30 in UTC");
        new FailbackWindow(120, 240, "Asia/Shanghai", WeekDays.Saturday | WeekDays.Sunday).ToString()
            .ShouldBe("02:00-04:00 on Saturday, Sunday in Asia/Shanghai");
    }

    private static FailbackWindow Window(string from, string to) => new(Minute(from), Minute(to));

    private static int Minute(string time) => (int)TimeSpan.Parse(time, CultureInfo.InvariantCulture).TotalMinutes;

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);
}
