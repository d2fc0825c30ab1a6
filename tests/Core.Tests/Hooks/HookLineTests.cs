using HaGrpc.Core.Hooks;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Hooks;

public sealed class HookLineTests
{
    private static readonly Hook First = SomeHooks.Hook("first", HookEvent.Promote, HookPhase.Before);
    private static readonly Hook Second = SomeHooks.Hook("second", HookEvent.Promote, HookPhase.Before);
    private static readonly Hook Up = SomeHooks.Hook("up", HookEvent.Promote);
    private static readonly Hook Leaving = SomeHooks.Hook("leaving", HookEvent.Demote, HookPhase.Before);
    private static readonly Hook Down = SomeHooks.Hook("down", HookEvent.Demote);
    private static readonly Hook Fault = SomeHooks.Hook("fault", HookEvent.Fault);

    private readonly HookLine _line = new();

    [Fact]
    public void Hooks_run_one_after_the_other_and_the_occasion_is_over_after_the_last()
    {
        Take(HookOccasion.Taking).ShouldBe("start first");
        Ended().ShouldBe("start second");
        _line.IsIdle.ShouldBeFalse();
        Ended().ShouldBe("over Taking");
        _line.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void A_later_occasion_of_the_same_ownership_waits_for_the_earlier_one()
    {
        Take(HookOccasion.Taken).ShouldBe("start up");
        Take(HookOccasion.Unfit).ShouldBe("");
        Ended().ShouldBe("over Taken, start fault");
        Ended().ShouldBe("over Unfit");
    }

    [Fact]
    public void The_end_of_the_ownership_cuts_off_what_acts_as_owner_and_skips_what_waits()
    {
        _ = Take(HookOccasion.Taking);
        Take(HookOccasion.Failed).ShouldBe("cut: the lease is over, skip second: the lease is over");
        // It is killed once, and whatever comes next waits until it is dead.
        Take(HookOccasion.Given).ShouldBe("");
        Ended().ShouldBe("over Taking, start fault");
        Ended().ShouldBe("over Failed, start down");
        Ended().ShouldBe("over Given");
    }

    [Fact]
    public void A_planned_change_takes_the_place_of_the_promotions_hooks()
    {
        _ = Take(HookOccasion.Taken);
        Take(HookOccasion.Giving).ShouldBe("cut: the group is being given up");
        Ended().ShouldBe("over Taken, start leaving");
        Take(HookOccasion.Given).ShouldBe("cut: the lease is over");
        Ended().ShouldBe("over Giving, start down");
    }

    [Fact]
    public void A_promotion_waits_for_nothing_that_hangs_from_before()
    {
        _ = Take(HookOccasion.Failed);
        _ = Take(HookOccasion.Given);
        Take(HookOccasion.Taking).ShouldBe("cut: this host was promoted, skip down: this host was promoted, over Given");
        Ended().ShouldBe("over Failed, start first");
    }

    [Fact]
    public void An_occasion_without_hooks_is_over_at_once_and_ends_earlier_ones_all_the_same()
    {
        _ = Take(HookOccasion.Given);
        Show(effects => _line.Take(SomeHooks.Batch(HookOccasion.Taking), effects)).ShouldBe("cut: this host was promoted, over Taking");
    }

    [Fact]
    public void An_agent_that_stops_leaves_nothing_waiting()
    {
        _ = Take(HookOccasion.Failed);
        _ = Take(HookOccasion.Given);
        Show(effects => _line.Abandon("the agent stops", effects)).ShouldBe("cut: the agent stops, skip down: the agent stops, over Given");
        Ended().ShouldBe("over Failed");
        _line.IsIdle.ShouldBeTrue();
    }

    [Fact]
    public void What_is_told_names_the_hook_its_end_and_its_output()
    {
        var call = HookPlan.Of([Up], HookOccasion.Taken).Single();
        var took = TimeSpan.FromMilliseconds(120);
        Told(HookOutcome.OfExit(0, took, "")).ShouldBe("HookSucceeded hook up (after promote): exit code 0, after 0.120 s");
        Told(HookOutcome.OfExit(3, took, "no disk")).ShouldBe("HookFailed hook up (after promote): exit code 3, after 0.120 s; it wrote: no disk");
        Told(HookOutcome.OfExit(-11, took, "")).ShouldBe("HookFailed hook up (after promote): signal 11, after 0.120 s");
        string Told(HookOutcome outcome) => $"{outcome.Kind} {outcome.Words(call)}";
    }

    [Fact]
    public void Output_is_one_bounded_line_that_no_terminal_obeys()
    {
        HookText.Of("one\ntwo\r\n\tthree\e[2J\n"u8, isComplete: true).ShouldBe("one | two |  three\uFFFD[2J");
        HookText.Of("end"u8, isComplete: false).ShouldBe("[the beginning is left out] end");
        var long_ = new byte[10_000];
        Array.Fill(long_, (byte)'x');
        (long_[0], long_[^1]) = ((byte)'a', (byte)'z');
        var kept = HookText.Of(long_, isComplete: true);
        kept.ShouldStartWith("ax");
        kept.ShouldEndWith("xz");
        kept.ShouldContain(" [5904 bytes are left out] ");
        kept.Length.ShouldBe(HookText.Head + HookText.Tail + " [5904 bytes are left out] ".Length);
    }

    private string Take(HookOccasion occasion) =>
        Show(effects => _line.Take(SomeHooks.Batch(occasion, First, Second, Up, Leaving, Down, Fault), effects));

    private string Ended() => Show(_line.Ended);

    private static string Show(Action<List<HookEffect>> act)
    {
        var effects = new List<HookEffect>();
        act(effects);
        return string.Join(", ", effects.Select(effect => effect switch
        {
            StartHook start => $"start {start.Turn.Call.Hook.Name}",
            CutHook cut => $"cut: {cut.Why}",
            SkipHook skip => $"skip {skip.Turn.Call.Hook.Name}: {skip.Why}",
            BatchOver over => $"over {over.Batch.Occasion}",
            _ => effect.ToString(),
        }));
    }
}
