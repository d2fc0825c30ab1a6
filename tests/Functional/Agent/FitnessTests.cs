using HaGrpc.Agent.Ownership;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Functional.Tests.Agent;

/// <summary>C5: several parts of an agent say why it cannot run a group.</summary>
public sealed class FitnessTests
{
    [Fact]
    public void What_one_part_takes_back_another_may_still_say()
    {
        var said = new List<FitnessChanged>();
        var fitness = new Fitness(said.Add);
        fitness.Say("programs", "web", "web:db is FATAL there");
        fitness.Say("watchdog", "web", "there is no watchdog");
        fitness.Say("watchdog", "web", "there is no watchdog");
        fitness.Say("watchdog", "mail", "there is no watchdog");
        fitness.Say("programs", "web", "");
        fitness.Say("watchdog", "web", "");
        said.ShouldBe(
        [
            new("web", "web:db is FATAL there"),
            new("web", "web:db is FATAL there; there is no watchdog"),
            new("mail", "there is no watchdog"),
            new("web", "there is no watchdog"),
            new("web", ""),
        ]);
    }
}
