using HaGrpc.Core.Model;
using HaGrpc.Core.Watchdogs;

namespace HaGrpc.Core.Tests.Watchdogs;

/// <summary>When the watchdog is armed, petted and stopped. Instants are milliseconds.</summary>
public sealed class WatchdogTests
{
    private static readonly GroupTiming Default = GroupTiming.Default, Calm = GroupTiming.Calm, Fast = GroupTiming.Fast;

    private readonly Watchdog _watchdog = new();
    private readonly List<WatchdogEffect> _effects = [];

    [Fact]
    public void The_first_lease_arms_it_and_each_renewal_pets_it()
    {
        Handle(5010, Lease("web", 5000)).ShouldBe([new ArmWatchdog(1)]);
        Handle(5020, new WatchdogArmed(1, 1)).ShouldBeEmpty();
        Handle(5310, Lease("web", 5300)).ShouldBe([new PetWatchdog(At(6000))], "end 6800, margin 200, timeout 1000");
        Handle(5610, Lease("web", 5600)).ShouldBe([new PetWatchdog(At(6300))]);
    }

    [Fact]
    public void What_renews_nothing_pets_nothing()
    {
        Handle(5010, Lease("web", 5000));
        Handle(5110, new InstantReached()).ShouldBeEmpty();
        Handle(5120, Lease("web", 5000)).ShouldBeEmpty("an answer that brings no later end");
        Handle(5130, new WatchdogArmed(1, 1)).ShouldBeEmpty();
        Handle(5140, new LeaseUndone("mail")).ShouldBeEmpty();
    }

    /// <summary>An agent that is cut off, but lives, has until the end of the margin to end its epoch: the last pet comes close to the
    /// last instant at which one is allowed, and none comes after it.</summary>
    [Fact]
    public void Without_renewals_the_last_pet_lets_a_reset_come_just_before_another_host_may_act()
    {
        Handle(5010, Lease("web", 5000));
        var pets = PetsUntil(10_000);
        pets.ShouldAllBe(at => at + TimeSpan.FromSeconds(1) <= At(6700));
        (At(5700) - pets[^1]).ShouldBeLessThan(TimeSpan.FromMilliseconds(11));
        Handle(6500, new InstantReached()).ShouldBeEmpty("the lease has lapsed and its end is not done");
        _watchdog.IsArmed.ShouldBeTrue();
    }

    [Fact]
    public void A_renewal_that_comes_too_late_for_a_whole_timeout_pets_nothing()
    {
        Handle(5010, Lease("web", 5000));
        Handle(6050, Lease("web", 5300)).ShouldBeEmpty("one timeout from here ends at 7050, another host may act at 7000");
        Handle(6060, Lease("web", 5400)).ShouldBe([new PetWatchdog(At(6100))]);
    }

    [Fact]
    public void A_late_wake_pets_nothing_and_is_not_asked_for_again()
    {
        Handle(5010, Lease("web", 5000));
        _watchdog.NextWake.ShouldBeGreaterThan(At(5010));
        Handle(5701, new InstantReached()).ShouldBeEmpty();
        _watchdog.NextWake.ShouldBe(BootInstant.Never);
        Handle(5710, Lease("web", 5600)).ShouldBe([new PetWatchdog(At(6300))], "the next renewal pets again");
    }

    [Fact]
    public void The_earliest_of_several_leases_counts()
    {
        Handle(5010, Lease("web", 5000));
        Handle(5020, Lease("mail", 5000)).ShouldBeEmpty("the same end: nothing new");
        Handle(5310, Lease("web", 5300)).ShouldBeEmpty("mail is not renewed");
        Handle(5320, Lease("mail", 5300)).ShouldBe([new PetWatchdog(At(6000))]);
        Handle(5610, Lease("web", 5600)).ShouldBeEmpty();
        PetsUntil(10_000).ShouldAllBe(at => at <= At(6000), "mail is not renewed any more");
        Handle(6900, Lease("web", 6800)).ShouldBeEmpty("mail is over and its end is not done");
        Handle(6910, new LeaseUndone("mail")).ShouldBe([new PetWatchdog(At(7500))]);
    }

    [Fact]
    public void It_is_stopped_when_nothing_acts_any_more()
    {
        Handle(5010, Lease("web", 5000));
        Handle(5020, Lease("mail", 5000));
        Handle(6600, new LeaseUndone("web")).ShouldBeEmpty("mail's end is not done");
        Handle(6610, new LeaseUndone("mail")).ShouldBe([new DisarmWatchdog()]);
        (_watchdog.IsArmed, _watchdog.NextWake).ShouldBe((false, BootInstant.Never));
        Handle(6700, new InstantReached()).ShouldBeEmpty();
        Handle(9010, Lease("web", 9000)).ShouldBe([new ArmWatchdog(1)]);
    }

