using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule C2: an operator's lock, and what is kept of the moves that it forbids.</summary>
public sealed class LockTests
{
    private const string Eve = "the group is locked by eve: new switch";
    private readonly EngineBench _bench = new();

    [Fact]
    public void A_lost_owner_is_not_replaced_and_the_history_says_once_what_would_have_been_done()
    {
        _bench.OwnedByA(lockedBy: Eve);
        var held = new List<RecordHistory>();
        for (var at = 3_250L; at < 12_000; at += 300)
        {
            _bench.Beat("b", at);
            _bench.Effects.OfType<CommitPromotion>().ShouldBeEmpty();
            held.AddRange(_bench.Effects.OfType<RecordHistory>().Where(r => r.Kind == "MoveHeld"));
        }
        var only = held.ShouldHaveSingleItem();
        (only.Group, only.Host, only.Epoch).ShouldBe(("web", "a", 1));
        only.Message.ShouldStartWith($"{Eve}, so it does not move to b: a has been silent for ");
        _bench.Report(12_000)!.Obstacle.ShouldBe($"{Eve} and a cannot take it");
    }

    [Fact]
    public void When_the_lock_is_gone_the_move_is_made()
    {
        _bench.OwnedByA(lockedBy: Eve);
        for (var at = 3_250L; at < 6_000; at += 300)
            _bench.Beat("b", at);
        _bench.Load(6_000);
        _bench.Effects.OfType<SendSealAsked>().Single().Host.ShouldBe("b");
        _bench.Beat("b", 6_100, sealedTo: 1);
        _bench.Effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
    }

    [Fact]
    public void A_failback_that_the_lock_forbids_is_in_the_history()
    {
        var bench = new EngineBench
        {
            Registered = g => g with
            {
                Members = [new("a", 80), new("b", 120)],
                Failback = new(FailbackMode.Automatic, TimeSpan.FromSeconds(1)),
            },
        };
        bench.Load(0, lockedBy: Eve);
        bench.Attach();
        var held = new List<RecordHistory>();
        for (var at = 300L; at < 3_000; at += 300)
        {
            bench.Beat("b", at);
            held.AddRange(bench.Effects.OfType<RecordHistory>());
            bench.Beat("a", at + 10, holds: 1);
            held.AddRange(bench.Effects.OfType<RecordHistory>());
        }
        held.Single(r => r.Kind == "MoveHeld").Message.ShouldStartWith($"{Eve}, so it does not move to b: failback: b has been live for 1");
    }

    /// <summary>The record of a move says what the other candidates lacked.</summary>
    [Fact]
    public void A_move_says_who_was_passed_over_and_why()
    {
        var bench = new EngineBench("a", "b", "c", "d");
        bench.OwnedByA();
        bench.Load(3_000, drained: "b");
        bench.Handle(3_010, new StreamDetached("b", 'b'));
        CommitPromotion? commit = null;
        for (var at = 3_000L; at < 12_000 && commit is null; at += 300)
        {
            bench.Beat("d", at + 20, sealedTo: 1);
            commit ??= bench.Effects.OfType<CommitPromotion>().FirstOrDefault();
            bench.Beat("c", at + 40, sealedTo: 1);
            commit ??= bench.Effects.OfType<CommitPromotion>().FirstOrDefault();
        }
        commit!.Owner.ShouldBe("c");
        commit.PassedOver.ShouldBe([new BackupReport("b", "drained by eve: new kernel"), new BackupReport("d", "")]);
    }
}
