using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>The control plane's half, rule by rule.</summary>
public sealed class FailoverEngineTests
{
    private static readonly View Leased = new(1, ["a", "b"], TimeSpan.FromMilliseconds(1500));
    private static readonly TimeSpan D = TimeSpan.FromMilliseconds(1500);
    private readonly FailoverEngine _engine = new(At(0));
    private readonly List<FailoverEffect> _effects = [];
    private readonly Dictionary<string, (Guid Instance, long Seq, long Answered)> _agents = [];
    private readonly Dictionary<string, Seal> _seals = [];

    /// <summary>C3, L5: the backup is promoted when the lease, its drift allowance and the margin are over, not before.</summary>
    [Fact]
    public void A_silent_owner_is_replaced_after_lease_and_margin()
    {
        OwnedByA();
        Beat("a", 10_000, Holding(1, left: 1200));
        for (var at = 10_100; at <= 11_700; at += 200)
            Beat("b", at);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        var over = At(10_000) + TimeSpan.FromMilliseconds(1500 + 15 + 200);
        _engine.NextWake.ShouldBeLessThanOrEqualTo(over);
        Handle(over, new LeaderTimePassed());
        var commit = Last<CommitPromotion>();
        (commit.Owner, commit.ExpectedEpoch).ShouldBe(("b", 1));
        commit.Reason.ShouldContain("a has been silent for");
    }

    /// <summary>L5: what the owner says it has left counts even when the leader grants nothing.</summary>
    [Fact]
    public void A_longer_lease_that_the_owner_reports_is_feared()
    {
        OwnedByA();
        Beat("a", 10_000, Holding(1, left: 4000));
        for (var at = 10_100; at <= 14_100; at += 200)
            Beat("b", at);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        Beat("b", 14_300);
        Last<CommitPromotion>().Owner.ShouldBe("b");
    }

    /// <summary>C4: seals are asked for at the recorded expiry, once, and nobody is promoted before one has come.</summary>
    [Fact]
    public void Nobody_is_promoted_before_a_member_of_the_view_has_sealed()
    {
        OwnedByA();
        Beat("a", 10_000, Holding(1, left: 1200));
        for (var at = 10_100; at <= 11_300; at += 200)
            Beat("b", at);
        _effects.OfType<SendSealAsked>().ShouldBeEmpty("the lease may run");
        Handle(At(11_500), new LeaderTimePassed());
        Last<SendSealAsked>().ShouldBe(new SendSealAsked("b", 2, "web", 1));
        _seals.Clear();
        Handle(At(11_600), new LeaderTimePassed());
        _effects.OfType<SendSealAsked>().ShouldBeEmpty("it was asked");
        Beat("b", 11_720);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        _effects.OfType<SendSealAsked>().ShouldHaveSingleItem("with each of its heartbeats again");
        _engine.Report("web", At(11_720))!.Obstacle.ShouldBe("none of b has confirmed that it promises a nothing more");
        Say("b", 11_900, [], [new Seal("web", 1, TimeSpan.FromMilliseconds(300))], []);
        _engine.Report("web", At(11_900))!.Obstacle.ShouldBe("a may still rely on a promise for 0.52 s");
        Beat("b", 12_200);
        Beat("b", 12_400);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        Handle(At(12_416), new LeaderTimePassed());
        Last<CommitPromotion>().Owner.ShouldBe("b", "300 ms, 1 % of the lease and the margin later");
    }

    /// <summary>F4: who is vouched for is cut off, not lost: it is not failed over, and nobody is asked to seal.</summary>
    [Fact]
    public void A_vouched_owner_is_not_replaced()
    {
        OwnedByA();
        Beat("a", 10_000, Holding(1, left: 1200));
        for (var at = 10_900; at <= 14_000; at += 200)
        {
            Say("b", at, [new GivenPromise("web", 1, TimeSpan.FromMilliseconds(1400))], [], []);
            _effects.OfType<CommitPromotion>().ShouldBeEmpty();
            _effects.OfType<SendSealAsked>().ShouldBeEmpty();
        }
        _engine.Report("web", At(14_000))!.Obstacle.ShouldBe("a is cut off from the control plane, vouched for by b");
        for (var at = 14_100; at <= 15_500; at += 200)
            Beat("b", at);
        _seals["b"].UpTo.ShouldBe(1, "nobody vouches any more");
    }

