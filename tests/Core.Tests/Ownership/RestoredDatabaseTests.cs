using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule S4: agents know more than the database, because an older backup of it was restored.</summary>
public sealed partial class RestoredDatabaseTests
{
    private const long Next = 1_000_000;
    private readonly FailoverEngine _engine = new(At(0)) { DatabaseCounter = 100 };
    private readonly List<FailoverEffect> _effects = [];
    private readonly Dictionary<string, long> _beats = [];
    private readonly Dictionary<string, View> _marks = [];
    private long _now;

    /// <summary>Whoever holds the lease keeps it, under an epoch and a view above all that may have been given.</summary>
    [Fact]
    public void The_holder_of_a_lost_epoch_goes_on_under_a_much_higher_one()
    {
        Load("b", epoch: 5);
        Beat("a", 100, new() { Holding = Holds(9, view: 7) });
        Only<RecordHistory>(r => r.Kind == "OlderDatabaseFound").Message.ShouldContain("a knows epoch 9, the database only 5");
        Only<SendAnswer>().Answer.Renewals.ShouldBeEmpty("nobody is renewed under an epoch that the database does not know");
        Only<SendAnswer>().Answer.Revocations.ShouldBeEmpty("and nobody's lease is taken away");
        Beat("a", 300, new() { Holding = Holds(9, view: 7) });

        // What its lost view may have been is stored before the epoch is: the other member, for as long as any lease may last.
        var feared = StoreNext();
        (feared.Version, feared.Length).ShouldBe((Next + 1, GroupTiming.Default.SoloTtl));
        feared.Members.ShouldBe(["a", "b"]);
        StoreNext().Length.ShouldBe(GroupTiming.Default.Ttl);
        var commit = Only<CommitPromotion>();
        (commit.Owner, commit.ExpectedEpoch, commit.Epoch).ShouldBe(("a", 5, Next));
        commit.Reason.ShouldContain("a holds the lease of epoch 9 and keeps it");

        Handle(340, new PromotionSettled(new("web", "a", Next)));
        Only<SendPromote>().Epoch.ShouldBe(Next);
        Beat("a", 600, new() { Holding = Holds(Next, view: 7) });
        Only<SendAnswer>().Answer.Renewals.Single().View.Version.ShouldBe(Next + 2);
        _effects.OfType<ConfirmView>().ShouldBeEmpty("the view that it acts under is not in the database");
    }

    /// <summary>C1, C4: until the owner has confirmed the new view, a later leader fears the longest lease.</summary>
    [Fact]
    public void A_later_leader_fears_the_views_that_were_lost()
    {
        var solo = GroupTiming.Default.SoloTtl;
        var later = new FailoverEngine(At(0));
        later.Handle(
            new GroupsLoaded([new StoredGroup(
                TestGroup.Pair("web"),
                new("web", "a", Next),
                1,
                [Leased(1), new View(Next, ["a", "b"], solo), Leased(Next + 1)])]),
            At(0),
            _effects);
        later.Report("web", At(0))!.LeaseLeft!.Value.ShouldBe(solo);
    }

    /// <summary>A lock keeps a group where it is: with the one that holds the lease, whatever the old records say.</summary>
    [Fact]
    public void A_lock_does_not_take_the_lease_away()
    {
        Load("b", epoch: 5, locked: true);
        Beat("a", 100, new() { Holding = Holds(9) });
        Beat("a", 300, new() { Holding = Holds(9) });
        _ = StoreNext();
        _ = StoreNext();
        Only<CommitPromotion>().Owner.ShouldBe("a");
    }

    /// <summary>Everybody has said that it holds nothing: whoever ranks first gets the next epoch, without a long wait.</summary>
    [Fact]
    public void When_everybody_is_heard_and_nobody_holds_a_lease_the_first_is_promoted()
    {
        Load("b", epoch: 5);
        BeatBoth(from: 100, to: 1_900, b: new() { Ended = 9 });
        var view = StoreNext();
        (view.Version, view.Length).ShouldBe((Next + 1, GroupTiming.Default.Ttl));
        var commit = Only<CommitPromotion>();
        (commit.Owner, commit.Epoch).ShouldBe(("a", Next));
    }

