using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Tests.Supervision;

public sealed class StartOrderTests
{
    [Fact]
    public void Lower_priorities_start_first_and_stopping_is_the_exact_reverse()
    {
        var levels = StartOrder.Levels([Of("web", 30), Of("db", 10), Of("b", 20), Of("a", 20)]);
        Text(levels).ShouldBe("db | a b | web");
        Text(StartOrder.Reverse(levels)).ShouldBe("web | b a | db");
    }

    [Fact]
    public void A_level_begins_when_the_one_before_is_done_and_keeps_to_the_bound()
    {
        var walk = LevelWalk.Of(StartOrder.Levels([Of("a", 1), Of("b", 1), Of("c", 1), Of("d", 2)]), bound: 2);
        walk = walk.Take(out var taken);
        taken.Select(n => n.Name).ShouldBe(["a", "b"]);
        walk = walk.Done(new("g", "b")).Take(out taken);
        taken.Select(n => n.Name).ShouldBe(["c"]);
        walk = walk.Done(new("g", "c")).Take(out taken);
        taken.ShouldBeEmpty();
        walk = walk.Done(new("g", "a")).Take(out taken);
        taken.Select(n => n.Name).ShouldBe(["d"]);
        walk.IsDone.ShouldBeFalse();
        walk.Done(new("g", "d")).IsDone.ShouldBeTrue();
    }

    [Fact]
    public void A_walk_without_programs_is_done() => LevelWalk.Of([], 1).IsDone.ShouldBeTrue();

    private static Program Of(string name, int priority) =>
        new() { Name = new("g", name), Command = "x", Priority = priority };

    private static string Text(ImmutableArray<ImmutableArray<ProgramName>> levels) =>
        string.Join(" | ", levels.Select(level => string.Join(' ', level.Select(name => name.Name))));
}
