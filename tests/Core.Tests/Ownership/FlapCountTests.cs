using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule C2: how often a group may move by itself.</summary>
public sealed class FlapCountTests
{
    private static readonly FlapBudget Budget = new(2, TimeSpan.FromMinutes(10));
    private static readonly (DateTimeOffset, string, bool)[] Twice = [Got(-30, "a"), Got(-9, "b"), Got(-1, "a")];

    [Fact]
    public void It_is_spent_by_the_last_move_that_it_allows()
    {
        IsSpent(Twice).ShouldBeTrue();
        IsSpent(Got(-30, "a"), Got(-1, "b")).ShouldBeFalse();
    }

    [Fact]
    public void Moves_before_the_window_do_not_count() => IsSpent(Got(-30, "a"), Got(-11, "b"), Got(-1, "a")).ShouldBeFalse();

    [Fact]
    public void What_somebody_asked_for_does_not_count() => IsSpent(Got(-30, "a"), Got(-9, "b", asked: true), Got(-1, "a")).ShouldBeFalse();

    [Fact]
    public void A_new_epoch_of_the_same_owner_is_no_move() => IsSpent(Got(-30, "a"), Got(-9, "a"), Got(-1, "b")).ShouldBeFalse();

    [Fact]
    public void The_first_owner_that_is_known_came_from_nowhere() => IsSpent(Got(-9, "a"), Got(-1, "b")).ShouldBeFalse();

    [Fact]
    public void Who_unlocks_a_group_gives_it_a_new_budget() =>
        FlapCount.IsSpent(Budget, Twice, Got(-5, "").At, Got(0, "").At).ShouldBeFalse();

    private static bool IsSpent(params (DateTimeOffset, string, bool)[] owners) =>
        FlapCount.IsSpent(Budget, owners, DateTimeOffset.MinValue, Got(0, "").At);

    private static (DateTimeOffset At, string Owner, bool Asked) Got(int minute, string owner, bool asked = false) =>
        (new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).AddMinutes(minute), owner, asked);
}