    /// <summary>C8: an owner that turned out to be alive goes on under a new epoch, or the member that has sealed could never vouch
    /// for it again.</summary>
    [Fact]
    public void An_owner_whose_epoch_was_sealed_gets_the_next_one()
    {
        OwnedByA();
        Beat("a", 10_000, Holding(1, left: 1200));
        for (var at = 10_100; at <= 11_500; at += 200)
            Beat("b", at);
        Handle(At(11_501), new LeaderTimePassed());
        Beat("b", 11_510);
        Beat("a", 11_520, Holding(1, left: 900));
        Beat("a", 11_530, Holding(1, left: 900));
        var commit = Last<CommitPromotion>();
        (commit.Owner, commit.ExpectedEpoch).ShouldBe(("a", 1));
        Last<SendAnswer>().Answer.Renewals.ShouldNotBeEmpty("what was granted before the decision stands");
        Handle(At(11_540), new PromotionSettled(new StoredOwnership("web", "a", 2)));
        Last<SendPromote>().ShouldBe(new SendPromote("a", 1, "web", 2, commit.Reason, FormerIsOver: false));
        Beat("a", 11_550, Holding(1, left: 1400));
        Last<SendAnswer>().Answer.Revocations.ShouldBeEmpty("it has not heard of it yet");
        Last<SendPromote>().Epoch.ShouldBe(2);
        Beat("a", 11_560, Holding(2, left: 1400));
        Last<SendAnswer>().Answer.Renewals.Single().Epoch.ShouldBe(2);
    }

    /// <summary>V2, L6: a member that is away for long leaves the view, and the owner without others gets a long lease; one that comes
    /// back is in the view at once.</summary>
    [Fact]
    public void Views_follow_who_is_there()
    {
        OwnedByA();
        for (var at = 10_000; at < 39_600; at += 300)
        {
            Beat("a", at, Holding(1, left: 1200));
            _effects.OfType<StoreView>().ShouldBeEmpty();
        }
        Beat("a", 39_601, Holding(1, left: 1200));
        var alone = Last<StoreView>().View;
        (alone.Members.Single(), alone.Length).ShouldBe(("a", TimeSpan.FromMinutes(10)));
        Handle(At(39_610), new ViewStored("web", alone));
        Beat("a", 39_700, Holding(1, left: 1200));
        Last<SendAnswer>().Answer.Renewals.Single().View.ShouldBe(alone);
        Beat("b", 39_800);
        Last<StoreView>().View.Members.ShouldBe(["a", "b"]);
        Last<StoreView>().View.Length.ShouldBe(TimeSpan.FromMilliseconds(1500));
    }

    /// <summary>S2: a host without its disk is told what it may rely on, and is no candidate until it knows.</summary>
    [Fact]
    public void A_host_without_its_disk_is_told_the_epochs()
    {
        OwnedByA();
        Say("b", 10_000, [], [], ["web"]);
        Last<SendAnswer>().Answer.Told.ShouldBe([new EpochTold("web", 0, 0, D)]);
        _engine.Report("web", At(10_000))!.Backups.Single().Obstacle.ShouldContain("being told");
        Say("a", 10_010, [], [], ["web"]);
        Last<SendAnswer>().Answer.Told.ShouldBe([new EpochTold("web", 1, 1, D)], "what it owned is over");
        Say("b", 10_020, [], [new Seal("web", 1, TimeSpan.Zero)], []);
        Say("b", 10_030, [], [], ["web"]);
        Last<SendAnswer>().Answer.Told.ShouldBe([new EpochTold("web", 0, 1, D)], "it has sealed, and does not know any more");
    }

    /// <summary>C1: a new leader waits until owners that it may not know of have reported or are over.</summary>
    [Fact]
    public void A_new_leader_waits()
    {
        Load(owner: "a", epoch: 7);
        Attach("b");
        Beat("b", 100);
        Beat("b", 300);
        Beat("b", 1600);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        Beat("b", 1700);
        Beat("b", 1800);
        Last<CommitPromotion>().ExpectedEpoch.ShouldBe(7);
    }

