using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule C10: a host that is confirmed to be off owns nothing any more.</summary>
public sealed class FencingTests
{
    private const string Device = "fence_x (off)";
    private readonly EngineBench _bench = new();

    [Fact]
    public void What_it_owned_is_taken_at_once_without_lease_and_seals()
    {
        _bench.OwnedByA();
        _bench.Handle(3_000, new FenceBegun("a", Device, "it hangs", "eve"));
        Told("FenceStarted").ShouldBe("fence_x (off): it hangs");
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty("nothing is confirmed yet");

        _bench.Handle(3_050, Confirmed("a"));

        Told("HostFenced").ShouldBe("confirmed off by fence_x (off); over now: web@1");
        var commit = _bench.Effects.OfType<CommitPromotion>().Single();
        (commit.Owner, commit.Epoch, commit.Reason, commit.Actor).ShouldBe(("b", 2, "a is confirmed off by fence_x (off)", ""));
        _bench.Handle(3_060, new PromotionSettled(new("web", "b", 2)));
        _bench.Effects.OfType<SendPromote>().Single().FormerIsOver.ShouldBeTrue("b need not wait for what it has promised");
        _bench.Beat("a", 3_100, holds: 1);
        var answer = _bench.Effects.OfType<SendAnswer>().Single().Answer;
        (answer.Renewals.IsEmpty, answer.Revocations.Single().Epoch).ShouldBe((true, 1));
    }

    /// <summary>The device was slow: the host is on again, and may have been given something since.</summary>
    [Fact]
    public void A_host_that_has_booted_since_the_device_began_says_itself_what_is_over()
    {
        _bench.OwnedByA();
        _bench.Handle(3_000, new FenceBegun("a", Device, "it hangs", "eve"));
        _bench.Boot("a", 3_500);

        _bench.Handle(3_600, Confirmed("a"));

        Told("FenceOutdated").ShouldBe(
            "fence_x (off) has switched a off, but a boot of it has come since that was not known when that began: what it owns is judged by its lease");
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
        _bench.Report(3_600)!.Phase.ShouldBe(GroupPhase.Owned);
    }

    [Fact]
    public void What_no_device_began_for_this_leader_is_not_believed()
    {
        _bench.OwnedByA();
        _bench.Handle(3_000, Confirmed("a"));
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
    }

    /// <summary>Only the database names it: a new leader has never heard it.</summary>
    [Fact]
    public void An_owner_that_was_never_heard_is_taken_from_when_an_operator_has_seen_it_off()
    {
        _bench.Load(0);
        _bench.Boot("b", 0);
        for (var at = 300L; at <= 1_500; at += 300)
            _bench.Beat("b", at);

        _bench.Handle(1_600, new HostFenced("a", FenceMethod.Operator, "eve, who has seen it", "eve"));

        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty("C1: members have D to come");
        _bench.Report(1_600)!.Obstacle.ShouldStartWith("the control plane started a moment ago");
        _bench.Beat("b", 1_800);
        _bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
    }

    [Fact]
    public void A_heartbeat_of_the_boot_that_was_confirmed_off_takes_the_confirmation_back()
    {
        _bench.OwnedByA();
        _bench.Handle(3_010, new StreamDetached("b", 'b'));
        Fence("a", 3_050);
        _bench.Report(3_060)!.Phase.ShouldBe(GroupPhase.Unowned);

        _bench.Beat("a", 3_100, holds: 1);

        Told("FenceDoubted").ShouldBe(
            "a was heard after it was confirmed off, from the boot that should have ended: web: its lease counts again");
        _bench.Effects.OfType<SendAnswer>().Single().Answer.Renewals.Single().Epoch.ShouldBe(1);
        _bench.Report(3_100)!.Phase.ShouldBe(GroupPhase.Owned);
    }

    [Fact]
    public void It_is_not_renewed_when_the_group_is_being_given_away()
    {
        _bench.OwnedByA();
        Fence("a", 3_050);

        _bench.Beat("a", 3_055, holds: 1);

        Told("FenceDoubted").ShouldContain("web: being given away already, so two hosts may act");
        _bench.Effects.OfType<SendAnswer>().Single().Answer.Renewals.ShouldBeEmpty();
        // Nothing was committed: then it is the owner as before.
        _bench.Handle(3_060, new PromotionSettled(new("web", "a", 1)));
        _bench.Beat("a", 3_070, holds: 1);
        _bench.Effects.OfType<SendAnswer>().Single().Answer.Renewals.Single().Epoch.ShouldBe(1);
    }

    [Fact]
    public void After_a_boot_it_may_own_the_group_under_the_next_epoch()
    {
        _bench.OwnedByA();
        _bench.Handle(3_010, new StreamDetached("b", 'b'));
        Fence("a", 3_050);
        _bench.Report(3_060)!.Obstacle.ShouldContain("a: off: it was fenced and has not been heard since");
        _bench.Boot("a", 4_000);

        _bench.Beat("a", 4_100, ended: 1);
        _bench.Effects.OfType<RecordHistory>().ShouldAllBe(r => r.Kind != "FenceDoubted");
        _bench.Beat("a", 4_200, ended: 1);

        var commit = _bench.Effects.OfType<CommitPromotion>().Single();
        (commit.Owner, commit.Epoch).ShouldBe(("a", 2));
    }