    /// <summary>C2: the lock keeps it with the last owner that anybody knows.</summary>
    [Fact]
    public void A_locked_group_goes_back_to_its_last_owner()
    {
        Load("a", epoch: 5, locked: true);
        BeatBoth(from: 100, to: 1_900, b: new() { Ended = 9 });
        _ = StoreNext();
        Only<CommitPromotion>().Owner.ShouldBe("b");
    }

    /// <summary>C2: when nobody knows a later owner, the database's is the last one.</summary>
    [Fact]
    public void A_locked_group_of_which_only_renewals_were_lost_stays_with_its_owner()
    {
        Load("b", epoch: 5, locked: true);
        BeatBoth(from: 100, to: 1_900, b: new() { Ended = 5, Counter = 5000 });
        _ = StoreNext();
        Only<CommitPromotion>().Owner.ShouldBe("b");
    }

    /// <summary>The next leader goes on from the views, which are stored before the epoch is.</summary>
    [Fact]
    public void A_restore_that_was_found_and_not_settled_is_found_again()
    {
        var later = new FailoverEngine(At(0));
        later.Handle(
            new GroupsLoaded([new StoredGroup(TestGroup.Pair("web"), new("web", "b", 5), 1, [Leased(1), Leased(Next)])]), At(0), _effects);
        Only<RecordHistory>().Message.ShouldContain("as the control plane before this one has found");
        later.Report("web", At(0))!.Phase.ShouldBe(GroupPhase.Waiting);
    }

    /// <summary>Who has told of the restore may be away when the next leader comes, before anything is settled.</summary>
    [Fact]
    public void What_was_found_is_written_down_at_once()
    {
        Load("b", epoch: 5);
        Beat("a", 100, new() { Counter = 5000 });
        var mark = _marks["web"];
        (mark.Version, mark.Length).ShouldBe((Next, GroupTiming.Default.Ttl));
        mark.Members.ShouldBe(["a", "b"]);
        var later = new FailoverEngine(At(0));
        later.Handle(
            new GroupsLoaded([new StoredGroup(TestGroup.Pair("web"), new("web", "b", 5), 1, [Leased(1), mark])]), At(0), _effects);
        later.Report("web", At(0))!.Phase.ShouldBe(GroupPhase.Waiting);
    }

    /// <summary>S2: a member that has lost its disk is told to promise nobody anything that came before, and can be promoted then.</summary>
    [Fact]
    public void A_member_without_its_disk_is_told_to_have_sealed_everything()
    {
        Load("a", epoch: 5, locked: true);
        Beat("b", 100, new() { Counter = 5000 });
        Beat("a", 200, new() { Counter = 5000, Untold = "web" });
        Only<SendAnswer>().Answer.Told.ShouldBe([new EpochTold("web", 0, Next - 1, GroupTiming.Default.Ttl)]);
        for (var at = 300L; at <= 1_900 && _effects.OfType<StoreView>().FirstOrDefault() is null; at += 200)
        {
            Beat("b", at, new() { Counter = 5000 });
            if (_effects.OfType<StoreView>().Any())
                break;
            Beat("a", at + 50, new() { Counter = 5000, Seal = new Seal("web", Next - 1, TimeSpan.FromDays(-1)) });
        }
        _ = StoreNext();
        var commit = Only<CommitPromotion>();
        (commit.Owner, commit.Epoch).ShouldBe(("a", Next));
    }

    /// <summary>A seal that another leader has asked for says that the epoch after it may have been given.</summary>
    [Fact]
    public void A_seal_for_an_earlier_leader_counts_as_the_epoch_that_follows()
    {
        Load("b", epoch: 5);
        BeatBoth(from: 100, to: 1_900, b: new() { Ended = 5, Seal = new Seal("web", Next - 1, TimeSpan.FromDays(-1)) });
        _ = StoreNext();
        Only<CommitPromotion>().Epoch.ShouldBe(2 * Next);
    }