    /// <summary>L6: a group with one member has no lease, and needs no watchdog.</summary>
    [Fact]
    public void A_lease_without_end_asks_for_nothing()
    {
        Handle(5000, new LeaseHeld("web", BootInstant.Never, TimeSpan.MaxValue, Default)).ShouldBeEmpty();
        Handle(5010, Lease("mail", 5000)).ShouldBe([new ArmWatchdog(1)]);
        Handle(5100, new LeaseUndone("mail")).ShouldBe([new DisarmWatchdog()]);
    }

    [Fact]
    public void The_shortest_timeout_of_all_groups_is_in_force()
    {
        Handle(5010, Lease("slow", 5000, Calm)).ShouldBe([new ArmWatchdog(3)]);
        Handle(5110, Lease("web", 5100)).ShouldBe([new ArmWatchdog(1)]);
        Handle(5400, Lease("web", 5390));
        Handle(5500, Lease("slow", 5490, Calm)).ShouldBeEmpty("web's lease counts");
        Handle(6100, new LeaseUndone("web")).ShouldBe([new ArmWatchdog(3)]);
    }

    /// <summary>Setting a timeout pets: a longer one must not reach beyond a lease that it was too long for.</summary>
    [Fact]
    public void A_longer_timeout_waits_until_it_is_allowed()
    {
        Handle(5010, Lease("slow", 5000, Calm));
        Handle(5020, Lease("web", 5000));
        Handle(8100, new LeaseUndone("web")).ShouldBe([new PetWatchdog(At(9500))], "3 s from here are longer than what slow's lease allows, 10.5 s");
        Handle(8200, Lease("slow", 8100, Calm)).ShouldBe([new ArmWatchdog(3)]);
    }

    /// <summary>L4, V2: when a member comes back the next lease is short, and what was petted under the long one must not reach beyond it.</summary>
    [Fact]
    public void A_shorter_view_shortens_the_timeout_at_once()
    {
        Handle(5010, new LeaseHeld("web", At(605_000), Default.SoloTtl, Default)).ShouldBe([new ArmWatchdog(60)]);
        Handle(5310, Lease("web", 5300)).ShouldBe([new ArmWatchdog(1)]);
        PetsUntil(20_000).ShouldAllBe(at => at <= At(6000));
    }

    [Fact]
    public void A_long_lease_is_petted_in_time_without_renewals()
    {
        Handle(5010, new LeaseHeld("web", At(605_000), Default.SoloTtl, Default));
        var pets = PetsUntil(1_000_000);
        pets.Prepend(At(5010)).Zip(pets).ShouldAllBe(pair => pair.Second - pair.First < TimeSpan.FromSeconds(60));
        pets[^1].ShouldBeGreaterThan(At(605_200 - 60_000 - 11));
        pets.ShouldAllBe(at => at <= At(605_200 - 60_000));
    }

    /// <summary>A timeout that is longer than a lease: not in time, but no healthy host is reset.</summary>
    [Fact]
    public void A_lease_that_is_too_short_is_petted_for_two_heartbeats()
    {
        Handle(5010, Lease("web", 5000, Fast)).ShouldBe([new ArmWatchdog(1)]);
        Handle(5240, Lease("web", 5080, Fast)).ShouldBe([new PetWatchdog(At(5240))]);
        Handle(5330, Lease("web", 5160, Fast)).ShouldBeEmpty();
    }

    [Fact]
    public void What_the_driver_made_of_the_timeout_counts()
    {
        Handle(5010, Lease("slow", 5000, Calm));
        Handle(5020, new WatchdogArmed(3, 4)).ShouldBeEmpty();
        Handle(5030, new WatchdogArmed(1, 1)).ShouldBeEmpty("an answer to an order that is none any more");
        Handle(6010, Lease("slow", 6000, Calm)).ShouldBe([new PetWatchdog(At(7500 + 500))], "end 11 s, margin 0.5 s, 0.5 s that 4 s are too long");
        PetsUntil(20_000).ShouldAllBe(at => at <= At(8000));
    }

    [Fact]
    public void A_device_that_failed_is_tried_again_with_the_next_renewal_and_not_before()
    {
        Handle(5010, Lease("web", 5000));
        Handle(5011, new WatchdogFailed()).ShouldBeEmpty();
        _watchdog.NextWake.ShouldBe(BootInstant.Never);
        Handle(5100, new InstantReached()).ShouldBeEmpty();
        Handle(5310, Lease("web", 5300)).ShouldBe([new ArmWatchdog(1)]);
        Handle(5311, new WatchdogFailed());
        Handle(7000, new LeaseUndone("web")).ShouldBe([new DisarmWatchdog()], "a device that failed may tick all the same");
        Handle(7010, new LeaseUndone("web")).ShouldBeEmpty();
    }

