using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class StartOrderTests
{
    [Fact]
    public void Lower_priorities_start_first_and_stopping_is_the_exact_reverse()
    {
        var order = StartOrder.Of([Of("web", 30), Of("db", 10), Of("b", 20), Of("a", 20)]);
        Text(order.Levels).ShouldBe("db | a b | web");
        Text(order.Reverse().Levels).ShouldBe("web | b a | db");
    }

    [Fact]
    public void A_level_begins_when_the_one_before_is_done_and_keeps_to_the_bound()
    {
        var walk = LevelWalk.Of(StartOrder.Of([Of("a", 1), Of("b", 1), Of("c", 1), Of("d", 2)]), bound: 2);
        walk = Take(walk, "a b");
        walk = Take(walk.Done(Name("b")), "c");
        walk = Take(walk.Done(Name("c")), "");
        walk = Take(walk.Done(Name("a")), "d");
        walk.IsDone.ShouldBeFalse();
        walk.Done(Name("d")).IsDone.ShouldBeTrue();
    }

    [Fact]
    public void Who_has_begun_takes_no_place_but_is_waited_for()
    {
        var walk = LevelWalk.Of(StartOrder.Of([Of("a", 1), Of("b", 1), Of("c", 2)]), bound: 1);
        walk = Take(walk, "a");
        walk = Take(walk.HasBegun(Name("a")), "b");
        walk = Take(walk.Done(Name("b")), "");
        walk.HasBegun(Name("nobody")).ShouldBe(walk);
        Take(walk.Done(Name("a")), "c");
    }

    [Fact]
    public void Programs_of_one_level_wait_for_each_other_and_stop_the_other_way_round()
    {
        Program[] programs = [Of("app", 1, "db", "queue"), Of("db", 1), Of("queue", 1, "db"), Of("other", 1), Of("web", 2, "app")];
        var walk = LevelWalk.Of(StartOrder.Of(programs), bound: 8);
        walk = Take(walk, "db other");
        walk = Take(walk.Done(Name("other")), "");
        walk = Take(walk.HasBegun(Name("db")), "");
        walk = Take(walk.Done(Name("db")), "queue");
        walk = Take(walk.Done(Name("queue")), "app");
        Take(walk.Done(Name("app")), "web");

        walk = Take(LevelWalk.Of(StartOrder.Of(programs).Reverse(), bound: 8), "web");
        walk = Take(walk.Done(Name("web")), "other app");
        walk = Take(walk.Done(Name("app")), "queue");
        Take(walk.Done(Name("queue")), "db");
    }

    [Fact]
    public void Who_waits_for_a_program_waits_for_all_its_processes()
    {
        var workers = ProgramExpansion.Of(Of("w", 1) with { NumProcs = 2, ProcessName = "w%(process_num)d" });
        var walk = LevelWalk.Of(StartOrder.Of([Of("a", 1, "w"), .. workers]), bound: 8);
        walk = Take(walk, "w0 w1");
        walk = Take(walk.Done(Name("w0")), "");
        Take(walk.Done(Name("w1")), "a");
    }

    [Fact]
    public void Who_fails_for_good_holds_up_the_later_levels_and_who_waits_for_it()
    {
        var walk = LevelWalk.Of(StartOrder.Of([Of("a", 1), Of("b", 1, "a"), Of("c", 1), Of("d", 2), Of("e", 3)]), bound: 8);
        Take(walk, "a c").HeldUpBy(Name("a")).Select(name => name.Name).ShouldBe(["b", "d", "e"]);
    }

    [Fact]
    public void A_cycle_that_nobody_refused_starts_all_the_same()
    {
        var walk = LevelWalk.Of(StartOrder.Of([Of("a", 1, "b"), Of("b", 1, "a")]), bound: 8);
        walk = Take(walk, "a");
        Take(walk.Done(Name("a")), "b");
    }

    [Fact]
    public void A_walk_without_programs_is_done() => LevelWalk.Of(StartOrder.Of([]), 1).IsDone.ShouldBeTrue();

    private static LevelWalk Take(LevelWalk walk, string expected)
    {
        walk = walk.Take(out var taken);
        string.Join(' ', taken.Select(name => name.Name)).ShouldBe(expected);
        return walk;
    }

    private static ProgramName Name(string name) => new("g", name);

    private static Program Of(string name, int priority, params string[] after) =>
        new() { Name = Name(name), Command = "x", Priority = priority, After = [.. after] };

    private static string Text(ImmutableArray<ImmutableArray<ProgramName>> levels) =>
        string.Join(" | ", levels.Select(level => string.Join(' ', level.Select(name => name.Name))));
}