    /// <summary>A member that has not been heard may hold a lease of which the records are lost: the longest that there is.</summary>
    [Fact]
    public void A_member_that_is_not_heard_is_feared_for_the_longest_lease()
    {
        Load("b", epoch: 5);
        var over = (long)(GroupTiming.Default.SoloTtl * 1.01).TotalMilliseconds + 200;
        for (var at = 100L; at < over; at += 500)
        {
            Beat("b", at, new() { Ended = 9 });
            _effects.ShouldNotContain(e => e is CommitPromotion || e is StoreView || e is SendSealAsked);
        }
        _engine.Report("web", At(over - 1000))!.Obstacle.ShouldContain("a may hold a lease that the database has lost");

        // C4: and b must have sealed everything below the next epoch, or it might have promised a to go on.
        Beat("b", over + 100, new() { Ended = 9 });
        Only<SendSealAsked>().Epoch.ShouldBe(Next - 1);
        Beat("b", over + 400, new() { Ended = 9 });
        _effects.OfType<StoreView>().ShouldBeEmpty();
        Beat("b", over + 700, new() { Ended = 9, Seal = new Seal("web", Next - 1, TimeSpan.FromMilliseconds(-8000)) });
        _ = StoreNext();
        var commit = Only<CommitPromotion>();
        (commit.Owner, commit.Epoch).ShouldBe(("b", Next));
    }

    /// <summary>F4: an owner that somebody vouches for is waited for, whatever the records say.</summary>
    [Fact]
    public void An_owner_that_is_vouched_for_is_not_replaced()
    {
        Load("b", epoch: 5);
        var over = (long)(GroupTiming.Default.SoloTtl * 1.01).TotalMilliseconds + 200;
        for (var at = 100L; at < over + 5_000; at += 500)
        {
            Beat("b", at, new() { Promise = new GivenPromise("web", 9, TimeSpan.FromMilliseconds(1500)) });
            _effects.ShouldNotContain(e => e is CommitPromotion || e is StoreView || e is SendSealAsked);
        }
    }

    /// <summary>W7: its lease is over, and its shims are killing right now.</summary>
    [Fact]
    public void A_member_that_is_still_stopping_its_programs_is_waited_for()
    {
        Load("b", epoch: 5);
        Beat("b", 100, new() { Ended = 5, Counter = 5000 });
        for (var at = 200L; at < 4_000; at += 200)
        {
            Beat("a", at, new() { Ending = 9 });
            Beat("b", at + 10, new() { Ended = 5 });
            _effects.ShouldNotContain(e => e is CommitPromotion || e is StoreView);
        }
        Beat("a", 4_000, new() { Ended = 9 });
        _ = StoreNext();
        Only<CommitPromotion>().Epoch.ShouldBe(Next);
    }

    /// <summary>A holder that hears nothing is looked at again when its lease is over, not over and over until then.</summary>
    [Fact]
    public void A_holder_that_does_not_hear_is_looked_at_again_when_its_lease_is_over()
    {
        Handle(0, new GroupsLoaded([new StoredGroup(TestGroup.Pair("web"), new("web", "a", 5), 1, [Leased(1), Leased(2)])]));
        Attach("a", "b");
        Beat("b", 100, new() { Ended = 4, Counter = 5000 });
        Beat("a", 1_000, new() { Holding = Holds(9) });
        Handle(1_100, new StreamDetached("a", 'a'));
        Handle(1_100, new ViewConfirmed("web", 2));
        Handle(1_600, new LeaderTimePassed());
        _engine.Report("web", At(1_600))!.Obstacle.ShouldContain("a holds a lease and does not hear the control plane yet");
        _engine.NextWake.ShouldBeGreaterThan(At(1_600));
    }

    /// <summary>Two that are not heard could vouch for each other.</summary>
    [Fact]
    public void Two_that_are_not_heard_are_waited_for()
    {
        var three = TestGroup.Pair("web") with { Members = [new("a", 120), new("b", 110), new("c", 100)] };
        Handle(0, new GroupsLoaded([new StoredGroup(three, new("web", "b", 5), 1, [Leased(1)])]));
        Attach("a", "b", "c");
        var over = (long)(GroupTiming.Default.SoloTtl * 1.01).TotalMilliseconds + 200;
        for (var at = 100L; at < over + 5_000; at += 500)
        {
            Beat("b", at, new() { Ended = 9, Seal = new Seal("web", Next - 1, TimeSpan.FromDays(-1)) });
            _effects.ShouldNotContain(e => e is CommitPromotion || e is StoreView);
        }
        _engine.Report("web", At(over + 5_000))!.Obstacle.ShouldContain("has not confirmed that it promises");
    }

