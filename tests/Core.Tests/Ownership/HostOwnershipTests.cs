using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>The agent's half, rule by rule; docs/ownership-protocol.md says what the rules are.</summary>
public sealed partial class HostOwnershipTests
{
    private static readonly Guid Me = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly View Leased = new(1, ["a", "b"], TimeSpan.FromMilliseconds(1500));
    private readonly HostOwnership _host = new(Me, At(0)) { Host = "a" };
    private readonly List<HostEffect> _effects = [];
    private long _heartbeat;

    /// <summary>L1, L3: the lease counts from before the send, however late the answer is.</summary>
    [Fact]
    public void A_lease_counts_from_before_the_heartbeat_was_sent()
    {
        BecomeOwner(at: 5000);
        var sent = Beat(5500);
        Handle(6200, Renewed(sent, epoch: 1, Leased));
        Last<ExtendLease>().Until.ShouldBe(At(7000));
        Last<WriteDeadline>().Until.ShouldBe(At(7000));
    }

    /// <summary>L2: an answer for another instance, or on an older stream, is not ours.</summary>
    [Fact]
    public void Answers_of_others_are_dropped()
    {
        BecomeOwner(at: 5000);
        var sent = Beat(5500);
        Handle(5510, new AnswerReceived(1, Answer(Guid.NewGuid(), sent, new Renewal("web", 1, Leased))));
        _effects.OfType<ExtendLease>().ShouldBeEmpty();
        Handle(5510, new AnswerReceived(77, Answer(Me, sent, new Renewal("web", 1, Leased))));
        _effects.OfType<ExtendLease>().ShouldBeEmpty();
    }

    /// <summary>C5: that it cannot run a group is said at once, and again until it can.</summary>
    [Fact]
    public void A_host_says_which_groups_it_cannot_run()
    {
        BecomeOwner(at: 5000);
        Handle(5100, new FitnessChanged("web", "web:db is FATAL there"));
        Last<SendHeartbeat>().Heartbeat.Unfit.ShouldBe([new UnfitGroup("web", "web:db is FATAL there")]);
        Handle(5500, new TimePassed());
        Last<SendHeartbeat>().Heartbeat.Unfit.ShouldHaveSingleItem();
        Handle(5600, new FitnessChanged("web", ""));
        Last<SendHeartbeat>().Heartbeat.Unfit.ShouldBeEmpty();
    }

    /// <summary>C5: what its checks add to its priority is said at once when it changes, and again with every heartbeat.</summary>
    [Fact]
    public void A_host_says_what_its_checks_add_to_its_priority()
    {
        BecomeOwner(at: 5000);
        Handle(5100, new WeightChanged("web", -20));
        Last<SendHeartbeat>().Heartbeat.Weights.ShouldBe([new GroupWeight("web", -20)]);
        Handle(5110, new WeightChanged("web", -20));
        _effects.OfType<SendHeartbeat>().ShouldBeEmpty("nothing is new");
        Handle(5500, new TimePassed());
        Last<SendHeartbeat>().Heartbeat.Weights.ShouldBe([new GroupWeight("web", -20)]);
        Handle(5600, new WeightChanged("web", 400));
        Last<SendHeartbeat>().Heartbeat.Weights.ShouldBe([new GroupWeight("web", 253)]);
        Handle(5700, new WeightChanged("web", 0));
        Last<SendHeartbeat>().Heartbeat.Weights.ShouldBeEmpty();
    }

    /// <summary>L4: under one version the end never moves back; a newer, shorter view moves it.</summary>
    [Fact]
    public void Only_a_newer_view_shortens_a_lease()
    {
        BecomeOwner(at: 5000);
        var first = Beat(5500);
        var second = Beat(5800);
        Handle(5900, Renewed(second, 1, Leased));
        Handle(5950, Renewed(first, 1, Leased));
        _effects.OfType<ExtendLease>().ShouldBeEmpty("an answer to an older heartbeat is dropped");

        var third = Beat(6100);
        Handle(6110, Renewed(third, 1, Leased with { Version = 2, Length = TimeSpan.FromMilliseconds(400) }));
        Last<ExtendLease>().Until.ShouldBe(At(6500));
        Handle(6120, new GroupPersisted(new DurableGroup("web", 1, 0, Leased with { Version = 2 })));
        var fourth = Beat(6430);
        Handle(6440, Renewed(fourth, 1, Leased));
        _effects.OfType<ExtendLease>().ShouldBeEmpty("an answer that names an older view is ignored");
    }