    [Fact]
    public void A_driver_that_cannot_be_stopped_is_petted_with_its_longest_timeout()
    {
        Handle(5010, Lease("web", 5000));
        Handle(6600, new LeaseUndone("web")).ShouldBe([new DisarmWatchdog()]);
        Handle(6601, new WatchdogNotStopped()).ShouldBe([new ArmWatchdog(60)]);
        var pets = PetsUntil(1_000_000);
        pets.Prepend(At(6601)).Zip(pets).ShouldAllBe(pair => pair.Second - pair.First <= TimeSpan.FromSeconds(30));
        pets[^1].ShouldBeGreaterThan(At(960_000));
        Handle(1_000_010, Lease("web", 1_000_000)).ShouldBe([new ArmWatchdog(1)]);
        Handle(1_000_100, new LeaseUndone("web")).ShouldBe([new ArmWatchdog(60)], "not asked to stop again");
    }

    /// <summary>S1: the device ticks since the new agent has opened it, or since its predecessor has.</summary>
    [Fact]
    public void What_a_predecessor_left_ticking_is_stopped_unless_a_lease_was_resumed()
    {
        Handle(5000, new WatchdogFound(60)).ShouldBe([new DisarmWatchdog()]);

        var successor = new Watchdog();
        var effects = new List<WatchdogEffect>();
        successor.Handle(Lease("web", 4000), At(5000), effects);
        effects.ShouldBe([new ArmWatchdog(1)]);
        effects.Clear();
        successor.Handle(new WatchdogFound(60), At(5010), effects);
        effects.ShouldBeEmpty();
    }

    /// <summary>Whatever comes in whatever order: no pet is sent from which one timeout reaches beyond any lease and what follows it.</summary>
    [Fact]
    public void No_pet_reaches_too_far_whatever_happens()
    {
        var random = new Random(24);
        GroupTiming[] timings = [Default, Calm, Fast];
        for (var run = 0; run < 300; run++)
        {
            var watchdog = new Watchdog();
            var held = new Dictionary<string, LeaseHeld>();
            var (seconds, asked, now) = (0, 0, 1_000L);
            for (var step = 0; step < 200; step++)
            {
                now = random.Next(2) == 0 && watchdog.NextWake != BootInstant.Never
                    ? Math.Max(now, (watchdog.NextWake.Nanoseconds / 1_000_000) + 1)
                    : now + random.Next(400);
                var group = "g" + random.Next(3);
                WatchdogEvent e = random.Next(10) switch
                {
                    < 5 => Lease(group, now - random.Next(600), timings[group[1] - '0']),
                    5 => new LeaseUndone(group),
                    6 => new WatchdogArmed(asked, asked + random.Next(2)),
                    7 when random.Next(5) == 0 => new WatchdogFailed(),
                    8 when random.Next(5) == 0 => new WatchdogNotStopped(),
                    _ => new InstantReached(),
                };
                if (e is LeaseHeld lease)
                    held[group] = lease;
                else if (e is LeaseUndone)
                    held.Remove(group);
                else if (e is WatchdogArmed armed)
                    seconds = armed.Seconds;
                var effects = new List<WatchdogEffect>();
                watchdog.Handle(e, At(now), effects);
                foreach (var effect in effects)
                {
                    if (effect is ArmWatchdog arm)
                        seconds = asked = arm.Seconds;
                    else if (effect is PetWatchdog pet)
                    {
                        pet.NotAfter.ShouldBeGreaterThanOrEqualTo(At(now));
                        foreach (var (_, counted) in held)
                        {
                            var latest = counted.Until + WatchdogTimeout.AfterEnd(seconds, counted.Length, counted.Timing);
                            (pet.NotAfter + TimeSpan.FromSeconds(seconds)).ShouldBeLessThanOrEqualTo(latest);
                        }
                    }
                }
                if (held.Count > 0)
                    effects.ShouldNotContain(new DisarmWatchdog());
            }
        }
    }

    [Fact]
    public void An_unknown_event_is_refused() =>
        Should.Throw<ArgumentException>(() => Handle(1, new Unknown())).Message.ShouldStartWith("unknown event");

    private static BootInstant At(long milliseconds) => new(milliseconds * 1_000_000);

    /// <summary>A lease that was granted for the heartbeat sent at an instant.</summary>
    private static LeaseHeld Lease(string group, long sentAt, GroupTiming? timing = null)
    {
        var times = timing ?? Default;
        return new(group, At(sentAt) + times.Ttl, times.Ttl, times);
    }

    private List<WatchdogEffect> Handle(long at, WatchdogEvent e)
    {
        _effects.Clear();
        _watchdog.Handle(e, At(at), _effects);
        return _effects;
    }

    /// <summary>Lets time pass, as the loop does, and returns when it was petted.</summary>
    private List<BootInstant> PetsUntil(long end)
    {
        var pets = new List<BootInstant>();
        while (_watchdog.NextWake is var at && at < At(end))
        {
            _effects.Clear();
            _watchdog.Handle(new InstantReached(), at, _effects);
            if (_effects.OfType<PetWatchdog>().Any())
                pets.Add(at);
        }
        return pets;
    }

    private sealed record Unknown : WatchdogEvent;
}
