using HaGrpc.ControlPlane.States;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What readers are given of how the fleet stands, however slow they are.</summary>
public sealed class StatePictureTests
{
    // What is left of a lease is another with each look.
    private int _left;

    [Fact]
    public void A_slow_reader_is_given_the_newest_of_each_line_once_and_what_has_gone()
    {
        var picture = new StatePicture("term 1", 0);
        picture.Since(-1, All).ShouldBeNull("nobody has looked yet");
        picture.Take([Line("a", 1), Line("b", 1), Line("c", 1)], [Group("web", "h1")], "").ShouldBeTrue();
        var first = picture.Since(-1, All).ShouldNotBeNull();
        (first.IsReset, first.Programs.Count, first.Groups.Count).ShouldBe((true, 3, 1));
        picture.Since(first.Version, All).ShouldBeNull();

        for (var pid = 2; pid < 1000; pid++)
            picture.Take([Line("a", pid), Line("b", 1), .. pid < 500 ? [Line("c", pid)] : Array.Empty<ProgramLine>()], [Group("web", "h1")], "").ShouldBeTrue();
        var later = picture.Since(first.Version, All).ShouldNotBeNull();
        later.IsReset.ShouldBeFalse();
        later.Programs.ShouldHaveSingleItem().Status.Pid.ShouldBe(999);
        later.Gone.ShouldHaveSingleItem().ShouldBe(new LineKey("web", "c", "h"));
        later.Groups.ShouldBeEmpty();
        picture.Take([Line("a", 999), Line("b", 1)], [Group("web", "h1")], "").ShouldBeFalse("nothing has changed");

        picture.Take([Line("a", 999), Line("b", 1), Line("c", 7)], [Group("web", "h1")], "").ShouldBeTrue();
        var back = picture.Since(first.Version, All).ShouldNotBeNull();
        back.Gone.ShouldBeEmpty("it is back");
        back.Programs.Select(p => p.Program.Name).ShouldBe(["a", "c"]);
    }

    [Fact]
    public void Whoever_is_older_than_what_is_remembered_or_of_another_picture_begins_anew()
    {
        var picture = new StatePicture("term 1", 0);
        picture.Take([Line("a", 1)], [], "");
        var seen = picture.Since(-1, All)!.Version;
        // Each round another ten thousand lines go.
        for (var round = 0; round < 3; round++)
        {
            picture.Take([Line("a", 1), .. Enumerable.Range(0, 10_000).Select(i => Line($"{round}-{i}", 1))], [], "");
            picture.Take([Line("a", 1)], [], "");
        }
        picture.Since(seen, All).ShouldNotBeNull().IsReset.ShouldBeTrue();

        var next = new StatePicture("term 2", picture.Version);
        next.Since(picture.Version, All).ShouldBeNull("nobody has looked yet");
        next.Take([], [], "");
        next.Since(picture.Version, All).ShouldNotBeNull().IsReset.ShouldBeTrue();
    }

    [Fact]
    public void For_how_long_a_host_is_silent_is_no_news_and_that_it_is_is()
    {
        var picture = new StatePicture("term 1", 0);
        picture.Take([Line("a", 1)], [], "");
        picture.Take([Silent("host h has been silent for 1.0 s")], [], "").ShouldBeTrue();
        picture.Take([Silent("host h has been silent for 2.0 s")], [], "").ShouldBeFalse();
        picture.Take([Silent("host h has not been heard")], [], "").ShouldBeTrue();
        picture.Take([Silent("host h has not been heard")], [], "the database is away").ShouldBeTrue();
    }

    [Fact]
    public void Answers_are_bounded_and_all_but_the_last_say_that_more_comes()
    {
        var picture = new StatePicture("term 1", 0);
        picture.Take(Enumerable.Range(0, 450).Select(i => Line($"p{i:D3}", 1)), [Group("web", "h1")], "less");
        var answers = picture.Since(-1, All)!.Answers().ToArray();
        answers.Select(a => (a.Reset, a.More, a.Programs.Count, a.Groups.Count, a.Limits)).ShouldBe(
            [(true, true, 200, 1, "less"), (false, true, 200, 0, "less"), (false, false, 50, 0, "less")]);
        var nothing = new StatePicture("term 1", 0);
        nothing.Take([], [], "");
        nothing.Since(-1, All)!.Answers().ShouldHaveSingleItem().ShouldBe(new() { Reset = true });
    }

    private static bool All(string group, string name) => true;

    private static ProgramLine Line(string name, int pid) => new()
    {
        Program = new() { Group = "web", Name = name },
        Host = "h",
        Status = new() { Group = "web", Name = name, State = ProgramState.Running, Pid = pid },
    };

    private static ProgramLine Silent(string detail)
    {
        var line = Line("a", 0);
        line.Status = new() { Group = "web", Name = "a", State = ProgramState.Unknown, Detail = detail };
        return line;
    }

    private GroupStatus Group(string name, string owner) => new() { Group = new() { Name = name }, Owner = owner, LeaseLeft = new() { Nanos = ++_left } };
}
