using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule S3: two control planes on one database never both lead.</summary>
public sealed class LeadershipTests
{
    private static readonly LeadershipTerms Terms = LeadershipTerms.Default;
    private static readonly LeadershipSeen Held = new(4, "cp-1", 17);

    [Theory]
    [InlineData(0, "")]
    [InlineData(7, "")]
    public void A_free_leadership_is_taken_at_once(long term, string holder) =>
        new LeadershipChallenge(Terms).Judge(new(term, holder, 3), false, At(0)).Take.ShouldBeTrue();

    [Fact]
    public void A_leader_whose_process_is_gone_is_followed_at_once() =>
        new LeadershipChallenge(Terms).Judge(Held, true, At(0)).Take.ShouldBeTrue();

    [Fact]
    public void A_silent_leader_is_followed_only_after_the_counter_stood_still_for_more_than_its_life()
    {
        var challenge = new LeadershipChallenge(Terms);

        challenge.Judge(Held, false, At(0)).ShouldBe(new(false, At(3030), "cp-1 leads"));
        challenge.Judge(Held, false, At(3029)).Take.ShouldBeFalse();
        challenge.Judge(Held, false, At(3030)).Take.ShouldBeTrue();
    }

    [Fact]
    public void A_renewal_begins_the_wait_again()
    {
        var challenge = new LeadershipChallenge(Terms);
        challenge.Judge(Held, false, At(0));

        challenge.Judge(Held with { Counter = 18 }, false, At(3029)).At.ShouldBe(At(3029) + Terms.Patience);
        challenge.Judge(Held with { Counter = 18 }, false, At(6058)).Take.ShouldBeFalse();
    }

    [Fact]
    public void A_leader_ends_itself_before_a_challenger_that_saw_its_last_renewal_may_begin()
    {
        var hold = new LeadershipHold(Terms, At(1000));
        var challenge = new LeadershipChallenge(Terms);

        // The renewal reached the database at the very moment of its stamp, and the challenger saw it at once.
        var verdict = challenge.Judge(Held, false, At(1000));

        hold.EndsAt.ShouldBeLessThan(verdict.At);
        hold.EndsAt.ShouldBe(At(1000 + 2970 - 100));
    }

    [Fact]
    public void A_renewal_counts_from_before_its_query()
    {
        var hold = new LeadershipHold(Terms, At(0));

        hold.Renewed(At(750), At(2000)).ShouldBeTrue();

        hold.EndsAt.ShouldBe(At(750) + Terms.Hold);
        hold.RenewAt.ShouldBe(At(1500));
    }

    [Fact]
    public void A_renewal_that_comes_after_the_end_revives_nothing()
    {
        var hold = new LeadershipHold(Terms, At(0));

        hold.Renewed(At(750), At(2870)).ShouldBeFalse();

        hold.EndsAt.ShouldBe(At(2870));
    }

    [Fact]
    public void A_failed_renewal_moves_no_end_and_is_tried_again_soon()
    {
        var hold = new LeadershipHold(Terms, At(0));

        hold.NotRenewed(At(800));

        (hold.EndsAt, hold.RenewAt).ShouldBe((At(2870), At(800) + (Terms.Interval / 4)));
    }

    private static BootInstant At(int milliseconds) => new(milliseconds * 1_000_000L);
}
