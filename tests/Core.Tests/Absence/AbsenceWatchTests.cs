using HaGrpc.Core.Absence;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Absence;

public sealed class AbsenceWatchTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1.5);
    private readonly AbsenceWatch _watch = new(At(10));

    [Fact]
    public void Answers_in_time_are_not_worth_a_word()
    {
        _watch.Answered(At(11.5), Patience).ShouldBeNull();
        _watch.Answered(At(13), Patience).ShouldBeNull();
    }

    [Fact]
    public void An_agent_that_ran_was_not_answered()
    {
        _ = _watch.Answered(At(11), Patience);
        _watch.Answered(At(17), Patience)
            .ShouldBe("no control plane answered for 6.00 s while the agent ran: the way there or back was cut, or none led");
    }

    [Fact]
    public void An_agent_that_was_stopped_says_for_how_long()
    {
        _ = _watch.Answered(At(11), Patience);
        _watch.Ran(TimeSpan.FromSeconds(5.01));
        _watch.Answered(At(16.3), Patience).ShouldBe("the agent did not run for 5.01 s: it was stopped, or got no processor");
    }

    [Fact]
    public void A_short_stop_is_not_what_a_long_silence_was()
    {
        _ = _watch.Answered(At(11), Patience);
        _watch.Ran(TimeSpan.FromSeconds(2));
        _watch.Answered(At(17), Patience)!.ShouldStartWith("no control plane answered for 6.00 s");
    }

    [Fact]
    public void Many_small_delays_of_a_busy_machine_are_no_stop()
    {
        _ = _watch.Answered(At(11), Patience);
        for (var i = 0; i < 100; i++)
            _watch.Ran(TimeSpan.FromMilliseconds(99));
        _watch.Answered(At(17), Patience)!.ShouldStartWith("no control plane answered");
    }

    [Fact]
    public void A_machine_that_slept_says_so_although_the_agent_was_late_as_well()
    {
        _ = _watch.Answered(At(11), Patience);
        _watch.Ran(TimeSpan.FromSeconds(30));
        _watch.Slept(TimeSpan.FromSeconds(29.5));
        _watch.Answered(At(41), Patience).ShouldBe("the machine slept for 29.50 s");
    }

    [Fact]
    public void What_was_told_is_not_told_again()
    {
        _watch.Ran(TimeSpan.FromSeconds(5));
        _watch.Slept(TimeSpan.FromSeconds(5));
        _ = _watch.Answered(At(15), Patience);
        _watch.Answered(At(20), Patience)!.ShouldStartWith("no control plane answered for 5.00 s");
    }

    private static BootInstant At(double seconds) => new((long)(seconds * 1e9));
}
