using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule C11: a group that operators want deleted ends before it is forgotten.</summary>
public sealed class RetirementTests
{
    private const string By = "being deleted by eve";
    private readonly EngineBench _bench = new();

    [Fact]
    public void The_owner_is_asked_to_release_and_its_lease_goes_on_until_it_has()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, retiring: By);
        _bench.Effects.ShouldBeEmpty();

        _bench.Beat("a", 3_050, holds: 1);

        var answer = _bench.Effects.OfType<SendAnswer>().Single().Answer;
        answer.ReleaseRequests.ShouldBe([new ReleaseRequest("web", 1, By)]);
        answer.Renewals.Length.ShouldBe(1, "its programs stop under the lease");
        var report = _bench.Report(3_060)!;
        (report.Phase, report.Owner, report.Obstacle, report.Note).ShouldBe((GroupPhase.Retiring, "a", "a is stopping its programs", By));

        _bench.Handle(3_500, new EpochReleased("a", 'a', "web", 1));
        _bench.Effects.OfType<CommitRetirement>().Single().ShouldBe(new CommitRetirement("web", 1, 1, IsOver: true, "a"));
        _bench.Beat("a", 3_550, holds: 1);
        _bench.Effects.OfType<SendAnswer>().Single().Answer.Renewals.ShouldBeEmpty("nobody is renewed while its end is on its way (C6)");

        _bench.Handle(3_600, new GroupsLoaded([]));
        _bench.Report(3_600).ShouldBeNull();
        _bench.Beat("a", 3_650, holds: 1);
        _bench.Effects.OfType<SendAnswer>().Single().Answer.Revocations.Single().Reason.ShouldBe("the group is not registered");
    }

    [Fact]
    public void A_silent_owner_is_waited_for_and_the_others_take_their_word_back()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, retiring: By);
        for (var at = 3_000L; at <= 4_700; at += 300)
        {
            _bench.Beat("b", at, promisesMs: 1_000);
            _bench.Effects.OfType<CommitRetirement>().ShouldBeEmpty();
        }
        var vouched = _bench.Effects.OfType<SendSealAsked>().ToArray();
        vouched.ShouldNotBeEmpty("it is vouched for, and shall not go on all the same");

        _bench.Beat("b", 4_800, sealedTo: 1);

        _bench.Effects.OfType<CommitRetirement>().Single().IsOver.ShouldBeTrue();
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_seal_a_silent_owner_may_be_vouched_for()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, retiring: By);
        _bench.Beat("b", 9_000);
        _bench.Effects.OfType<CommitRetirement>().ShouldBeEmpty();
        _bench.Report(9_000)!.Obstacle.ShouldBe("none of b has confirmed that it promises a nothing more");
    }

    [Fact]
    public void One_that_has_only_accepted_is_told_to_end_it()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, retiring: By);
        _bench.Beat("a", 3_050, accepts: 1);
        var answer = _bench.Effects.OfType<SendAnswer>().Single().Answer;
        (answer.Renewals.IsEmpty, answer.Revocations.Single()).ShouldBe((true, new Revocation("web", 1, By)));
    }

    [Fact]
    public void A_host_that_is_confirmed_off_ends_it()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, retiring: By);
        _bench.Handle(3_010, new StreamDetached("a", 'a'));
        _bench.Handle(3_050, new HostFenced("a", FenceMethod.Operator, "eve", "eve"));
        _bench.Effects.OfType<CommitRetirement>().Single().IsOver.ShouldBeTrue();
    }

    /// <summary>L6: it goes on when it is on again, and nobody may take its epoch for over.</summary>
    [Fact]
    public void An_owner_without_a_lease_is_feared_on()
    {
        var bench = new EngineBench("a");
        bench.Load(0, solo: true);
        bench.Load(3_000, retiring: By, solo: true);
        bench.Report(9_000)!.Obstacle.ShouldBe("a needs no lease and has to end it itself, or must be confirmed off (hactl fence a --confirm-off)");
        bench.Handle(9_000, new HostFenced("a", FenceMethod.Operator, "eve", "eve"));
        bench.Effects.OfType<CommitRetirement>().Single().IsOver.ShouldBeFalse();
    }

    [Fact]
    public void Nobody_is_promoted_or_moved()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, retiring: By);
        _bench.Handle(3_010, new SwitchoverAsked(1, "web", "b", "", "eve"));
        _bench.Effects.OfType<SwitchoverEnded>().Single().Error.ShouldBe($"web is not moved any more: it is {By}");
    }

    [Fact]
    public void A_group_that_nobody_has_owned_goes_when_the_members_had_time_to_come()
    {
        _bench.Load(0, retiring: By, epoch: 0);
        _bench.Effects.OfType<CommitRetirement>().ShouldBeEmpty("C1");
        _bench.Handle(1_800, new LeaderTimePassed());
        _bench.Effects.OfType<CommitRetirement>().Single().ShouldBe(new CommitRetirement("web", 0, 0, IsOver: true, ""));
    }

    [Fact]
    public void A_group_of_the_name_begins_above_and_an_old_epoch_is_revoked()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, retiring: By);
        _bench.Handle(3_100, new EpochReleased("a", 'a', "web", 1));
        _bench.Handle(3_200, new GroupsLoaded([]));
        _bench.Load(3_300, isOver: true);
        _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty("C7: what members know of the name counts when they say it now");

        _bench.Beat("a", 3_350, accepts: 1);
        _bench.Effects.OfType<SendAnswer>().Single().Answer.Revocations.Single().Reason.ShouldBe("the group of that epoch was deleted");
        _bench.Beat("b", 3_360);
        _bench.Beat("a", 3_400);

        var commit = _bench.Effects.OfType<CommitPromotion>().Single();
        (commit.ExpectedEpoch, commit.Epoch, commit.Owner, commit.Reason).ShouldBe((1, 2, "a", "first owner"));
    }
}