    /// <summary>L4: an agent that died before a longer view was on its disk resumes the longer lease; the next view ends it.</summary>
    [Fact]
    public void A_newer_view_also_shortens_a_lease_that_was_resumed()
    {
        Handle(5000, new GroupsConfigured([TestGroup.Pair("web")]));
        Handle(5000, new AgentStarted(
            [new DurableGroup("web", 1, 0, Leased)], [new RecordedDeadline("web", 1, At(10_000))], SameBoot: true));
        Handle(5000, new StreamOpened(1));
        var sent = Last<SendHeartbeat>().Heartbeat.Seq;
        Handle(5010, Renewed(sent, 1, Leased with { Version = 3 }));
        Last<ExtendLease>().Until.ShouldBe(At(6500));
    }

    /// <summary>W1, V1: a view is confirmed only after the deadline file and the disk know it.</summary>
    [Fact]
    public void A_view_is_confirmed_after_it_is_stored()
    {
        BecomeOwner(at: 5000);
        var newer = Leased with { Version = 2, Length = TimeSpan.FromSeconds(3) };
        var sent = Beat(5500);
        Handle(5510, Renewed(sent, 1, newer));
        _effects.OfType<WriteDeadline>().Single().View.ShouldBe(newer);
        Beat(5900);
        Last<SendHeartbeat>().Heartbeat.Holdings.Single().ViewVersion.ShouldBe(1);
        Handle(5910, new GroupPersisted(new DurableGroup("web", 1, 0, newer)));
        Last<SendHeartbeat>().Heartbeat.Holdings.Single().ViewVersion.ShouldBe(2);
    }

    /// <summary>L7, W7: a lease that ran out ends the epoch before a late answer is looked at.</summary>
    [Fact]
    public void A_late_answer_brings_no_lease_back()
    {
        BecomeOwner(at: 5000);
        var sent = Beat(5500);
        Handle(8000, Renewed(sent, 1, Leased));
        _effects.OfType<ExtendLease>().ShouldBeEmpty();
        Last<EndEpoch>().Epoch.ShouldBe(1);
        _host.MayAct("web", 1, At(8000)).ShouldBeFalse();
    }

    /// <summary>W1: shims may have killed what runs before the extension was written, so the epoch is over.</summary>
    [Fact]
    public void An_extension_that_was_written_too_late_ends_the_epoch()
    {
        BecomeOwner(at: 5000);
        var sent = Beat(5500);
        Handle(5510, Renewed(sent, 1, Leased));
        Handle(6900, new DeadlinePassed("web", 2));
        _effects.OfType<EndEpoch>().ShouldBeEmpty("that epoch is not this one");
        Handle(6900, new DeadlinePassed("web", 1));
        Last<EndEpoch>().Epoch.ShouldBe(1);
        _host.MayAct("web", 1, At(6900)).ShouldBeFalse();
    }

