using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <content>What is left of a host, or of the control plane, after something was lost: a disk, a lease, a database (rules S2, S4, C4).</content>
public sealed partial class HostOwnershipTests
{
    /// <summary>C4, F2: times that become short and long again while the disk is slow: what is on it in the end must allow the long promise.</summary>
    [Fact]
    public void A_lease_that_becomes_short_and_long_again_can_be_promised()
    {
        Connect(5000);
        var pair = TestGroup.Pair("web");
        Handle(5100, new GroupsConfigured([pair with { Timing = GroupTiming.Fast }]));
        Handle(5110, new SealAsked(1, "web", 2));
        var shortly = Last<PersistGroup>().Group;
        shortly.Promised.ShouldBe(TimeSpan.FromMilliseconds(400));
        Handle(5120, new GroupsConfigured([pair]));
        var again = Last<PersistGroup>().Group;
        again.Promised.ShouldBe(TimeSpan.FromMilliseconds(1500));
        Handle(5130, new GroupPersisted(shortly));
        Handle(5140, new GroupPersisted(again));
        Handle(5150, new PingReceived(7, "b", new PeerPing("web", 3, 1, 1, Guid.NewGuid(), TimeSpan.FromMilliseconds(1500))));
        Last<AnswerPing>().Promise.IsGiven.ShouldBeTrue();
    }

    /// <summary>C4, F2: the agent died after its configuration was stored and before its state was: what it may promise is longer than it says.</summary>
    [Fact]
    public void A_lease_that_became_longer_while_the_agent_was_away_can_be_promised()
    {
        Handle(5000, new GroupsConfigured([TestGroup.Pair("web")]));
        Handle(5000, new AgentStarted([new DurableGroup("web", 0, 0, Leased, Promised: TimeSpan.FromMilliseconds(400))], [], SameBoot: true));
        var stored = Last<PersistGroup>().Group;
        stored.Promised.ShouldBe(TimeSpan.FromMilliseconds(1500));
        Handle(5010, new GroupPersisted(stored));
        Handle(5020, new PingReceived(7, "b", new PeerPing("web", 3, 1, 1, Guid.NewGuid(), TimeSpan.FromMilliseconds(1500))));
        Last<AnswerPing>().Promise.IsGiven.ShouldBeTrue();
    }

    /// <summary>S2, F2: the times are changed while the host writes down what it has been told.</summary>
    [Fact]
    public void A_lease_that_becomes_longer_while_a_new_disk_is_written_can_be_promised()
    {
        var pair = TestGroup.Pair("web");
        Handle(5000, new GroupsConfigured([pair with { Timing = GroupTiming.Fast }]));
        Handle(5000, new AgentStarted([], [], SameBoot: true));
        Handle(5000, new StreamOpened(1));
        var seq = Last<SendHeartbeat>().Heartbeat.Seq;
        Handle(5030, new AnswerReceived(1, new HeartbeatAnswer(Me, seq, [], [], []) { Told = [new EpochTold("web", 0, 2, TimeSpan.FromMilliseconds(400))] }));
        var told = Last<PersistGroup>().Group;
        Handle(5040, new GroupsConfigured([pair]));
        _effects.Clear();
        Handle(5050, new GroupPersisted(told));
        Handle(5060, new GroupPersisted(Last<PersistGroup>().Group));
        Handle(5070, new PingReceived(7, "b", new PeerPing("web", 3, 1, 1, Guid.NewGuid(), TimeSpan.FromMilliseconds(1500))));
        Last<AnswerPing>().Promise.Refusal.ShouldBe("");
    }