    /// <summary>A view that the database lacks is a sign as well, at the same epoch.</summary>
    [Fact]
    public void An_owner_that_acts_under_an_unknown_view_gets_a_higher_one()
    {
        Load("a", epoch: 5);
        Beat("a", 100, new() { Holding = Holds(5, view: 8) });
        Only<RecordHistory>(r => r.Kind == "OlderDatabaseFound").Message.ShouldContain("a acts under view 8, the database knows only 1");
        Beat("a", 300, new() { Holding = Holds(5, view: 8) });
        StoreNext().Version.ShouldBe(Next + 1);
        StoreNext().Version.ShouldBe(Next + 2);
        Only<CommitPromotion>().Epoch.ShouldBe(Next);
    }

    /// <summary>Renewals that an agent has heard of and the database lacks: everything may be lost, of every group.</summary>
    [Fact]
    public void Lost_renewals_put_every_group_in_doubt()
    {
        Load("b", epoch: 5);
        Beat("a", 100, new() { Counter = 5000 });
        var said = Only<RecordHistory>(r => r.Kind == "OlderDatabaseFound");
        (said.Group, said.Host).ShouldBe(("", "a"));
        said.Message.ShouldContain("renewal 5000 of the leadership, the database knows only 100");
        Only<SendAnswer>().Answer.DatabaseCounter.ShouldBe(5000, "a later leader must hear of it too, until everything is settled");
        // b owns the group by the database, and may act under views that are lost.
        for (var at = 300; at < 9_000; at += 200)
        {
            Beat("a", at, new() { Counter = 5000 });
            _effects.ShouldNotContain(e => e is CommitPromotion || e is StoreView);
        }
        Beat("b", 9_000, new() { Holding = Holds(5) });
        Beat("b", 9_200, new() { Holding = Holds(5) });
        _ = StoreNext();
        _ = StoreNext();
        Only<CommitPromotion>().Owner.ShouldBe("b");
        Handle(9_300, new PromotionSettled(new("web", "b", Next)));
        _engine.CounterFloor.ShouldBe(Next, "the next restore must show to whoever hears of this counter, whatever group he knows of");
        Beat("a", 9_400, new() { Counter = 5000 });
        Only<SendAnswer>().Answer.DatabaseCounter.ShouldBe(5000, "the counter has not been raised yet");
        _engine.DatabaseCounter = Next;
        _engine.CounterFloor.ShouldBe(0);
        Beat("a", 9_600, new() { Counter = 5000 });
        Only<SendAnswer>().Answer.DatabaseCounter.ShouldBe(Next);
        _effects.OfType<RecordHistory>().ShouldNotContain(r => r.Kind == "OlderDatabaseFound");
    }

    /// <summary>The backup is older than an earlier restore, and nobody that is heard knows which epoch this group got then.</summary>
    [Fact]
    public void The_counter_keeps_an_epoch_of_an_earlier_restore_from_coming_again()
    {
        Load("b", epoch: 5);
        Beat("a", 100, new() { Ended = 4, Counter = Next + 7 });
        BeatBoth(from: 300, to: 3_000, b: new() { Holding = Holds(5), Counter = Next + 7 });
        _ = StoreNext();
        _ = StoreNext();
        Only<CommitPromotion>().Epoch.ShouldBe(2 * Next);
    }

    /// <summary>Groups that are registered while others are in doubt were lost with the rest, as far as anybody knows.</summary>
    [Fact]
    public void A_group_that_is_registered_again_is_in_doubt_like_the_others()
    {
        Load("b", epoch: 5);
        Beat("a", 100, new() { Counter = 5000 });
        var again = TestGroup.Pair("api");
        Handle(200, new GroupsLoaded([
            new StoredGroup(TestGroup.Pair("web"), new("web", "b", 5), 1, [Leased(1)]),
            new StoredGroup(again, new("api", null, 0), 0, [Leased(1)])]));
        BeatBoth(from: 300, to: 5_000, b: new() { Holding = Holds(5), Counter = 5000 });
        _engine.Report("api", At(_now))!.Phase.ShouldBe(GroupPhase.Waiting);
        _effects.OfType<CommitPromotion>().ShouldBeEmpty();
    }

