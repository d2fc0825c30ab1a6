using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>Rules C2, C5 and C9 for groups that are to be on one host.</summary>
public sealed class SyncGroupTests
{
    private readonly SyncBench _bench = new("a", "b", "c");

    [Fact]
    public void A_lost_host_loses_all_to_one_other()
    {
        // Alone, db would go to c and web to b.
        (_bench.Weights[("b", "db")], _bench.Weights[("c", "web")]) = (-30, -25);
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        _bench.Silent.Add("a");
        _bench.Run(6_000);

        _bench.Places.ShouldBe("db on b, web on b", "110 - 30 is more than 100 - 25");
        _bench.Moves.ShouldBeEmpty();
    }

    [Fact]
    public void What_is_elsewhere_follows_the_one_that_moved_last()
    {
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        // Nothing may be promoted on a for a moment, and web is still served there.
        _bench.Untold.Add(("a", "db"));
        _bench.Run(400);
        _bench.EndAlone("db");
        _bench.Run(1_000);
        _bench.Untold.Clear();
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on b, web on b");
        _bench.Moves.ShouldBe(["SwitchoverStarted web to b: follows db in sync group shop"]);
    }

    /// <summary>It needs an owner anyway, and the rest is there already.</summary>
    [Fact]
    public void One_that_ends_alone_goes_back_to_the_rest()
    {
        _bench.Lead("b", "b");
        _bench.Run(3_000);
        _bench.EndAlone("db");
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on b, web on b");
        _bench.Moves.ShouldBeEmpty();
    }

    [Fact]
    public void A_new_leader_joins_them_at_the_best_of_their_owners()
    {
        _bench.Lead("c", "b");
        _bench.Run(3_000);
        _bench.Places.ShouldBe("db on b, web on b");
        _bench.Lead();
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on b, web on b");
        _bench.Moves.ShouldBe(["SwitchoverStarted db to b: follows web in sync group shop"]);
    }

    /// <summary>Every leader of a row finds the same, wherever the one before was lost.</summary>
    [Fact]
    public void Leaders_that_are_lost_in_between_do_not_send_them_to_and_fro()
    {
        _bench.Lead("c", "b");
        for (var i = 0; i < 6; i++)
        {
            _bench.Run(200 * (1 + (i % 3)));
            _bench.Lead();
        }
        _bench.Run(5_000);

        _bench.Places.ShouldBe("db on b, web on b");
        _bench.Moves.Distinct().ShouldBe(["SwitchoverStarted db to b: follows web in sync group shop"]);
    }

    [Fact]
    public void A_switchover_of_one_is_one_of_all()
    {
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        _bench.Ask("web", "c");
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on c, web on c");
        _bench.Told.ShouldBe(
            [
                "SwitchoverStarted db to c: maintenance", "SwitchoverStarted web to c: maintenance",
                "Promoted db on c: maintenance", "Promoted web on c: maintenance",
            ],
            ignoreOrder: true);
    }

    [Fact]
    public void None_moves_when_the_target_cannot_take_one_of_them()
    {
        _bench.Untold.Add(("c", "db"));
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        _bench.Ask("web", "c");

        _bench.Told.ShouldBe(["Refused: c cannot take over db of sync group shop, which moves along: it has nothing of the group on its disk and is being told"]);
        _bench.Ask("web", null);
        _bench.Run(3_000);
        _bench.Places.ShouldBe("db on b, web on b", "it could take both");
    }

    /// <summary>What had to move has moved; the rest follows once it can.</summary>
    [Fact]
    public void The_rest_waits_for_a_host_that_cannot_take_it_yet()
    {
        _bench.Untold.Add(("a", "db"));
        _bench.Untold.Add(("b", "web"));
        _bench.Untold.Add(("c", "web"));
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        _bench.EndAlone("db");
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on b, web on a");
        _bench.Report("web").Obstacle.ShouldBe(
            "b, where db of sync group shop is, cannot take it now: web: it has nothing of the group on its disk and is being told");
        _bench.Moves.ShouldBeEmpty();
        _bench.Untold.Clear();
        _bench.Run(3_000);
        _bench.Places.ShouldBe("db on b, web on b");
    }

    [Fact]
    public void Unfit_for_one_is_unfit_for_all()
    {
        _bench.Unfit.Add(("b", "db"));
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        _bench.Unfit.Add(("a", "web"));
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on c, web on c");
        _bench.Moves.ShouldBe(
            ["SwitchoverStarted db to c: web:main is FATAL there", "SwitchoverStarted web to c: web:main is FATAL there"], ignoreOrder: true);
    }

    [Fact]
    public void Failback_counts_the_weights_of_all()
    {
        _bench.Change(g => g with { Failback = new(FailbackMode.Automatic, TimeSpan.FromSeconds(1)) });
        (_bench.Weights[("a", "db")], _bench.Weights[("a", "web")]) = (-8, -8);
        _bench.Lead("a", "a");
        _bench.Run(4_000);

        _bench.Places.ShouldBe("db on b, web on b");
        _bench.Moves.First().ShouldBe("SwitchoverStarted db to b: failback: b has priority 110, a only 104 (120 - 16 by its checks)");
        _bench.Moves.Count().ShouldBe(2);
    }

    [Fact]
    public void A_lock_of_one_holds_all_and_says_which()
    {
        _bench.Locks = _bench.Locks.Add("db", "the group is locked by eve");
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        _bench.Silent.Add("a");
        _bench.Run(6_000);

        _bench.Places.ShouldBe("db on a, web on a");
        _bench.Report("web").Obstacle.ShouldBe("db of sync group shop is held: the group is locked by eve and a cannot take it");
        _bench.Told.ShouldContain(t => t.StartsWith("MoveHeld web db of sync group shop is held: the group is locked by eve, so it does not move to b"));
    }

    [Fact]
    public void An_operator_may_move_all_although_one_is_locked()
    {
        _bench.Locks = _bench.Locks.Add("db", "the group is locked by eve");
        _bench.Lead("a", "a");
        _bench.Run(3_000);
        _bench.Ask("web", "b");
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on b, web on b");
    }

    [Fact]
    public void Locked_ones_that_are_apart_stay_apart()
    {
        _bench.Locks = _bench.Locks.Add("db", "the group is locked by eve");
        _bench.Lead("a", "b");
        _bench.Run(3_000);

        _bench.Places.ShouldBe("db on a, web on b");
        _bench.Report("web").Obstacle.ShouldBe(
            "db of sync group shop is held: the group is locked by eve, so it does not move to a, where db of sync group shop is");
        _bench.Locks = _bench.Locks.Clear();
        _bench.Load();
        _bench.Run(3_000);
        _bench.Places.ShouldBe("db on a, web on a");
    }
}