    /// <summary>W7: acts undone, then on disk, then Released, then in every heartbeat; never again afterwards.</summary>
    [Fact]
    public void An_epoch_ends_in_order_and_for_good()
    {
        BecomeOwner(at: 5000);
        Handle(9000, new TimePassed());
        Last<EndEpoch>().Group.ShouldBe("web");
        Handle(9005, new StreamOpened(1));
        var meanwhile = Last<SendHeartbeat>().Heartbeat;
        (meanwhile.Holdings.Length, meanwhile.Ending.Single(), meanwhile.Ended.Length).ShouldBe((0, new EpochOf("web", 1), 0));
        Handle(9010, new EpochActsEnded("web", 1));
        Last<PersistGroup>().Group.Ended.ShouldBe(1);
        _effects.OfType<SendReleased>().ShouldBeEmpty("nothing is said before it is on disk");
        Handle(9020, new GroupPersisted(new DurableGroup("web", 1, 1, Leased)));
        Last<SendReleased>().Epoch.ShouldBe(1);
        Last<SendHeartbeat>().Heartbeat.Ended.ShouldContain(new EpochOf("web", 1));
        Last<SendHeartbeat>().Heartbeat.Ending.ShouldBeEmpty();
        Handle(9030, new PromoteReceived(1, "web", 1, "again"));
        _effects.ShouldBeEmpty();
    }

    /// <summary>C7: a promotion grants nothing; the acceptance is on disk before it is told; then a lease, then acts.</summary>
    [Fact]
    public void A_promotion_grants_nothing()
    {
        Connect(5000);
        Handle(5000, new PromoteReceived(1, "web", 4, "b is dead"));
        Last<PersistGroup>().Group.Accepted.ShouldBe(4);
        Handle(5010, new GroupPersisted(new DurableGroup("web", 4, 0, View.None)));
        var heartbeat = Last<SendHeartbeat>().Heartbeat;
        heartbeat.Accepted.ShouldBe([new EpochOf("web", 4)]);
        heartbeat.Holdings.ShouldBeEmpty();
        _effects.OfType<Claim>().ShouldBeEmpty();
        Handle(5020, new AnswerReceived(1, Answer(Me, heartbeat.Seq, new Renewal("web", 4, Leased))));
        Last<Claim>().Until.ShouldBe(At(6510));
    }

    /// <summary>C9: the lease is kept while the programs stop; a request that came too late is void.</summary>
    [Fact]
    public void A_release_keeps_the_lease_until_the_programs_have_stopped()
    {
        BecomeOwner(at: 5000);
        var sent = Beat(5500);
        Handle(5510, new AnswerReceived(1, new HeartbeatAnswer(
            Me, sent, [new Renewal("web", 1, Leased)], [], [new ReleaseRequest("web", 1, "maintenance")])));
        Last<StopPrograms>().Reason.ShouldBe("maintenance");
        var next = Beat(5900);
        Handle(5910, Renewed(next, 1, Leased));
        Last<ExtendLease>().Until.ShouldBe(At(7400));
        Handle(6000, new ProgramsStopped("web", 1));
        Last<EndEpoch>().Epoch.ShouldBe(1);
    }

    /// <summary>S1: a restarted agent resumes what has not run out, ends what has, and waits before it is promoted.</summary>
    [Fact]
    public void A_restarted_agent_resumes_or_ends()
    {
        var disk = new DurableGroup("web", 3, 2, Leased);
        Handle(1000, new AgentStarted([disk], [new RecordedDeadline("web", 3, At(2000))], SameBoot: true));
        Last<ResumeOwnership>().Until.ShouldBe(At(2000));

        var late = new HostOwnership(Me, At(0)) { Host = "a" };
        late.Handle(new AgentStarted([disk], [new RecordedDeadline("web", 3, At(900))], true), At(1000), _effects);
        Last<EndEpoch>().Epoch.ShouldBe(3);
    }

    /// <summary>S1: what an earlier instance may have promised is over before a promotion is accepted.</summary>
    [Fact]
    public void No_promotion_is_accepted_in_the_start_grace()
    {
        Connect(100);
        Last<SendHeartbeat>().Heartbeat.PromotionGraceLeft.ShouldBe(TimeSpan.FromMilliseconds(1600));
        Handle(1500, new StreamOpened(1));
        Handle(1600, new PromoteReceived(1, "web", 1, "first owner"));
        _effects.OfType<PersistGroup>().ShouldBeEmpty();
        Handle(1700, new PromoteReceived(1, "web", 1, "first owner"));
        _effects.OfType<PersistGroup>().ShouldNotBeEmpty();
    }