    /// <summary>C2: a lock forbids a move, never a new epoch for the same member.</summary>
    [Fact]
    public void A_locked_group_does_not_move()
    {
        OwnedByA(locked: true);
        for (var at = 10_000; at <= 14_000; at += 200)
            Beat("b", at);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        _engine.Report("web", At(14_000))!.Obstacle.ShouldContain("locked");
        Beat("a", 14_100);
        Beat("a", 14_300);
        Last<CommitPromotion>().Owner.ShouldBe("a");
    }

    /// <summary>C5: a host that cannot hear is no candidate.</summary>
    [Fact]
    public void A_host_that_hears_no_answer_is_not_promoted()
    {
        OwnedByA();
        for (var at = 10_000; at <= 14_000; at += 200)
            Beat("b", at, echo: false);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
        Beat("b", 14_200);
        Beat("b", 14_300);
        Last<CommitPromotion>().Owner.ShouldBe("b");
    }

    /// <summary>C6: from the decision until the read-back nobody is renewed.</summary>
    [Fact]
    public void Deciding_stops_renewals_until_the_outcome_is_read_back()
    {
        OwnedByA();
        Beat("b", 9_900);
        Handle(At(10_000), new EpochReleased("a", StreamOf("a"), "web", 1));
        Last<CommitPromotion>().Owner.ShouldBe("b");
        Beat("a", 10_010, Holding(1, left: 100));
        Last<SendAnswer>().Answer.Renewals.ShouldBeEmpty();
        Handle(At(10_020), new PromotionSettled(new StoredOwnership("web", "b", 2)));
        Last<SendPromote>().Epoch.ShouldBe(2);
        Beat("a", 10_030, Holding(1, left: 100));
        Last<SendAnswer>().Answer.Revocations.Single().Epoch.ShouldBe(1);
    }

    /// <summary>C7: Promote is repeated until the heartbeat lists the epoch; a lease is then given to what was accepted.</summary>
    [Fact]
    public void A_promotion_is_repeated_until_it_is_accepted()
    {
        OwnedByA();
        Beat("a", 10_000);
        Last<SendPromote>().Epoch.ShouldBe(1);
        var agent = _agents["a"];
        Handle(At(10_010), new HeartbeatReceived("a", StreamOf("a"), new Heartbeat(
            agent.Instance, agent.Seq + 1, agent.Answered, [], [new EpochOf("web", 1)], [], TimeSpan.Zero)));
        _effects.OfType<SendPromote>().ShouldBeEmpty();
        Last<SendAnswer>().Answer.Renewals.Single().View.ShouldBe(Leased);
    }

    /// <summary>C9: a switchover asks in the answer to a heartbeat, and ends when the target holds the lease.</summary>
    [Fact]
    public void A_switchover_asks_for_release_and_promotes_the_target()
    {
        OwnedByA();
        Beat("b", 9_900);
        Handle(At(10_000), new SwitchoverAsked(5, "web", "b", "maintenance", "op"));
        Beat("a", 10_010, Holding(1, left: 1200));
        Last<SendAnswer>().Answer.ReleaseRequests.Single().Reason.ShouldBe("maintenance");
        Beat("b", 10_100);
        Handle(At(10_200), new EpochReleased("a", StreamOf("a"), "web", 1));
        Last<CommitPromotion>().Actor.ShouldBe("op");
        Handle(At(10_210), new PromotionSettled(new StoredOwnership("web", "b", 2)));
        Beat("b", 10_220, Holding(2, left: 1490));
        Last<SwitchoverEnded>().ShouldBe(new SwitchoverEnded(5, "", "a", "b", 2));
    }

    [Fact]
    public void A_switchover_of_a_group_that_is_mistyped_names_the_nearest()
    {
        OwnedByA();
        Handle(At(10_000), new SwitchoverAsked(5, "wbe", null, "", "op"));
        Last<SwitchoverEnded>().Error.ShouldBe("no group is called wbe; did you mean web?");
        Handle(At(10_010), new SwitchoverAsked(6, "mail-eu", null, "", "op"));
        Last<SwitchoverEnded>().Error.ShouldBe("no group is called mail-eu");
    }

