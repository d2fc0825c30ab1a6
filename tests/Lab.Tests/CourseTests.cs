using HaGrpc.Lab.Faults;

namespace HaGrpc.Lab.Tests;

/// <summary>A owns the group, B is the other member.</summary>
public sealed class CourseTests
{
    private static readonly Damage LinkOfA = Damage.Loses(new("A", "*"), new("*", "A"));
    private static readonly Damage LinkOfB = Damage.Loses(new("B", "*"), new("*", "B"));
    private static readonly Damage APlane = Between("A", "plane"), BPlane = Between("B", "plane"), Peers = Between("A", "B");

    [Fact]
    public void What_takes_nothing_away_moves_nothing() =>
        Of(Damage.None).ShouldBe(new Course(true, 0, 0, Certainty.Yes, true));

    [Fact]
    public void The_loss_of_the_owner_moves_the_group_once()
    {
        var once = new Course(false, 1, 1, Certainty.Yes, true);
        Of(Damage.Halt("A")).ShouldBe(once);
        Of(LinkOfA).ShouldBe(once);
        Of(Damage.Loses(new Direction("A", "*"))).ShouldBe(once);
        Of(Damage.Loses(new Direction("*", "A"))).ShouldBe(once);
    }

    [Fact]
    public void The_loss_of_anything_else_moves_nothing()
    {
        foreach (var damage in new[] { Damage.Halt("B"), Damage.Halt("plane"), LinkOfB, APlane, BPlane, Peers, Damage.Disturbs("B") })
            Of(damage).NothingMoves.ShouldBeTrue();
    }

    [Fact]
    public void An_owner_that_is_vouched_for_stays_when_the_control_plane_reaches_nobody()
    {
        Of(APlane, BPlane).NothingMoves.ShouldBeTrue();
        Of(Damage.Halt("plane"), APlane).NothingMoves.ShouldBeTrue();
    }

    [Fact]
    public void An_owner_that_nobody_hears_of_gives_way()
    {
        var course = Of(APlane, Peers);
        (course.LeastChanges, course.MostChanges, course.Answered).ShouldBe((1, 1, Certainty.Yes));
    }

    [Fact]
    public void Without_control_plane_and_backup_the_client_waits_for_the_healing()
    {
        var course = Of(Damage.Halt("plane"), Damage.Halt("B"));
        (course.NothingMoves, course.Answered, course.LeastChanges, course.MostChanges).ShouldBe((false, Certainty.No, 0, 1));
    }

    [Fact]
    public void A_second_fault_may_strike_before_or_after_the_first_takeover()
    {
        // Then B owns it and has nobody left, or A never lost it to anybody.
        var course = Of(Damage.Halt("A"), Damage.Halt("plane"));
        (course.Answered, course.LeastChanges, course.MostChanges).ShouldBe((Certainty.No, 0, 2));
    }

    [Fact]
    public void The_loss_of_both_hosts_costs_one_change_each_at_most() => Of(LinkOfA, LinkOfB).MostChanges.ShouldBe(2);

    [Fact]
    public void A_poor_wire_makes_everything_possible_and_little_certain()
    {
        var course = Of(Damage.Disturbs("A"));
        (course.NothingMoves, course.LeastChanges, course.MostChanges).ShouldBe((false, 0, 1));
        course.Answered.ShouldBe(Certainty.Perhaps);
    }

    [Fact]
    public void A_healthy_backup_answers_whatever_the_lost_owners_wire_does() =>
        Of(Damage.Disturbs("A"), Damage.Halt("A")).Answered.ShouldBe(Certainty.Yes);

    [Fact]
    public void What_ends_by_itself_may_bring_the_group_anywhere()
    {
        // B is stopped for a while only; when A is lost meanwhile the group waits, and who comes back first gets it.
        var course = Course.Of("A", "B", [Damage.Halt("B"), LinkOfA], [Damage.Halt("B"), LinkOfA]);
        (course.Answered, course.LeastChanges, course.MostChanges).ShouldBe((Certainty.No, 0, 1));
    }

    private static Course Of(params Damage[] struck) => Course.Of("A", "B", struck, struck.Length > 1 ? [struck[1]] : []);

    private static Damage Between(string one, string other) => Damage.Loses(new(one, other), new(other, one));
}
