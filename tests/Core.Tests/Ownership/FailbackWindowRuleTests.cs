using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule C5: a failback that is confined to a window.</summary>
public sealed class FailbackWindowRuleTests
{
    private readonly EngineBench _bench = new()
    {
        Registered = g => g with
        {
            Members = [new("a", 80), new("b", 120)],
            Failback = new(FailbackMode.Automatic, TimeSpan.FromSeconds(1)) { Window = new(120, 240) },
        },
    };

    [Fact]
    public void It_waits_for_the_window_and_says_so()
    {
        _bench.OwnedByA();
        _bench.Report(2_950)!.Note.ShouldBe("the failback to b waits: whether its window is open is not known yet");
        _bench.Handle(2_960, new FailbackWindowSeen("web", BootInstant.Zero, "its window opens at 2026-11-27 02:00 UTC"));
        _bench.Report(2_960)!.Note.ShouldBe("the failback to b waits: its window opens at 2026-11-27 02:00 UTC");
        _bench.Effects.ShouldBeEmpty();

        _bench.Handle(2_970, new FailbackWindowSeen("web", EngineBench.At(60_000), ""));

        _bench.Effects.OfType<RecordHistory>().Single().Message.ShouldStartWith("to b: failback: b has been live for 1");
        _bench.Report(2_970)!.Note.ShouldBe("");
    }

    /// <summary>Whoever tells it may be gone.</summary>
    [Fact]
    public void What_was_told_is_not_believed_for_ever()
    {
        _bench.Load(0);
        _bench.Attach();
        _bench.Handle(10, new FailbackWindowSeen("web", EngineBench.At(1_000), ""));
        for (var at = 300L; at < 4_000; at += 300)
        {
            _bench.Beat("a", at, holds: 1);
            _bench.Effects.OfType<RecordHistory>().ShouldNotContain(r => r.Kind == "SwitchoverStarted");
            _bench.Beat("b", at + 10);
            _bench.Effects.OfType<RecordHistory>().ShouldNotContain(r => r.Kind == "SwitchoverStarted");
        }
        _bench.Report(4_000)!.Note.ShouldBe("the failback to b waits: whether its window is open is not known yet");
    }

    /// <summary>It confines what is done for a better place, and nothing else.</summary>
    [Fact]
    public void A_lost_owner_is_replaced_at_any_time()
    {
        _bench.OwnedByA();
        CommitPromotion? commit = null;
        for (var at = 3_250L; at < 12_000 && commit is null; at += 300)
        {
            _bench.Beat("b", at, sealedTo: 1);
            commit = _bench.Effects.OfType<CommitPromotion>().FirstOrDefault();
        }
        commit!.Owner.ShouldBe("b");
    }

    [Fact]
    public void When_it_opens_is_told_by_the_clock_of_the_place()
    {
        var east = TimeZoneInfo.CreateCustomTimeZone("East", TimeSpan.FromHours(8), "East", "East");
        var shut = new WindowState(false, new DateTimeOffset(2026, 11, 26, 18, 0, 0, TimeSpan.Zero));
        FailbackWindowSeen.TextOf(shut, east).ShouldBe("its window opens at 2026-11-27 02:00 East");
        FailbackWindowSeen.TextOf(shut with { IsOpen = true }, east).ShouldBe("");
    }
}