    /// <summary>S2, W7: a boot ends every epoch that was accepted under a lease; L6: without one it simply runs.</summary>
    [Fact]
    public void A_boot_ends_leased_epochs_only()
    {
        Handle(1000, new AgentStarted([new DurableGroup("web", 3, 2, Leased)], [], SameBoot: false));
        Last<PersistGroup>().Group.Ended.ShouldBe(3);

        var alone = new HostOwnership(Me, At(0)) { Host = "a" };
        alone.Handle(
            new AgentStarted([new DurableGroup("solo", 1, 0, new View(1, ["a"], null))], [], false), At(1000), _effects);
        Last<ResumeOwnership>().Until.ShouldBe(BootInstant.Never);
        alone.MayAct("solo", 1, At(1_000_000_000)).ShouldBeTrue();
    }

    /// <summary>W6: after a suspend the gate is shut before anything else.</summary>
    [Fact]
    public void A_suspend_shuts_the_gate_first()
    {
        BecomeOwner(at: 5000);
        Handle(5300, new MachineSlept());
        _effects[0].ShouldBe(new ShutGate("web"));
    }

    /// <summary>F1, F3: an owner that is not answered asks the others from half of its lease on, and their promises are worth a lease
    /// that counts from before it asked.</summary>
    [Fact]
    public void Promises_of_all_members_extend_a_lease()
    {
        BecomeOwner(at: 5000);
        Handle(5740, new TimePassed());
        _effects.OfType<AskPeer>().ShouldBeEmpty();
        _host.NextWake.ShouldBe(At(5750));
        Handle(5750, new TimePassed());
        var ask = Last<AskPeer>();
        ask.Host.ShouldBe("b");
        ask.Pings.Single().ShouldBe(new PeerPing("web", 1, 1, 1, Me, TimeSpan.FromMilliseconds(1500)));
        Handle(5760, new PromiseReceived("b", Given(ask.Pings.Single()) with { Instance = Guid.NewGuid() }));
        _effects.OfType<ExtendLease>().ShouldBeEmpty("L2: it was another instance's");
        Handle(5770, new PromiseReceived("c", Given(ask.Pings.Single())));
        _effects.OfType<ExtendLease>().ShouldBeEmpty("c is no member of the view");
        Handle(5780, new PromiseReceived("b", Given(ask.Pings.Single()) with { Ttl = TimeSpan.Zero, Refusal = "it has sealed epoch 1" }));
        _effects.OfType<ExtendLease>().ShouldBeEmpty();
        Handle(5790, new PromiseReceived("b", Given(ask.Pings.Single())));
        Last<ExtendLease>().Until.ShouldBe(At(7250));
        Last<WriteDeadline>().Until.ShouldBe(At(7250));
        Last<ReportEvent>().Kind.ShouldBe("LeaseVouched");
        Handle(6050, new TimePassed());
        Last<AskPeer>().Pings.Single().Seq.ShouldBe(2, "in the rhythm of the heartbeats");
        Handle(7250, new PromiseReceived("b", Given(Last<AskPeer>().Pings.Single())));
        Last<EndEpoch>().Reason.ShouldBe("the lease ran out", "a promise that comes too late brings nothing back");
    }

    /// <summary>F1, L6: an owner without others asks nobody and fences itself when its lease is over.</summary>
    [Fact]
    public void An_owner_without_others_asks_nobody()
    {
        BecomeOwner(at: 5000, new View(1, ["a"], TimeSpan.FromMinutes(10)));
        Handle(604_999, new TimePassed());
        _effects.OfType<AskPeer>().ShouldBeEmpty();
        Handle(605_000, new TimePassed());
        Last<EndEpoch>().Reason.ShouldBe("the lease ran out");
    }

