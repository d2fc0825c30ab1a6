using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rules C5 and C9: an operator wants a host to own nothing.</summary>
public sealed class DrainTests
{
    private readonly List<FailoverEffect> _effects = [];
    private readonly FailoverEngine _engine = new(At(0));
    private readonly Dictionary<string, long> _beats = [];

    [Fact]
    public void Its_groups_are_asked_to_move_for_the_reason_that_the_operator_gave()
    {
        OwnedByA();

        Drain(3_000, "a");

        _effects.OfType<RecordHistory>().Single(r => r.Kind == "SwitchoverStarted").Message.ShouldBe("to b: a is drained by eve: new kernel");
        Beat("a", 3_100, holds: 1);
        _effects.OfType<SendAnswer>().Single().Answer.ReleaseRequests.ShouldHaveSingleItem().Reason.ShouldBe("a is drained by eve: new kernel");
    }

    [Fact]
    public void Nothing_comes_to_it_although_it_is_preferred()
    {
        Load("a", locked: false, drained: "a", epoch: 0);
        Attach();
        for (var at = 100L; at < 6_000; at += 300)
        {
            Beat("a", at);
            if (_effects.OfType<CommitPromotion>().Any())
                break;
            Beat("b", at + 10);
            if (_effects.OfType<CommitPromotion>().Any())
                break;
        }
        _effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("b");
        _engine.Report("web", At(6_000))!.Backups.Single(r => r.Host == "a").Obstacle.ShouldBe("drained by eve: new kernel");
    }

    [Fact]
    public void A_locked_group_stays_and_says_so()
    {
        OwnedByA(locked: true);

        Drain(3_000, "a", locked: true);

        _effects.OfType<RecordHistory>().ShouldBeEmpty();
        _engine.Report("web", At(3_000))!.Obstacle.ShouldBe("the group is locked; a is drained by eve: new kernel");
    }

    /// <summary>It is there already, and nobody else is: better than no service.</summary>
    [Fact]
    public void The_owner_goes_on_there_when_nobody_else_is_left()
    {
        OwnedByA();
        Drain(3_000, "a");
        Handle(3_010, new StreamDetached("b", 'b'));
        for (var at = 3_100L; at < 9_000; at += 300)
            Beat("a", at, holds: 1);
        Beat("a", 9_000, ended: 1);

        _effects.OfType<CommitPromotion>().Single().Owner.ShouldBe("a");
    }

    [Fact]
    public void When_it_may_own_groups_again_it_is_a_backup_like_any()
    {
        OwnedByA();
        Drain(3_000, "b");
        _engine.Report("web", At(3_000))!.Backups.Single().Obstacle.ShouldBe("drained by eve: new kernel");

        Drain(3_010);

        _engine.Report("web", At(3_010))!.Backups.Single().Obstacle.ShouldBe("");
    }

    private static BootInstant At(long ms) => new(1_000_000_000_000 + (ms * 1_000_000));

    private void OwnedByA(bool locked = false)
    {
        Load("a", locked, "", epoch: 1);
        Attach();
        for (var at = 300L; at <= 2_700; at += 300)
        {
            Beat("a", at, holds: 1);
            Beat("b", at + 10);
        }
        Beat("b", 2_950);
    }

    private void Load(string owner, bool locked, string drained, long epoch) => Handle(0, Loaded(owner, locked, drained, epoch));

    private void Drain(long at, string host = "", bool locked = false) => Handle(at, Loaded("a", locked, host, 1));

    private static GroupsLoaded Loaded(string owner, bool locked, string drained, long epoch)
    {
        var loaded = new GroupsLoaded([new StoredGroup(
            TestGroup.Pair("web") with { Locked = locked },
            new("web", epoch == 0 ? null : owner, epoch),
            1,
            [new View(1, ["a", "b"], GroupTiming.Default.Ttl)])]);
        return drained.Length == 0 ? loaded : loaded with { Drained = loaded.Drained.Add(drained, "drained by eve: new kernel") };
    }

    private void Attach()
    {
        foreach (var host in new[] { "a", "b" })
            Handle(0, new StreamAttached(host, host[0], Instance(host)));
    }

    private static Guid Instance(string host) => new(host[0], 0, 0, new byte[8]);

    private void Beat(string host, long at, long holds = 0, long ended = 0)
    {
        var seq = _beats.GetValueOrDefault(host) + 1;
        _beats[host] = seq;
        Handle(at, new HeartbeatReceived(host, host[0], new Heartbeat(
            Instance(host),
            seq,
            seq - 1,
            holds > 0 ? [new("web", holds, 1, TimeSpan.FromMilliseconds(1400))] : [],
            [],
            ended > 0 ? [new("web", ended)] : [],
            TimeSpan.Zero)));
    }

    private void Handle(long at, FailoverEvent e)
    {
        _effects.Clear();
        _engine.Handle(e, At(at), _effects);
    }
}
