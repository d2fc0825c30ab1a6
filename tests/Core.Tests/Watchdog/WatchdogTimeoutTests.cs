using HaGrpc.Core.Model;
using HaGrpc.Core.Watchdogs;

namespace HaGrpc.Core.Tests.Watchdogs;

/// <summary>What timeout a group's times ask for, and whether it is short enough.</summary>
public sealed class WatchdogTimeoutTests
{
    [Fact]
    public void The_profiles_have_their_timeouts()
    {
        (Seconds(GroupTiming.Default), IsInTime(GroupTiming.Default)).ShouldBe((1, true));
        (Seconds(GroupTiming.Calm), IsInTime(GroupTiming.Calm)).ShouldBe((3, true));
        (Seconds(GroupTiming.Fast), IsInTime(GroupTiming.Fast)).ShouldBe((1, false), "no driver counts less than a second");
    }

    [Theory]
    [InlineData(1200, 200, 200, 1, true)]
    [InlineData(1199, 200, 200, 1, false)]
    [InlineData(60_000, 15_000, 60_000, 60, true)]
    [InlineData(200, 50, 2000, 2, true)]
    public void A_timeout_leaves_an_answer_two_heartbeats_of_time(int ttl, int heartbeat, int margin, int seconds, bool inTime)
    {
        var timing = new GroupTiming(Milliseconds(ttl), Milliseconds(heartbeat), Milliseconds(margin));
        (Seconds(timing), IsInTime(timing)).ShouldBe((seconds, inTime));
    }

    /// <summary>A reset is due by the end of the margin; where that cannot be, a lease can still be petted for two heartbeats.</summary>
    [Fact]
    public void A_timeout_that_is_too_long_comes_as_late_as_it_must()
    {
        WatchdogTimeout.AfterEnd(1, GroupTiming.Default.Ttl, GroupTiming.Default).ShouldBe(GroupTiming.Default.TakeoverMargin);
        var late = WatchdogTimeout.AfterEnd(1, GroupTiming.Fast.Ttl, GroupTiming.Fast);
        (GroupTiming.Fast.Ttl + late - TimeSpan.FromSeconds(1)).ShouldBe(GroupTiming.Fast.Heartbeat * 2);
        WatchdogTimeout.AfterEnd(10, GroupTiming.Default.Ttl, GroupTiming.Default).ShouldBeGreaterThan(TimeSpan.FromSeconds(8));
    }

    /// <summary>L6: while there is nobody who could take over a lease is long, and so may the timeout be.</summary>
    [Fact]
    public void A_lease_without_others_has_the_longest_timeout()
    {
        WatchdogTimeout.SecondsFor(GroupTiming.Default.SoloTtl, GroupTiming.Default).ShouldBe(WatchdogTimeout.LongestSeconds);
        WatchdogTimeout.SecondsFor(TimeSpan.MaxValue, GroupTiming.Default).ShouldBe(WatchdogTimeout.LongestSeconds);
    }

    private static int Seconds(GroupTiming timing) => WatchdogTimeout.SecondsFor(timing.Ttl, timing);

    private static bool IsInTime(GroupTiming timing) => WatchdogTimeout.IsInTime(Seconds(timing), timing.Ttl, timing);

    private static TimeSpan Milliseconds(int count) => TimeSpan.FromMilliseconds(count);
}