    /// <summary>F2, C4, C7: what a member has promised, sealed or accepted decides what it answers, and what it may become.</summary>
    [Fact]
    public void A_member_promises_until_it_has_sealed()
    {
        Connect(5000);
        var ping = new PeerPing("web", 3, 1, 1, Guid.NewGuid(), TimeSpan.FromMilliseconds(1500));
        Handle(5010, new PingReceived(7, "b", ping));
        Last<AnswerPing>().ShouldBe(new AnswerPing(7, Given(ping)));
        Last<SendHeartbeat>().Heartbeat.Promises.ShouldBe([new GivenPromise("web", 3, TimeSpan.FromMilliseconds(1500))], "F4, at once");
        Handle(5020, new PingReceived(8, "b", ping with { Epoch = 2 }));
        Last<AnswerPing>().Promise.Refusal.ShouldBe("it has promised to the owner of epoch 3");
        Handle(5030, new PingReceived(9, "b", ping with { Ttl = TimeSpan.FromSeconds(2) }));
        Last<AnswerPing>().Promise.Refusal.ShouldStartWith("it has not stored yet");

        Handle(5100, new SealAsked(1, "web", 3));
        Last<PersistGroup>().Group.Sealed.ShouldBe(3);
        _effects.OfType<SendHeartbeat>().ShouldBeEmpty("it is not on disk");
        Handle(5105, new PingReceived(10, "b", ping));
        Last<AnswerPing>().Promise.Refusal.ShouldBe("it has sealed epoch 3");
        Handle(5110, new GroupPersisted(new DurableGroup("web", 0, 0, View.None, 3, TimeSpan.FromMilliseconds(1500))));
        Last<SendHeartbeat>().Heartbeat.Seals.ShouldBe([new Seal("web", 3, TimeSpan.FromMilliseconds(1400))]);

        Handle(5200, new PromoteReceived(1, "web", 3, "too old"));
        _effects.OfType<PersistGroup>().ShouldBeEmpty();
        Handle(5200, new PromoteReceived(1, "web", 4, "b is gone"));
        _effects.OfType<PersistGroup>().ShouldBeEmpty("its own promise runs");
        Handle(5300, new PromoteReceived(1, "web", 4, "b has ended", FormerIsOver: true));
        Last<PersistGroup>().Group.Accepted.ShouldBe(4);
        Handle(5310, new PingReceived(11, "b", ping with { Epoch = 4 }));
        Last<AnswerPing>().Promise.Refusal.ShouldBe("it has accepted epoch 4");
    }

    /// <summary>C8: the owner goes on under a later epoch when that is on disk, and stops nothing.</summary>
    [Fact]
    public void An_owner_goes_on_under_a_later_epoch()
    {
        BecomeOwner(at: 5000);
        Handle(5100, new PromoteReceived(1, "web", 2, "b has sealed epoch 1"));
        Last<PersistGroup>().Group.ShouldBe(new DurableGroup("web", 2, 0, Leased, 0, TimeSpan.FromMilliseconds(1500)));
        _host.MayAct("web", 1, At(5100)).ShouldBeTrue();
        Handle(5110, new GroupPersisted(new DurableGroup("web", 2, 0, Leased, 0, TimeSpan.FromMilliseconds(1500))));
        Last<RaiseEpoch>().ShouldBe(new RaiseEpoch("web", 1, 2));
        _effects.OfType<EndEpoch>().ShouldBeEmpty();
        Last<SendHeartbeat>().Heartbeat.Holdings.Single().Epoch.ShouldBe(2);
    }