    /// <summary>An operator is told why nothing can be moved now.</summary>
    [Fact]
    public void Nothing_is_moved_by_hand_meanwhile()
    {
        Load("b", epoch: 5);
        Beat("b", 100, new() { Ended = 9 });
        Handle(200, new SwitchoverAsked(1, "web", "a", "test", "op"));
        Only<SwitchoverEnded>().Error.ShouldContain("an older backup of the database was restored");
        _engine.Report("web", At(200))!.Phase.ShouldBe(GroupPhase.Waiting);
    }

    private static BootInstant At(long ms) => new(1_000_000_000_000 + (ms * 1_000_000));

    private static View Leased(long version) => new(version, ["a", "b"], GroupTiming.Default.Ttl);

    private static Holding Holds(long epoch, long view = 1) => new("web", epoch, view, TimeSpan.FromMilliseconds(1400));

    private void Load(string owner, long epoch, bool locked = false, string drained = "")
    {
        Handle(0, new GroupsLoaded(
            [new StoredGroup(TestGroup.Pair("web") with { Locked = locked }, new("web", owner, epoch), 1, [Leased(1)])])
        {
            Drained = drained.Length == 0 ? ImmutableDictionary<string, string>.Empty : ImmutableDictionary<string, string>.Empty.Add(drained, "drained"),
        });
        Attach("a", "b");
    }

    private void Attach(params string[] hosts)
    {
        foreach (var host in hosts)
            Handle(0, new StreamAttached(host, host[0], Instance(host)));
    }

    private static Guid Instance(string host) => new(host[0], 0, 0, new byte[8]);

    private void BeatBoth(long from, long to, Said b, Said? a = null)
    {
        for (var at = from; at <= to; at += 200)
        {
            Beat("b", at, b);
            if (_effects.OfType<StoreView>().Any())
                return;
            Beat("a", at, a ?? new());
            if (_effects.OfType<StoreView>().Any())
                return;
        }
    }

    private void Beat(string host, long at, Said said)
    {
        var seq = _beats.GetValueOrDefault(host) + 1;
        _beats[host] = seq;
        Handle(at, new HeartbeatReceived(host, host[0], new Heartbeat(
            Instance(host),
            seq,
            seq - 1,
            said.Holding is { } holding ? [holding] : [],
            said.Accepted > 0 ? [new("web", said.Accepted)] : [],
            said.Ended > 0 ? [new("web", said.Ended)] : [],
            TimeSpan.Zero)
        {
            Promises = said.Promise is { } promise ? [promise] : [],
            Seals = said.Seal is { } seal ? [seal] : [],
            DatabaseCounter = said.Counter,
            Untold = said.Untold.Length > 0 ? [said.Untold] : [],
            Ending = said.Ending > 0 ? [new("web", said.Ending)] : [],
        }));
    }

    private View StoreNext()
    {
        var view = Only<StoreView>().View;
        Handle(_now, new ViewStored("web", view));
        return view;
    }

    private void Handle(long at, FailoverEvent e)
    {
        _now = at;
        _effects.Clear();
        _engine.Handle(e, At(at), _effects);
        // What was found is written down before anything else; only one test looks at it.
        foreach (var mark in _effects.OfType<StoreView>().Where(s => s.View.Version % Next == 0 && _marks.TryAdd(s.Group, s.View)).ToArray())
        {
            _ = _effects.Remove(mark);
            _engine.Handle(new ViewStored(mark.Group, mark.View), At(at), _effects);
        }
    }

    private T Only<T>(Func<T, bool>? which = null)
        where T : FailoverEffect => _effects.OfType<T>().Single(which ?? (_ => true));

    private sealed record Said
    {
        public Holding? Holding { get; init; }

        public long Accepted { get; init; }

        public long Ended { get; init; }

        public long Ending { get; init; }

        public GivenPromise? Promise { get; init; }

        public Seal? Seal { get; init; }

        public long Counter { get; init; }

        public string Untold { get; init; } = "";
    }
}
