using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class LimitPressureTests
{
    private static readonly Limits All = new() { Memory = 50 << 20, CpuMillis = 255, Pids = 20 };
    private long _now;

    [Fact]
    public void What_was_refused_is_told_for_good_and_counted_from_when_the_limit_came_into_force()
    {
        var pressure = new LimitPressure(All, refusedBefore: 3);
        Look(pressure, new() { Refused = 3 }).ShouldBeEmpty();
        Look(pressure, new() { Refused = 4 }).ShouldBe(["pids limit 20 reached once"]);
        Look(pressure, new() { Refused = 317 }).ShouldBe(["pids limit 20 reached 314 times"]);
        Look(pressure, new() { Refused = 317 }).ShouldBe(["pids limit 20 reached 314 times"]);
    }

    [Theory]
    [InlineData(24, 24, false, false)] // of 50 periods in 5 s
    [InlineData(25, 13, true, true)]
    [InlineData(50, 12, true, false)]
    public void Processor_time_is_told_from_half_of_the_time_on_until_it_is_less_than_a_quarter(int first, int then, bool begins, bool stays)
    {
        var pressure = new LimitPressure(All, 0);
        // A first look says nothing about how long ago that was.
        Look(pressure, new() { Throttled = 1000 }).ShouldBeEmpty();
        Look(pressure, new() { Throttled = 1000 + first }).Length.ShouldBe(begins ? 1 : 0);
        string[] words = stays ? ["held back at its cpu limit 25.5%"] : [];
        Look(pressure, new() { Throttled = 1000 + first + then }).ShouldBe(words);
    }

    [Fact]
    public void Memory_is_told_while_the_program_waits_for_it_and_comes_up_to_its_own_limit()
    {
        var pressure = new LimitPressure(All, 0);
        Look(pressure, new() { AtMemory = 5, Stalled = 90 }).ShouldBeEmpty();
        Look(pressure, new() { AtMemory = 5, Stalled = 90 }).ShouldBeEmpty("the host is short of memory");
        Look(pressure, new() { AtMemory = 900, Stalled = 9.9 }).ShouldBeEmpty("files in the cache");
        Look(pressure, new() { AtMemory = 901, Stalled = 10 }).ShouldBe(["waiting for memory at its limit 50mb"]);
        Look(pressure, new() { AtMemory = 902, Stalled = 5 }).ShouldBe(["waiting for memory at its limit 50mb"]);
        Look(pressure, new() { AtMemory = 903, Stalled = 4.9 }).ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_told_of_a_limit_that_is_not_set()
    {
        var pressure = new LimitPressure(new(), 0);
        Look(pressure, default).ShouldBeEmpty();
        Look(pressure, new(Refused: 9, Throttled: 50, AtMemory: 9, Stalled: 90)).ShouldBeEmpty();
    }

    private string[] Look(LimitPressure pressure, LimitCounts counts)
    {
        pressure.Look(counts, new BootInstant(_now += 5_000_000_000));
        return [.. pressure.Held().Select(held => held.Words)];
    }
}