    /// <summary>S2: a host with nothing on its disk promises nothing and is not promoted before it was told the epochs.</summary>
    [Fact]
    public void A_host_without_its_disk_promises_nothing()
    {
        Handle(5000, new GroupsConfigured([TestGroup.Pair("web")]));
        Handle(5000, new AgentStarted([], [], SameBoot: false));
        Handle(5000, new StreamOpened(1));
        var heartbeat = Last<SendHeartbeat>().Heartbeat;
        heartbeat.Untold.ShouldBe(["web"]);
        Handle(5010, new PingReceived(7, "b", new PeerPing("web", 3, 1, 1, Guid.NewGuid(), TimeSpan.FromMilliseconds(1500))));
        Last<AnswerPing>().Promise.Refusal.ShouldContain("lost its state");
        Handle(5020, new PromoteReceived(1, "web", 4, "b is gone"));
        _effects.OfType<PersistGroup>().ShouldBeEmpty();
        Handle(5030, new AnswerReceived(1, new HeartbeatAnswer(Me, heartbeat.Seq, [], [], []) { Told = [new EpochTold("web", 0, 3, TimeSpan.FromSeconds(10))] }));
        var told = Last<PersistGroup>().Group;
        told.ShouldBe(new DurableGroup("web", 0, 0, View.None, 3, TimeSpan.FromSeconds(10)), "it may have promised that before");
        Handle(5040, new GroupPersisted(told));
        Last<SendHeartbeat>().Heartbeat.Seals.ShouldBe([new Seal("web", 3, TimeSpan.FromMilliseconds(4960))], "10 s after the start");
        Last<SendHeartbeat>().Heartbeat.Untold.ShouldBeEmpty();
    }

    /// <summary>A host that hears of its first group has just begun to wait for a second.</summary>
    [Theory]
    [InlineData(5050, 5350)]
    [InlineData(5950, 6000)]
    public void Shorter_times_bring_the_next_heartbeat_nearer_and_make_no_answer_late(long configured, long due)
    {
        Handle(5000, new AgentStarted([], [], SameBoot: true));
        Handle(5000, new StreamOpened(1));
        var first = Last<SendHeartbeat>().Heartbeat.Seq;
        Handle(5010, new AnswerReceived(1, new HeartbeatAnswer(Me, first, [], [], [])));

        Handle(configured, new GroupsConfigured([TestGroup.Pair("web")]));

        _effects.OfType<Redial>().ShouldBeEmpty("an answer to a heartbeat that was not sent is not overdue");
        Handle(due, new TimePassed());
        Last<SendHeartbeat>().Heartbeat.Seq.ShouldBe(first + 1);
        Handle(due + 300, new TimePassed());
        _effects.OfType<Redial>().ShouldBeEmpty();
    }

    private static PeerPromise Given(PeerPing ping) => new(ping.Group, ping.Epoch, ping.Seq, ping.Instance, ping.Ttl, "");

    private static BootInstant At(long ms) => new(1_000_000_000_000 + (ms * 1_000_000));

    private static HeartbeatAnswer Answer(Guid instance, long seq, Renewal renewal) => new(instance, seq, [renewal], [], []);

    private static AnswerReceived Renewed(long seq, long epoch, View view) =>
        new(1, Answer(Me, seq, new Renewal("web", epoch, view)));

    private void Connect(long at)
    {
        Handle(at, new GroupsConfigured([TestGroup.Pair("web")]));
        Handle(at, new AgentStarted(
            [new DurableGroup("web", 0, 0, View.None, Promised: TimeSpan.FromMilliseconds(1500))], [], SameBoot: true));
        Handle(at, new StreamOpened(1));
    }

    private void BecomeOwner(long at) => BecomeOwner(at, Leased);

    private void BecomeOwner(long at, View view)
    {
        Connect(at);
        Handle(at, new PromoteReceived(1, "web", 1, "first owner"));
        Handle(at, new GroupPersisted(new DurableGroup("web", 1, 0, View.None)));
        var seq = Last<SendHeartbeat>().Heartbeat.Seq;
        Handle(at, Renewed(seq, 1, view));
        Handle(at, new GroupPersisted(new DurableGroup("web", 1, 0, view)));
    }

    /// <summary>Lets time pass until a heartbeat is due at <paramref name="at"/>, and says its number.</summary>
    private long Beat(long at)
    {
        Handle(at, new TimePassed());
        _heartbeat = Last<SendHeartbeat>().Heartbeat.Seq;
        return _heartbeat;
    }

    private void Handle(long at, HostEvent e)
    {
        _effects.Clear();
        _host.Handle(e, At(at), _effects);
    }

    private T Last<T>()
        where T : HostEffect => _effects.OfType<T>().Last();
}
