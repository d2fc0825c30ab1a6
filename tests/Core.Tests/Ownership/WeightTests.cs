using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rule C5: what checks add to priorities, by keepalived's arithmetic.</summary>
public sealed class WeightTests
{
    /// <summary>
    /// keepalived.conf(5): weights are added, the sum is limited to 1 to 254, 255 stays and is not reached, and only a higher priority takes
    /// over. The owner is a; it would stay the master there where false stands.
    /// </summary>
    [Theory]
    [InlineData(100, 0, 90, 0, false)]
    [InlineData(100, -20, 90, 0, true)]
    [InlineData(100, -10, 90, 0, false)] // As high is not higher.
    [InlineData(100, -11, 90, 0, true)]
    [InlineData(100, 20, 90, 20, false)] // The same check succeeds on both.
    [InlineData(100, 0, 90, 20, true)] // It succeeds on b only.
    [InlineData(100, -30, 90, -30, false)] // It fails on both.
    [InlineData(255, -253, 254, 253, false)] // The address owner.
    [InlineData(254, 0, 250, 253, false)] // Nobody else reaches 255.
    [InlineData(253, 0, 250, 253, true)]
    [InlineData(10, -253, 5, 0, true)] // Not below 1.
    [InlineData(10, -253, 1, 0, false)]
    public void A_better_backup_takes_over_where_keepalived_would_preempt(int a, int weightOfA, int b, int weightOfB, bool moves)
    {
        var bench = Automatic(TimeSpan.Zero, new("a", a), new("b", b));
        bench.Load(0);
        bench.Attach();
        var started = new List<RecordHistory>();
        for (var at = 300L; at <= 2_700; at += 300)
        {
            bench.Beat("a", at, holds: 1, weight: weightOfA);
            started.AddRange(bench.Effects.OfType<RecordHistory>().Where(r => r.Kind == "SwitchoverStarted"));
            bench.Beat("b", at + 10, weight: weightOfB);
            started.AddRange(bench.Effects.OfType<RecordHistory>().Where(r => r.Kind == "SwitchoverStarted"));
        }
        (started.Count > 0).ShouldBe(moves);
    }

    [Theory]
    [InlineData(100, 0, 100, "100")]
    [InlineData(100, -10, 90, "90 (100 - 10 by its checks)")]
    [InlineData(100, 20, 120, "120 (100 + 20 by its checks)")]
    [InlineData(100, -253, 1, "1 (100 - 253 by its checks)")]
    [InlineData(100, 400, 254, "254 (100 + 400 by its checks)")]
    [InlineData(255, -253, 255, "255")]
    [InlineData(254, 1, 254, "254")]
    public void A_standing_is_a_number_and_its_reason(int configured, int weight, int effective, string text)
    {
        var standing = new Standing(configured, weight);
        standing.Effective.ShouldBe(effective);
        standing.ToString().ShouldBe(text);
    }

    [Fact]
    public void The_reason_of_the_move_says_the_numbers()
    {
        var bench = Automatic(TimeSpan.Zero, new("a", 100), new("b", 90));
        bench.OwnedByA();
        bench.Beat("a", 3_000, holds: 1, weight: -20);

        bench.Effects.OfType<RecordHistory>().Single().Message.ShouldBe(
            "to b: failback: b has priority 90, a only 80 (100 - 20 by its checks)");
        bench.Report(3_000)!.Phase.ShouldBe(GroupPhase.Releasing);
    }

    /// <summary>The delay begins anew with each change of a weight: what goes up and down moves nothing.</summary>
    [Fact]
    public void A_weight_must_have_stayed_for_the_delay()
    {
        var bench = Automatic(TimeSpan.FromSeconds(2), new("a", 100), new("b", 90));
        bench.OwnedByA();
        for (var at = 3_000L; at < 15_000; at += 250)
        {
            bench.Beat("a", at, holds: 1, weight: at % 3_000 < 1_500 ? -20 : 0);
            bench.Effects.OfType<RecordHistory>().ShouldBeEmpty();
            bench.Beat("b", at + 10);
            bench.Effects.OfType<RecordHistory>().ShouldBeEmpty();
        }
        for (var at = 15_000L; at < 17_000; at += 250)
        {
            bench.Beat("b", at - 10);
            bench.Beat("a", at, holds: 1, weight: -20);
            bench.Effects.OfType<RecordHistory>().ShouldBeEmpty();
        }
        bench.Beat("b", 16_990);
        bench.Beat("a", 17_000, holds: 1, weight: -20);
        bench.Effects.OfType<RecordHistory>().Single().Kind.ShouldBe("SwitchoverStarted");
    }