    /// <summary>C5, S1: what a backup lacks is said to whoever looks, and to whoever asks for a switchover.</summary>
    [Fact]
    public void A_backup_that_cannot_take_over_is_named_with_its_obstacle()
    {
        OwnedByA();
        Beat("b", 9_900);
        _engine.Report("web", At(9_900))!.Backups.ShouldBe([new BackupReport("b", "")]);
        Beat("b", 10_000, TimeSpan.FromMilliseconds(1200));
        _engine.Report("web", At(10_000))!.Backups.ShouldBe(
            [new BackupReport("b", "started a moment ago, can take over in 1.20 s")]);
        Handle(At(10_010), new SwitchoverAsked(5, "web", "b", "maintenance", "op"));
        Last<SwitchoverEnded>().Error.ShouldBe("b cannot take over now: started a moment ago, can take over in 1.19 s");
        Handle(At(14_000), new SwitchoverAsked(6, "web", null, "maintenance", "op"));
        Last<SwitchoverEnded>().Error.ShouldBe(
            "no other member of web can take over now (a: silent for 4.70 s; b: silent for 4.00 s)");
    }

    /// <summary>C5: an owner that cannot run the group gives it to a member that has not said so, by a planned change.</summary>
    [Fact]
    public void A_group_leaves_an_owner_that_cannot_run_it()
    {
        OwnedByA();
        Beat("b", 9_900);
        CannotRun("a", 10_000, Holding(1, left: 1200));
        Last<RecordHistory>().Message.ShouldBe("to b: web:db is FATAL there");
        Last<RecordHistory>().Actor.ShouldBeEmpty();
        Beat("b", 10_050);
        CannotRun("a", 10_100, Holding(1, left: 1200));
        Last<SendAnswer>().Answer.ReleaseRequests.Single().Reason.ShouldBe("web:db is FATAL there");
    }

    /// <summary>C5: where both cannot run it, it does not go to and fro; operators see why.</summary>
    [Fact]
    public void A_group_that_nobody_can_run_stays()
    {
        OwnedByA();
        CannotRun("b", 9_900);
        CannotRun("a", 10_000, Holding(1, left: 1200));
        _effects.OfType<RecordHistory>().ShouldBeEmpty();
        var report = _engine.Report("web", At(10_000))!;
        report.Obstacle.ShouldBe("no other member could do better; web:db is FATAL there");
        report.Backups.ShouldBe([new BackupReport("b", "only if no other can: web:db is FATAL there")]);
        Beat("b", 10_050);
        CannotRun("a", 10_100, Holding(1, left: 1200));
        _engine.Report("web", At(10_100))!.Phase.ShouldBe(GroupPhase.Releasing, "b can now");
    }

    /// <summary>C2: a lock holds also what cannot run where it is.</summary>
    [Fact]
    public void A_locked_group_stays_with_an_owner_that_cannot_run_it()
    {
        OwnedByA(locked: true);
        Beat("b", 9_900);
        CannotRun("a", 10_000, Holding(1, left: 1200));
        _effects.OfType<RecordHistory>().Single().Kind.ShouldBe("MoveHeld");
        _engine.Report("web", At(10_000))!.Obstacle.ShouldBe("the group is locked; web:db is FATAL there");
    }

    /// <summary>C5: a member that cannot run the group is better than none, and nothing fails back to it.</summary>
    [Fact]
    public void A_member_that_cannot_run_the_group_comes_last()
    {
        OwnedByA();
        for (var at = 10_000; at <= 10_900; at += 200)
            CannotRun("b", at);
        CannotRun("b", 11_020);
        Last<CommitPromotion>().Owner.ShouldBe("b");
    }

    /// <summary>C5: the failback policy waits until the preferred member can run the group.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Nothing_fails_back_to_a_member_that_cannot_run_the_group(bool unfit)
    {
        Handle(At(0), new GroupsLoaded([new StoredGroup(
            TestGroup.Pair("web") with { Failback = new(FailbackMode.Automatic, TimeSpan.Zero) }, new("web", "b", 2), 1, [Leased])]));
        Attach("a");
        Attach("b");
        Beat("b", 9_000, Holding(2, left: 1400));
        Beat("b", 9_200, Holding(2, left: 1400));
        for (var at = 9_300; at <= 9_700; at += 200)
        {
            if (unfit)
                CannotRun("a", at);
            else
                Beat("a", at);
        }
        (_engine.Report("web", At(9_700))!.Phase == GroupPhase.Releasing).ShouldBe(!unfit);
    }

