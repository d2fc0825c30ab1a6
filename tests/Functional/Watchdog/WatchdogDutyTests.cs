using System.Collections.Concurrent;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Uplink;
using HaGrpc.Agent.Watchdogs;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.Linux;

namespace HaGrpc.Functional.Tests.Watchdogs;

/// <summary>What is said of groups that the watchdog cannot guard. The test's thread is the loop's.</summary>
public sealed class WatchdogDutyTests : IDisposable
{
    private readonly CollectedLog<WatchdogDuty> _log = new();
    private readonly Outbox _outbox = new(Guid.NewGuid(), TimeProvider.System);
    private readonly BlockingCollection<Action> _loop = [];
    private readonly ConcurrentQueue<(string Group, string Reason)> _unfit = new();

    public void Dispose()
    {
        _outbox.Dispose();
        _loop.Dispose();
    }

    [Fact]
    public void A_host_is_unfit_for_a_group_that_a_required_watchdog_cannot_guard()
    {
        WatchdogDeviceTests.SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog();
        using var duty = Open(imitated, WatchdogMode.Required);
        duty.Configure([Group("calm", GroupTiming.Calm), Group("web", GroupTiming.Default), Group("fast", GroupTiming.Fast), Alone("solo")]);
        duty.Configure([Group("web", GroupTiming.Default), Group("fast", GroupTiming.Fast)]);
        var reason = $"{imitated.Path} takes 1 s to reset this host, and ttl + takeover_margin - 2 heartbeats is only 340ms; "
            + "timing default or calm, or a longer ttl, would be right";
        _unfit.ToArray().ShouldBe([("fast", reason)]);
        _log.Lines.ShouldBe(
            [$"Warning: When this host hangs as owner of fast, the watchdog may reset it later than another host takes over: {reason}"]);

        duty.Configure([Group("fast", GroupTiming.Default)]);
        _unfit.Last().ShouldBe(("fast", ""));
    }

    [Fact]
    public void A_watchdog_that_is_only_wanted_makes_nobody_unfit()
    {
        WatchdogDeviceTests.SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog();
        using var duty = Open(imitated, WatchdogMode.Auto);
        duty.Configure([Group("fast", GroupTiming.Fast)]);
        _unfit.ShouldBeEmpty();
        _log.Lines.Single().ShouldStartWith("Warning: When this host hangs as owner of fast");
    }

    [Fact]
    public void A_driver_that_makes_its_timeout_too_long_is_found_out_when_it_is_armed()
    {
        WatchdogDeviceTests.SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog { Shortest = 4 };
        using var duty = Open(imitated, WatchdogMode.Required);
        duty.Configure([Group("web", GroupTiming.Default)]);
        duty.Start();
        duty.Held(Renewal("web"));
        RunUntil(() => !_unfit.IsEmpty);
        _unfit.Single().Reason.ShouldStartWith($"{imitated.Path} takes 4 s to reset this host, and ttl + takeover_margin - 2 heartbeats is only 1.1s");
        _log.Lines.ShouldContain($"Warning: The driver of {imitated.Path} was asked for a timeout of 1 s and made it 4 s");
    }

    [Fact]
    public async Task A_device_that_fails_makes_unfit_until_it_works_again()
    {
        WatchdogDeviceTests.SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog();
        using var duty = Open(imitated, WatchdogMode.Required);
        duty.Configure([Group("web", GroupTiming.Default)]);
        duty.Start();
        imitated.IsBroken = true;
        duty.Held(Renewal("web"));
        RunUntil(() => !_unfit.IsEmpty);
        _unfit.Single().ShouldBe(("web", $"there is no watchdog: {imitated.Path}: petting it failed: Input/output error"));
        await imitated.UntilCalled("closed ticking");

        imitated.IsBroken = false;
        duty.Held(Renewal("web"));
        RunUntil(() => _unfit.Count == 2);
        _unfit.Last().ShouldBe(("web", ""));
        await imitated.Until("it is petted again", () => imitated.Pets > 0);
    }

    [Fact]
    public async Task A_device_that_failed_is_stopped_all_the_same_when_nothing_acts_any_more()
    {
        WatchdogDeviceTests.SkipWithoutFuse();
        using var imitated = new ImitatedWatchdog();
        using var duty = Open(imitated, WatchdogMode.Auto);
        duty.Configure([Group("web", GroupTiming.Default)]);
        duty.Start();
        imitated.IsBroken = true;
        duty.Held(Renewal("web"));
        await imitated.UntilCalled("closed ticking");
        imitated.IsBroken = false;
        RunUntil(() => _log.Lines.Any(line => line.Contains("petting it failed", StringComparison.Ordinal)) && _loop.Count == 0);
        duty.Look(_ => OwnerRole.Standby);
        await imitated.UntilCalled("closed");
        imitated.IsTicking.ShouldBeFalse();
    }

    private static Group Group(string name, GroupTiming timing) => new(
        name, [new Member("a", 2), new Member("b", 1)], [], [], timing, new Failback(FailbackMode.Manual, TimeSpan.Zero));

    private static Group Alone(string name) => Group(name, GroupTiming.Fast) with { Members = [new Member("a", 1)] };

    private static WriteDeadline Renewal(string group) => new(
        group, 1, new BootInstant(BootClock.Nanoseconds) + TimeSpan.FromMinutes(1), new View(1, ["a", "b"], GroupTiming.Default.Ttl));

    private WatchdogDuty Open(ImitatedWatchdog imitated, WatchdogMode mode)
    {
        var duty = WatchdogDuty.Open(new(mode, imitated.Path), _outbox, () => new BootInstant(BootClock.Nanoseconds), _log)!;
        duty.Enqueue = _loop.Add;
        duty.Unfit = (group, reason) => _unfit.Enqueue((group, reason));
        return duty;
    }

    private void RunUntil(Func<bool> condition)
    {
        while (!condition())
        {
            if (!_loop.TryTake(out var work, TimeSpan.FromSeconds(60)))
                throw new TimeoutException("nothing came to the loop");
            work();
        }
    }
}