    /// <summary>keepalived's nopreempt.</summary>
    [Fact]
    public void With_manual_failback_weights_decide_only_who_comes_next()
    {
        var bench = new EngineBench("a", "b", "c");
        bench.OwnedByA();
        CommitPromotion? commit = null;
        for (var at = 3_000L; at < 6_000; at += 300)
        {
            bench.Beat("a", at, holds: 1, weight: -253);
            bench.Effects.OfType<RecordHistory>().ShouldBeEmpty();
            bench.Beat("b", at + 10, weight: -20);
            bench.Beat("c", at + 20);
        }
        for (var at = 6_000L; at < 12_000 && commit is null; at += 300)
        {
            bench.Beat("b", at + 10, weight: -20, sealedTo: 1);
            commit ??= bench.Effects.OfType<CommitPromotion>().FirstOrDefault();
            bench.Beat("c", at + 20, sealedTo: 1);
            commit ??= bench.Effects.OfType<CommitPromotion>().FirstOrDefault();
        }
        commit!.Owner.ShouldBe("c");
        commit.PassedOver.ShouldBe([new BackupReport("b", "") { Priority = "90 (110 - 20 by its checks)" }]);
    }

    /// <summary>An agent that has just started has not run its checks: what it does not say is not known.</summary>
    [Fact]
    public void The_owners_agent_may_restart()
    {
        var bench = Automatic(TimeSpan.Zero, new("a", 100), new("b", 90));
        bench.OwnedByA();
        for (var at = 3_000L; at < 6_000; at += 300)
        {
            bench.Beat("a", at, holds: 1, graceMs: 7_000 - at);
            bench.Effects.OfType<RecordHistory>().ShouldBeEmpty();
            bench.Beat("b", at + 10, weight: 20);
            bench.Effects.OfType<RecordHistory>().ShouldBeEmpty();
        }
        bench.Beat("a", 6_000, holds: 1, weight: 20, graceMs: 1_000);
        bench.Beat("b", 6_010, weight: 20);
        bench.Beat("a", 6_500, holds: 1, weight: 20);
        bench.Beat("b", 6_510, weight: 20);
        bench.Beat("a", 7_010, holds: 1, weight: 20);
        bench.Effects.OfType<RecordHistory>().ShouldBeEmpty();
    }

    /// <summary>C5: only a member that is heard can be better.</summary>
    [Fact]
    public void A_backup_that_is_silent_is_not_moved_to()
    {
        var bench = Automatic(TimeSpan.Zero, new("a", 100), new("b", 90));
        bench.OwnedByA();
        for (var at = 3_800L; at < 6_000; at += 300)
        {
            bench.Beat("a", at, holds: 1, weight: -50);
            bench.Effects.OfType<RecordHistory>().ShouldNotContain(r => r.Kind == "SwitchoverStarted");
        }
    }

    [Fact]
    public void Operators_see_the_priorities_that_checks_have_changed()
    {
        var bench = new EngineBench("a", "b");
        bench.OwnedByA();
        bench.Report(2_950)!.Note.ShouldBe("");
        bench.Report(2_950)!.Backups.Single().Priority.ShouldBe("");
        bench.Beat("b", 3_000, weight: -10);
        bench.Report(3_000)!.Note.ShouldBe("b has priority 100 (110 - 10 by its checks)");
        bench.Report(3_000)!.Backups.Single().Priority.ShouldBe("100 (110 - 10 by its checks)");
    }

    /// <summary>A new group waits for the member that is preferred as things are.</summary>
    [Fact]
    public void The_first_owner_is_the_best_as_things_are()
    {
        var bench = new EngineBench("a", "b");
        bench.Load(0, epoch: 0);
        bench.Attach();
        CommitPromotion? commit = null;
        for (var at = 100L; at < 6_000 && commit is null; at += 300)
        {
            bench.Beat("a", at, weight: -30);
            commit ??= bench.Effects.OfType<CommitPromotion>().FirstOrDefault();
            bench.Beat("b", at + 10);
            commit ??= bench.Effects.OfType<CommitPromotion>().FirstOrDefault();
        }
        commit!.Owner.ShouldBe("b");
    }

    private static EngineBench Automatic(TimeSpan delay, params Member[] members) => new([.. members.Select(m => m.Host)])
    {
        Registered = g => g with { Members = [.. members], Failback = new(FailbackMode.Automatic, delay) },
    };
}