    /// <summary>S2, W7: its shims may be killing the programs right now. Their end is waited for before the epoch counts as over.</summary>
    [Fact]
    public void A_host_without_its_disk_undoes_what_its_lapsed_lease_has_left()
    {
        Handle(5000, new GroupsConfigured([TestGroup.Pair("web")]));
        Handle(5000, new AgentStarted([], [new RecordedDeadline("web", 3, At(4990))], SameBoot: true));
        Last<EndEpoch>().Epoch.ShouldBe(3);
        Handle(5000, new StreamOpened(1));
        var heartbeat = Last<SendHeartbeat>().Heartbeat;
        Handle(5010, new AnswerReceived(1, new HeartbeatAnswer(Me, heartbeat.Seq, [], [], []) { Told = [new EpochTold("web", 3, 3, TimeSpan.Zero)] }));
        _effects.OfType<PersistGroup>().ShouldBeEmpty("its programs may still run");

        Handle(5040, new EpochActsEnded("web", 3));
        _effects.OfType<PersistGroup>().ShouldBeEmpty("it does not know what it has sealed");
        var next = Beat(5310);
        Last<SendHeartbeat>().Heartbeat.Untold.ShouldBe(["web"]);
        Last<SendHeartbeat>().Heartbeat.Ended.ShouldBeEmpty();
        Handle(5320, new AnswerReceived(1, new HeartbeatAnswer(Me, next, [], [], []) { Told = [new EpochTold("web", 3, 4, TimeSpan.Zero)] }));
        Handle(5330, new GroupPersisted(Last<PersistGroup>().Group));
        Last<SendHeartbeat>().Heartbeat.Ended.ShouldBe([new EpochOf("web", 3)]);
        Last<SendHeartbeat>().Heartbeat.Seals.Single().UpTo.ShouldBe(4);
    }

    /// <summary>S4: a restored database may have lost the newest views. A first lease is under what the control plane has, however old.</summary>
    [Fact]
    public void A_first_lease_is_under_the_view_that_the_database_has()
    {
        var remembered = Leased with { Version = 9, Length = TimeSpan.FromSeconds(600) };
        Handle(8000, new GroupsConfigured([TestGroup.Pair("web")]));
        Handle(8000, new AgentStarted([new DurableGroup("web", 4, 4, remembered, Promised: TimeSpan.FromMilliseconds(1500))], [], SameBoot: true));
        Handle(8000, new StreamOpened(1));
        Handle(8000, new PromoteReceived(1, "web", 5, "b is gone"));
        Handle(8010, new GroupPersisted(new DurableGroup("web", 5, 4, remembered)));
        var seq = Last<SendHeartbeat>().Heartbeat.Seq;
        Handle(8020, Renewed(seq, 5, Leased));
        Last<Claim>().Until.ShouldBe(At(9510));
        Last<PersistGroup>().Group.View.ShouldBe(Leased);
        Handle(8025, new GroupPersisted(new DurableGroup("web", 5, 4, remembered)));
        Beat(8320);
        Last<SendHeartbeat>().Heartbeat.Holdings.Single().ViewVersion.ShouldBe(9, "what was written before says nothing about this view");
        Handle(8330, new GroupPersisted(new DurableGroup("web", 5, 4, Leased)));
        Last<SendHeartbeat>().Heartbeat.Holdings.Single().ViewVersion.ShouldBe(1);
    }

    /// <summary>S4: what the last answer said of the database is told to whoever leads next.</summary>
    [Fact]
    public void The_next_control_plane_hears_what_the_last_one_said_of_the_database()
    {
        Connect(5000);
        Last<SendHeartbeat>().Heartbeat.DatabaseCounter.ShouldBe(0);
        var seq = Last<SendHeartbeat>().Heartbeat.Seq;
        Handle(5010, new AnswerReceived(1, new HeartbeatAnswer(Me, seq, [], [], []) { DatabaseCounter = 77 }));
        Handle(5020, new StreamClosed(1));
        Handle(5030, new StreamOpened(2));
        Last<SendHeartbeat>().Heartbeat.DatabaseCounter.ShouldBe(77);
    }

    /// <summary>F2: a group that this host has never heard of leaves nothing behind, however often it is asked for.</summary>
    [Fact]
    public void A_ping_for_an_unknown_group_is_refused_and_forgotten()
    {
        Connect(5000);
        Handle(5010, new PingReceived(7, "b", new PeerPing("stranger", 3, 1, 1, Guid.NewGuid(), TimeSpan.FromMilliseconds(1500))));
        Last<AnswerPing>().Promise.Refusal.ShouldBe("it is no member of the group");
        Handle(5020, new SealAsked(1, "stranger", 3));
        Handle(5030, new PromiseReceived("b", new PeerPromise("stranger", 3, 1, Me, TimeSpan.Zero, "no")));
        _host.KnownGroups.ShouldBe(["web"]);
    }
}
