using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests;

public sealed class BootInstantTests
{
    [Fact]
    public void Never_stays_never_under_arithmetic()
    {
        (BootInstant.Never + TimeSpan.FromSeconds(1)).ShouldBe(BootInstant.Never);
        (BootInstant.Never - TimeSpan.FromSeconds(1)).ShouldBe(BootInstant.Never);
        (BootInstant.Zero + TimeSpan.MaxValue).ShouldBe(BootInstant.Never);
        (BootInstant.Never - BootInstant.Zero).ShouldBe(TimeSpan.MaxValue);
    }

    [Fact]
    public void A_difference_added_back_is_the_same_instant()
    {
        var a = new BootInstant(5_000_000_100);
        var b = new BootInstant(7_500_000_300);
        (a + (b - a)).ShouldBe(b);
        (b > a).ShouldBeTrue();
    }
}
