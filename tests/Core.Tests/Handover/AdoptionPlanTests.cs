using System.Collections.Immutable;
using HaGrpc.Core.Handover;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;

namespace HaGrpc.Core.Tests.Handover;

/// <summary>What is handed over where, and what stands against it.</summary>
public sealed class AdoptionPlanTests
{
    private static readonly Vip Address = new("10.0.0.9/32", "eth0");

    private static readonly Group Web = new(
        "web", [new("a", 80), new("b", 120)], [Address], [], GroupTiming.Default, new(FailbackMode.Manual, TimeSpan.Zero))
    {
        Mode = SupervisionMode.Observe,
    };

    private static readonly Guid Boot = Guid.NewGuid();

    private static readonly ImmutableArray<Program> Programs = [Program("app"), Program("db")];

    [Fact]
    public void The_host_that_has_the_most_gets_it_whatever_its_priority()
    {
        var plan = Of([See("b", []), See("a", ["app"], on: "eth0")]);
        plan.Obstacles.ShouldBeEmpty();
        plan.Host.ShouldBe("a");
        plan.Programs.Select(p => p.Outcome).ShouldBe(["adopts pid 1 on a", "not found: starts it on a"]);
        plan.Programs[0].Processes.ShouldBe([new HandedProcess("a", Boot, 1, 100)]);
    }

    [Fact]
    public void Two_hosts_with_a_part_of_it_are_an_obstacle()
    {
        Of([See("a", ["app"]), See("b", ["db"], on: "eth0")], wanted: "a").Obstacles.ShouldBe(
        [
            "10.0.0.9 is on b: hand the group over there (--host b), or take it away there first",
            "web:db runs on b (pid 1): it must not run on two hosts; hand the group over there (--host b), or stop it there first",
        ]);
    }

    [Fact]
    public void An_address_that_is_there_otherwise_than_registered_is_an_obstacle()
    {
        Of([See("a", ["app"], on: "eth1"), See("b", [])]).Obstacles.ShouldBe(
            ["10.0.0.9 is on eth1 of a, and registered for eth0: correct one of them"]);
        Of([See("a", ["app"], on: "eth0", prefix: 24), See("b", [])]).Obstacles.ShouldBe(
            ["10.0.0.9 is on a with /24, and registered as 10.0.0.9/32: it would be there twice; correct one of them"]);
    }

    [Fact]
    public void A_member_that_cannot_be_asked_is_an_obstacle()
    {
        var plan = Of([See("a", ["app"]), new("b", "its agent is not connected", Guid.Empty, [], [])]);
        plan.Obstacles.ShouldBe(["b cannot be asked what it has of web: its agent is not connected"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_parent_that_would_start_it_again_needs_force(bool force)
    {
        var sight = See("a", ["app"]) with { Programs = [new(new("web", "app"), [new(7, 100, "supervisord", 5, true)])] };
        Of([sight, See("b", [])], force: force).Obstacles.ShouldBe(force ? [] :
            ["web:app on a: pid 7 has a living supervisord (pid 5) as its parent, which would start it again: --force takes it over all the same"]);
    }

    [Fact]
    public void Several_processes_are_for_an_operator_to_tell_apart()
    {
        var sight = See("a", []) with { Programs = [new(new("web", "app"), [new(7, 1, "", 1, false), new(9, 1, "", 1, false)])] };
        Of([sight, See("b", [])]).Obstacles.ShouldBe(["web:app on a: 2 processes match, pids 7, 9: say which with adopt: (pid, pidfile or command)"]);
    }

    [Fact]
    public void What_is_handed_over_later_goes_to_the_owner_and_its_addresses_are_ours_already()
    {
        var sights = ImmutableArray.Create(See("a", ["app"]), See("b", [], on: "eth1"));
        AdoptionPlan.Of(Web, Programs, sights, "a", "", force: false).Obstacles.ShouldBeEmpty();
        AdoptionPlan.Of(Web, Programs, sights, "a", "b", force: false).Obstacles.ShouldBe(["a owns web already: b cannot be its first owner"]);
    }

    [Fact]
    public void What_runs_on_every_member_is_adopted_on_each()
    {
        var everywhere = Program("app") with { RunOn = RunOn.All };
        var plan = AdoptionPlan.Of(Web, [everywhere], [See("a", ["app"]), See("b", ["app"])], "", "a", force: false);
        plan.Obstacles.ShouldBeEmpty();
        plan.Programs.Single().Outcome.ShouldBe("adopts pid 1 on a, adopts pid 1 on b");
    }

    [Fact]
    public void A_host_that_is_no_member_is_refused() =>
        Of([See("a", []), See("b", [])], wanted: "c").Obstacles.ShouldBe(["c is no member of web; its members are a, b"]);

    [Fact]
    public void The_plan_says_what_would_be_done_on_each_host()
    {
        var (a, b) = (See("a", ["app"], on: "eth0"), See("b", []));
        var plan = Of([a, b]);
        PlanText.Of(Web, plan, a, takesAddresses: true).ShouldBe(
            ["would adopt pid 1 as web:app", "web:db: not found: would start it on a", "would keep 10.0.0.9/32 on eth0, and announce it"]);
        PlanText.Of(Web, plan, b, takesAddresses: true).ShouldBe(["would stand by"]);
    }

    [Fact]
    public void Clocks_zones_and_versions_that_differ_are_warnings()
    {
        FleetFacts a = new("a", "1.0.0", "UTC", (TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(20)));
        FleetFacts b = new("b", "0.9.0", "Asia/Shanghai", (TimeSpan.FromMilliseconds(-300), TimeSpan.FromMilliseconds(20)));
        FleetFindings.Of(a, [a, b]).Select(f => (f.What, f.Verdict, f.Value)).ShouldBe(
        [
            ("clock", Verdict.Warning, "5.0 s ahead of the control plane's"),
            ("time_zone", Verdict.Warning, "UTC; b has Asia/Shanghai"),
            ("version", Verdict.Warning, "1.0.0; b has 0.9.0"),
        ]);
        FleetFindings.Of(b, [b]).ShouldAllBe(f => f.Verdict == Verdict.Ok);
    }

    [Theory]
    [InlineData("supervisord", "supervisord", true)]
    [InlineData("python3", "/usr/bin/python3 /usr/bin/supervisord -n", true)]
    [InlineData("bash", "bash", false)]
    public void Former_supervisors_are_known_by_name_or_script(string name, string line, bool restarts) =>
        FormerSupervisor.Restarts(new(7, 1, 1, name, 0, [.. line.Split(' ')])).ShouldBe(restarts);

    private static AdoptionPlan Of(ImmutableArray<HostSight> sights, string wanted = "", bool force = false) =>
        AdoptionPlan.Of(Web, Programs, sights, "", wanted, force);

    private static Program Program(string name) => new() { Name = new("web", name), Command = "/bin/x" };

    private static HostSight See(string host, string[] programs, string on = "", int prefix = 32) => new(
        host,
        "",
        Boot,
        [.. programs.Select(p => new ProgramSight(new("web", p), [new(1, 100, "", 1, false)]))],
        [new(Address, on, prefix)]);
}
