using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>Patterns become names before anything is asked, and what matches nothing stops nothing.</summary>
public sealed class GlobTests
{
    [Theory]
    [InlineData("web:w?", "web:w0", "web:w1")]
    [InlineData("*:http", "api:http", "web:http")]
    [InlineData("we*", "web")]
    [InlineData("*:*", "api:*", "web:*")]
    [InlineData("web:*", "web:*")]
    [InlineData("all", "all")]
    [InlineData("w*:*p", "web:http")]
    public async Task A_pattern_becomes_the_names_that_it_matches(string pattern, params string[] names)
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync("start", pattern)).Code.ShouldBe(0);
        plane.Admin.Asked.OfType<StartProgramsRequest>().Single().Selectors.ShouldBe(names);
    }

    [Fact]
    public async Task A_pattern_that_matches_nothing_stops_nothing_and_says_what_is_near()
    {
        await using var plane = await StartAsync();
        var run = await plane.RunAsync("stop", "wbe*");
        (run.Code, run.Out, run.Error).ShouldBe((1, "wbe*: ERROR (no such group)\n", "hactl: wbe* matches nothing; did you mean web?\n"));
        plane.Admin.Asked.OfType<StopProgramsRequest>().ShouldBeEmpty();

        var far = await plane.RunAsync("status", "x*:y");
        (far.Code, far.Out).ShouldBe((4, "x*:y: ERROR (no such process)\n"));
        far.Error.ShouldBe("hactl: x*:y matches nothing; known are api:http, web:http, web:w0, web:w1\n");
        (await plane.RunAsync("groups", "x*")).Code.ShouldBe(1);
    }

    [Fact]
    public async Task A_pattern_that_matches_nothing_leaves_the_others_their_way()
    {
        await using var plane = await StartAsync();
        var run = await plane.RunAsync("restart", "nope*", "web:http");
        run.Out.ShouldBe("nope*: ERROR (no such group)\n");
        run.Code.ShouldBe(2);
        plane.Admin.Asked.OfType<RestartProgramsRequest>().Single().Selectors.ShouldBe(["web:http"]);
    }

    [Fact]
    public async Task Names_without_a_pattern_ask_nobody_first()
    {
        await using var plane = await StartAsync();
        _ = await plane.RunAsync("status", "web", "web:*", "all");
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBeOfType<ListProgramsRequest>().Selectors.ShouldBe(["web", "web:*", "all"]);
    }

    private static async Task<FakeControlPlane> StartAsync()
    {
        var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnGroups = () => new() { Groups = { Group("web"), Group("api") } };
        plane.Admin.OnPrograms = request => request.Selectors.Count > 0 ? new() : new() { Programs = { Line("web", "http"), Line("web", "w0"), Line("web", "w1"), Line("api", "http") } };
        return plane;
    }

    private static GroupStatus Group(string name) => new() { Group = new() { Name = name } };

    private static ProgramLine Line(string group, string name) => new() { Program = new() { Group = group, Name = name } };
}
