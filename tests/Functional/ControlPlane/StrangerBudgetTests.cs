using HaGrpc.ControlPlane.Audit;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Strangers cannot fill the audit, and what is left out is told.</summary>
public sealed class StrangerBudgetTests
{
    [Fact]
    public void So_many_a_minute_are_written_and_the_rest_is_counted()
    {
        var time = new FakeTimeProvider();
        var budget = new StrangerBudget(time);
        for (var minute = 0; minute < 2; minute++)
        {
            for (var i = 0; i < StrangerBudget.Most; i++)
            {
                budget.Take(out var left).ShouldBeTrue();
                left.ShouldBe(minute == 1 && i == 0 ? 2 : 0);
            }
            budget.Take(out _).ShouldBeFalse();
            time.Advance(TimeSpan.FromSeconds(59));
            budget.Take(out var count).ShouldBeFalse();
            count.ShouldBe(2);
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
