using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <content>Rules C5 and C7 after a restore: whoever is heard first may know nothing, and a drained host may be the only one left.</content>
public sealed partial class RestoredDatabaseTests
{
    /// <summary>C7: b was cut off for long, the backup says that it was promoted, and a has owned the group since.</summary>
    [Fact]
    public void An_epoch_of_an_earlier_leader_begins_when_the_others_were_heard()
    {
        Load("b", epoch: 5);
        Beat("b", 100, new());
        _effects.OfType<SendPromote>().ShouldBeEmpty("a may know of a later owner");
        _engine.Report("web", At(100))!.Obstacle.ShouldBe("the control plane started a moment ago; a may know of a later owner than b");
        Beat("b", 300, new() { Accepted = 5 });
        Only<SendAnswer>().Answer.Renewals.ShouldBeEmpty();
        Beat("a", 400, new());
        Beat("b", 600, new());
        Only<SendPromote>().Epoch.ShouldBe(5);
        Beat("b", 900, new() { Accepted = 5 });
        Only<SendAnswer>().Answer.Renewals.Single().Epoch.ShouldBe(5);
    }

    /// <summary>The one that was not heard comes, and does know.</summary>
    [Fact]
    public void An_epoch_of_an_earlier_leader_never_begins_when_another_knows_better()
    {
        Load("b", epoch: 5);
        Beat("b", 300, new() { Accepted = 5 });
        Beat("a", 400, new() { Holding = Holds(6) });
        Beat("b", 600, new() { Accepted = 5 });
        Only<SendAnswer>().Answer.Renewals.ShouldBeEmpty();
        Beat("a", 700, new() { Holding = Holds(6) });
        _ = StoreNext();
        _ = StoreNext();
        Only<CommitPromotion>().Owner.ShouldBe("a");
    }

    /// <summary>Nor is the next epoch given to the same host meanwhile: it would need no seal.</summary>
    [Fact]
    public void Who_is_not_heard_is_waited_for_ten_seconds()
    {
        Load("b", epoch: 5);
        for (var at = 300L; at < 10_000; at += 300)
        {
            Beat("b", at, new() { Accepted = 5 });
            Only<SendAnswer>().Answer.Renewals.ShouldBeEmpty();
            _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        }
        _engine.NextWake.ShouldBeLessThanOrEqualTo(At(10_000));
        Beat("b", 10_100, new() { Accepted = 5 });
        _effects.ShouldContain(e => e is CommitPromotion || (e is SendAnswer && !((SendAnswer)e).Answer.Renewals.IsEmpty));
    }

    /// <summary>It has a lease of a leader that knew better: nobody waits.</summary>
    [Fact]
    public void An_owner_that_acts_is_renewed_at_once()
    {
        Load("b", epoch: 5);
        Beat("b", 300, new() { Holding = Holds(5) });
        Only<SendAnswer>().Answer.Renewals.Single().Epoch.ShouldBe(5);
    }

    /// <summary>C5: nothing moves to a drained host, but where it was, it may stay, when nobody else can or may have it.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_last_owner_keeps_it_although_it_is_drained(bool locked)
    {
        Load("b", epoch: 5, locked, drained: "b");
        BeatBoth(from: 100, to: 30_000, b: new() { Ended = 5, Counter = 5000 }, a: new() { Untold = locked ? "" : "web" });
        _ = StoreNext();
        Only<CommitPromotion>().Owner.ShouldBe("b");
    }

    /// <summary>A promoted standby may lack the newest renewals, which do not wait for it.</summary>
    [Fact]
    public void A_few_missing_renewals_are_no_restore()
    {
        Load("a", epoch: 5);
        Beat("a", 100, new() { Counter = 110, Holding = Holds(5) });
        _effects.OfType<RecordHistory>().ShouldNotContain(r => r.Kind == "OlderDatabaseFound");
        Only<SendAnswer>().Answer.Renewals.Length.ShouldBe(1);
    }

    /// <summary>In another database every member may be the one that knows what it lacks.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void In_another_database_members_are_waited_for(bool other)
    {
        var engine = new FailoverEngine(At(0)) { IsOtherDatabase = other };
        engine.Handle(new GroupsLoaded([new StoredGroup(TestGroup.Pair("web"), new("web", null, 0), 0, [Leased(1)])]), At(0), _effects);
        var instance = Guid.NewGuid();
        engine.Handle(new StreamAttached("b", 1, instance), At(0), _effects);
        for (var seq = 1; seq * 200 < 9_900; seq++)
        {
            engine.Handle(
                new HeartbeatReceived("b", 1, new Heartbeat(instance, seq, seq - 1, [], [], [], TimeSpan.Zero)), At(seq * 200), _effects);
        }
        _effects.OfType<CommitPromotion>().Any().ShouldBe(!other);
        if (other)
            engine.NextWake.ShouldBeLessThanOrEqualTo(At(10_000));
    }
}