    /// <summary>V1, V2: changed times are a new view; a shorter lease is relied on when its confirmation is stored.</summary>
    [Fact]
    public void A_shorter_lease_counts_when_its_confirmation_is_stored()
    {
        OwnedByA();
        var changed = TestGroup.Pair("web") with { Timing = GroupTiming.Fast };
        Handle(At(10_000), new GroupsLoaded([new StoredGroup(changed, new("web", "a", 1), 1, [Leased])]));
        var view = Last<StoreView>().View;
        (view.Version, view.Length).ShouldBe((2, TimeSpan.FromMilliseconds(400)));
        Handle(At(10_010), new ViewStored("web", view));
        Beat("a", 10_020, Holding(1, left: 1400));
        Beat("a", 10_100, Holding(1, left: 350, view: 2));
        Last<ConfirmView>().Version.ShouldBe(2);
        _engine.Report("web", At(10_100))!.LeaseLeft!.Value.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
        Handle(At(10_110), new ViewConfirmed("web", 2));
        _engine.Report("web", At(10_110))!.LeaseLeft!.Value.ShouldBeLessThanOrEqualTo(TimeSpan.FromMilliseconds(390));
    }

    private static BootInstant At(long ms) => new(1_000_000_000_000 + (ms * 1_000_000));

    private static Holding Holding(long epoch, int left, long view = 1) =>
        new("web", epoch, view, TimeSpan.FromMilliseconds(left));

    private static long StreamOf(string host) => host == "a" ? 1 : 2;

    private void Load(string? owner, long epoch, bool locked = false) =>
        Handle(At(0), new GroupsLoaded(
            [new StoredGroup(TestGroup.Pair("web") with { Locked = locked }, new("web", owner, epoch), 1, [Leased])]));

    private void OwnedByA(bool locked = false)
    {
        Load("a", 1, locked);
        Attach("a");
        Attach("b");
        Beat("a", 9_000, Holding(1, left: 1400));
        Beat("a", 9_300, Holding(1, left: 1400));
        Beat("b", 9_300);
        Beat("b", 9_600);
    }

    private void Attach(string host)
    {
        _agents[host] = (Guid.NewGuid(), 0, 0);
        Handle(At(0), new StreamAttached(host, StreamOf(host), _agents[host].Instance));
    }

    private void Beat(string host, long at, params Holding[] holdings) => Beat(host, at, true, holdings);

    private void Beat(string host, long at, TimeSpan grace) => Beat(host, at, true, [], grace);

    private void Beat(string host, long at, bool echo, params Holding[] holdings) => Beat(host, at, echo, holdings, TimeSpan.Zero);

    private void CannotRun(string host, long at, params Holding[] holdings) =>
        Beat(host, at, true, holdings, TimeSpan.Zero, new UnfitGroup("web", "web:db is FATAL there"));

    private void Beat(string host, long at, bool echo, Holding[] holdings, TimeSpan grace, params UnfitGroup[] unfit)
    {
        var agent = _agents[host];
        var seq = agent.Seq + 1;
        var heartbeat = new Heartbeat(agent.Instance, seq, echo ? agent.Answered : 0, [.. holdings], [], [], grace)
        {
            Unfit = [.. unfit],
            Seals = _seals.TryGetValue(host, out var seal) ? [seal] : [],
        };
        Handle(At(at), new HeartbeatReceived(host, StreamOf(host), heartbeat));
        _agents[host] = (agent.Instance, seq, seq);
    }

    private void Handle(BootInstant at, FailoverEvent e)
    {
        _effects.Clear();
        _engine.Handle(e, at, _effects);
        // Members seal what they are asked to, at once; none has ever promised anything.
        foreach (var asked in _effects.OfType<SendSealAsked>())
            _seals[asked.Host] = new Seal(asked.Group, asked.Epoch, TimeSpan.FromDays(-1));
    }

    private void Say(string host, long at, GivenPromise[] promises, Seal[] seals, string[] untold, params Holding[] holdings)
    {
        var agent = _agents[host];
        Handle(At(at), new HeartbeatReceived(host, StreamOf(host), new Heartbeat(
            agent.Instance, agent.Seq + 1, agent.Answered, [.. holdings], [], [], TimeSpan.Zero)
        {
            Promises = [.. promises],
            Seals = [.. seals],
            Untold = [.. untold],
        }));
        _agents[host] = (agent.Instance, agent.Seq + 1, agent.Seq + 1);
    }

    private T Last<T>()
        where T : FailoverEffect => _effects.OfType<T>().Last();
}