    /// <summary>C6: nobody has told it of the epoch that was being committed for it.</summary>
    [Fact]
    public void An_epoch_that_was_being_committed_for_it_is_over_when_it_begins()
    {
        _bench.OwnedByA();
        Fence("a", 3_050);
        _bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
        Fence("b", 3_070);
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty("the one before is under way");

        _bench.Handle(3_100, new PromotionSettled(new("web", "b", 2)));

        _bench.Effects.OfType<SendPromote>().ShouldBeEmpty();
        _bench.Boot("a", 3_200);
        _bench.Beat("a", 3_300, ended: 1);
        _bench.Beat("a", 3_400, ended: 1);
        var commit = _bench.Effects.OfType<CommitPromotion>().Single();
        (commit.Owner, commit.Epoch, commit.Reason).ShouldBe(("a", 3, "b is confirmed off by fence_x (off)"));
    }

    /// <summary>L6: it would go on after a boot without asking anybody.</summary>
    [Fact]
    public void An_owner_that_needs_no_lease_is_not_taken_from()
    {
        var group = TestGroup.Pair("web");
        _bench.Handle(0, new GroupsLoaded([new StoredGroup(
            group, new("web", "a", 1), 1, [new View(1, ["a"], null), new View(2, ["a", "b"], group.Timing.Ttl)])]));
        _bench.Attach();
        for (var at = 300L; at <= 2_700; at += 300)
        {
            _bench.Beat("a", at, holds: 1);
            _bench.Beat("b", at + 10);
        }

        Fence("a", 2_800);

        Told("HostFenced").ShouldContain("web: its owner needs no lease, and goes on by itself when it is on again");
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
    }

    [Fact]
    public void After_a_restore_it_counts_for_nothing()
    {
        _bench.OwnedByA();
        _bench.Beat("b", 3_000, sealedTo: 5);

        Fence("a", 3_050);

        Told("HostFenced").ShouldContain("web: an older backup was restored, and who owns the group is being found out");
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
    }

    [Fact]
    public void An_owner_that_somebody_vouches_for_is_taken_from()
    {
        _bench.OwnedByA();
        for (var at = 3_000L; at <= 4_800; at += 300)
            _bench.Beat("b", at, promisesMs: 1400);

        Fence("a", 4_900);

        _bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
    }

    [Fact]
    public void A_promise_that_can_only_be_younger_takes_the_confirmation_back()
    {
        _bench.OwnedByA(lockedBy: "the group is locked by eve");
        Fence("a", 5_000);
        _bench.Beat("b", 5_100, promisesMs: 1400);
        _bench.Effects.OfType<RecordHistory>().ShouldAllBe(r => r.Kind != "FenceDoubted");

        _bench.Beat("b", 5_600, promisesMs: 1400);

        Told("FenceDoubted").ShouldBe("b has promised a something after that was confirmed off: web: its lease counts again");
    }

    [Fact]
    public void A_lock_keeps_the_group_where_it_is()
    {
        _bench.OwnedByA(lockedBy: "the group is locked by eve");
        Fence("a", 3_050);
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
        Told("MoveHeld").ShouldContain("so it does not move to b: a is confirmed off by fence_x (off)");
    }

    [Fact]
    public void Where_fencing_is_required_a_lost_owner_is_switched_off_first()
    {
        var bench = new EngineBench { Registered = g => g with { Fencing = Fencing.Required } };
        bench.OwnedByA();
        var wanted = new List<FenceWanted>();
        for (var at = 3_250L; at < 8_000; at += 300)
        {
            bench.Beat("b", at, sealedTo: at > 4_500 ? 1 : 0);
            bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
            wanted.AddRange(bench.Effects.OfType<FenceWanted>());
        }
        var first = wanted.ShouldHaveSingleItem("one at a time");
        first.Host.ShouldBe("a");
        first.Reason.ShouldStartWith("web requires it: a has been silent for 1.7");
        bench.Report(8_000)!.Obstacle.ShouldBe("fencing is required: the fence device of a is being asked to switch it off");

        bench.Handle(8_100, new FenceFailed("a", "no route to the device", ""));
        bench.Report(8_100)!.Obstacle.ShouldBe(
            "fencing is required and a is not confirmed off: no route to the device; tried again in 5.00 s, or see that it is off and say so: "
            + "hactl fence a --confirm-off");
        wanted.Clear();
        for (var at = 8_150L; at < 13_400 && wanted.Count == 0; at += 300)
        {
            bench.Beat("b", at);
            wanted.AddRange(bench.Effects.OfType<FenceWanted>().Where(_ => at > 13_100));
        }
        wanted.ShouldHaveSingleItem("after the pause");

        bench.Handle(13_500, new HostFenced("a", FenceMethod.Device, Device, ""));
        bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
    }

    /// <summary>It is its own epoch that it ended.</summary>
    [Fact]
    public void Where_fencing_is_required_an_owner_that_has_ended_is_not_switched_off()
    {
        var bench = new EngineBench { Registered = g => g with { Fencing = Fencing.Required, Members = [new("a", 80), new("b", 120)] } };
        bench.OwnedByA();
        bench.Beat("a", 3_000, ended: 1);
        bench.Effects.OfType<FenceWanted>().ShouldBeEmpty();
        bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
    }

    private static HostFenced Confirmed(string host) => new(host, FenceMethod.Device, Device, "eve");

    private void Fence(string host, long at)
    {
        _bench.Handle(at - 10, new FenceBegun(host, Device, "it hangs", "eve"));
        _bench.Handle(at, Confirmed(host));
    }

    private string Told(string kind) => _bench.Effects.OfType<RecordHistory>().Single(r => r.Kind == kind).Message;
}
