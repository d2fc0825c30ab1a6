using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rules C5 and C9: an operator wants a host to own nothing.</summary>
public sealed class DrainTests
{
    private const string Eve = "the group is locked by eve";
    private readonly EngineBench _bench = new();

    [Fact]
    public void Its_groups_are_asked_to_move_for_the_reason_that_the_operator_gave()
    {
        _bench.OwnedByA();

        _bench.Load(3_000, drained: "a");

        _bench.Effects.OfType<RecordHistory>().Single(r => r.Kind == "SwitchoverStarted").Message.ShouldBe("to b: a is drained by eve: new kernel");
        _bench.Beat("a", 3_100, holds: 1);
        _bench.Effects.OfType<SendAnswer>().Single().Answer.ReleaseRequests.ShouldHaveSingleItem().Reason.ShouldBe("a is drained by eve: new kernel");
    }

    [Fact]
    public void Nothing_comes_to_it_although_it_is_preferred()
    {
        _bench.Load(0, drained: "a", epoch: 0);
        _bench.Attach();
        for (var at = 100L; at < 6_000; at += 300)
        {
            _bench.Beat("a", at);
            if (_bench.Effects.OfType<CommitPromotion>().Any())
                break;
            _bench.Beat("b", at + 10);
            if (_bench.Effects.OfType<CommitPromotion>().Any())
                break;
        }
        _bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
        _bench.Report(6_000)!.Backups.Single(r => r.Host == "a").Obstacle.ShouldBe("drained by eve: new kernel");
    }

    [Fact]
    public void A_locked_group_stays_and_says_so()
    {
        _bench.OwnedByA(lockedBy: Eve);

        _bench.Load(3_000, lockedBy: Eve, drained: "a");

        var held = _bench.Effects.OfType<RecordHistory>().Single();
        (held.Kind, held.Message).ShouldBe(("MoveHeld", $"{Eve}, so it does not move to b: a is drained by eve: new kernel"));
        _bench.Report(3_000)!.Obstacle.ShouldBe($"{Eve}; a is drained by eve: new kernel");
    }

    /// <summary>It is there already, and nobody else is: better than no service.</summary>
    [Fact]
    public void The_owner_goes_on_there_when_nobody_else_is_left()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, drained: "a");
        _bench.Handle(3_010, new StreamDetached("b", 'b'));
        for (var at = 3_100L; at < 9_000; at += 300)
            _bench.Beat("a", at, holds: 1);
        _bench.Beat("a", 9_000, ended: 1);

        _bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("a");
    }

    [Fact]
    public void When_it_may_own_groups_again_it_is_a_backup_like_any()
    {
        _bench.OwnedByA();
        _bench.Load(3_000, drained: "b");
        _bench.Report(3_000)!.Backups.Single().Obstacle.ShouldBe("drained by eve: new kernel");

        _bench.Load(3_010);

        _bench.Report(3_010)!.Backups.Single().Obstacle.ShouldBe("");
    }
}
