using HaGrpc.Core.Guard;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Guard;

/// <summary>When what somebody names is a whole group, or all there is.</summary>
public sealed class ProgramScopeTests
{
    private static readonly ProgramName[] All = [new("web", "a"), new("web", "b"), new("solo", "s"), new("mail", "m")];

    [Theory]
    [InlineData("web:a", GuardedAct.Stop)]
    [InlineData("web:a mail:m", GuardedAct.Stop)]
    [InlineData("solo:s", GuardedAct.Stop)]
    [InlineData("solo", GuardedAct.StopGroup)]
    [InlineData("web", GuardedAct.StopGroup)]
    [InlineData("web:*", GuardedAct.StopGroup)]
    [InlineData("web:", GuardedAct.StopGroup)]
    [InlineData("web:a web:b", GuardedAct.StopGroup)]
    [InlineData("web:a mail", GuardedAct.StopGroup)]
    [InlineData("all", GuardedAct.StopGroup)]
    public void A_stop_of_all_programs_of_a_group_is_one_of_the_group(string selectors, GuardedAct act) =>
        ProgramScope.OfStop(selectors.Split(' '), Chosen(selectors), All).ShouldBe(act);

    [Theory]
    [InlineData("web", GuardedAct.Restart)]
    [InlineData("web mail", GuardedAct.Restart)]
    [InlineData("web mail solo", GuardedAct.RestartAll)]
    [InlineData("web:a web:b mail:m solo:s", GuardedAct.RestartAll)]
    [InlineData("all", GuardedAct.RestartAll)]
    public void A_restart_is_of_all_only_when_nothing_is_left(string selectors, GuardedAct act) =>
        ProgramScope.OfRestart(selectors.Split(' '), Chosen(selectors), All).ShouldBe(act);

    [Fact]
    public void Where_there_is_one_group_its_restart_is_an_everyday_one()
    {
        ProgramName[] one = [new("web", "a"), new("web", "b")];
        ProgramScope.OfRestart(["web"], one, one).ShouldBe(GuardedAct.Restart);
        ProgramScope.OfRestart(["all"], one, one).ShouldBe(GuardedAct.RestartAll);
    }

    private static ProgramName[] Chosen(string selectors) =>
    [
        .. All.Where(p => selectors.Split(' ').Any(
            s => s == "all" || s == p.Group || s == p.ToString() || s == $"{p.Group}:*" || s == $"{p.Group}:")),
    ];
}
