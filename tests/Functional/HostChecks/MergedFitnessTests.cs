using HaGrpc.Agent.Ownership;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Functional.Tests.HostChecks;

/// <summary>Programs, checks and the watchdog each say whether a host can run a group (rule C5), and none takes back another's word.</summary>
public sealed class MergedFitnessTests
{
    private readonly List<string> _told = [];
    private readonly Fitness _fitness;

    public MergedFitnessTests() => _fitness = new(e => _told.Add($"{((FitnessChanged)e).Group}: {((FitnessChanged)e).Reason}"));

    [Fact]
    public void A_program_that_recovers_clears_no_check_and_the_other_way_round()
    {
        _fitness.OfPrograms("web", "web:store is FATAL there");
        _fitness.OfChecks("web", "check gateway fails there");
        _fitness.OfPrograms("web", "");
        _fitness.OfPrograms("web", "web:store is FATAL there");
        _fitness.OfChecks("web", "");
        _fitness.OfPrograms("web", "");
        _told.ShouldBe(
        [
            "web: web:store is FATAL there",
            "web: web:store is FATAL there; check gateway fails there",
            "web: check gateway fails there",
            "web: web:store is FATAL there; check gateway fails there",
            "web: web:store is FATAL there",
            "web: ",
        ]);
    }

    [Fact]
    public void The_watchdog_has_a_word_of_its_own()
    {
        _fitness.OfPrograms("web", "web:store is FATAL there");
        _fitness.OfWatchdog("web", "there is no watchdog");
        _fitness.OfPrograms("web", "");
        _fitness.OfWatchdog("web", "");
        _told.ShouldBe(
        [
            "web: web:store is FATAL there",
            "web: web:store is FATAL there; there is no watchdog",
            "web: there is no watchdog",
            "web: ",
        ]);
    }

    [Fact]
    public void What_is_said_twice_is_told_once_and_groups_are_apart()
    {
        _fitness.OfChecks("web", "");
        _fitness.OfChecks("web", "check gateway fails there");
        _fitness.OfChecks("web", "check gateway fails there");
        _fitness.OfChecks("db", "");
        _fitness.OfChecks("db", "check disk fails there");
        _told.ShouldBe(["web: check gateway fails there", "db: check disk fails there"]);
    }
}
