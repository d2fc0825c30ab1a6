using System.Collections.Immutable;
using HaGrpc.Core.Handover;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;

namespace HaGrpc.Core.Tests.Handover;

/// <summary>What keepalived and supervisord do beside a group that is observed, and beside one that is ours.</summary>
public sealed class FormerWorldTests
{
    private static readonly Vip Address = new("10.0.0.9/32", "eth0");

    private static readonly Group Observed = new(
        "web", [new("a", 120), new("b", 80)], [Address], [], GroupTiming.Default, new(FailbackMode.Manual, TimeSpan.Zero))
    {
        Mode = SupervisionMode.Observe,
    };

    private static readonly Group Ours = Observed with { Mode = SupervisionMode.Manage };

    [Fact]
    public void A_rival_is_all_of_its_processes()
    {
        var rivals = AddressRival.In(Processes(("systemd", 1, 0), ("keepalived", 10, 1), ("keepalived", 12, 10), ("sh", 13, 12), ("keepalived", 20, 1), ("keepalived", 11, 10)));
        rivals.Select(r => (r.Head.Pid, string.Join(' ', r.Pids))).ShouldBe([(10, "10 11 12"), (20, "20")]);
    }

    [Fact]
    public void Parents_that_were_read_as_a_circle_end_the_search() =>
        AddressRival.In(Processes(("keepalived", 5, 6), ("keepalived", 6, 5))).SelectMany(r => r.Pids).Distinct().Count().ShouldBe(2);

    [Fact]
    public void A_rival_that_has_the_address_is_ended_with_all_of_its_processes_held()
    {
        // keepalived's child gets SIGTERM when its parent is killed: it takes the address away, and its notify script stops the programs.
        FormerSupervisor.AdviceOf(Rival, hasAddress: true).ShouldEndWith("kill -STOP 10 11; kill -KILL 10 11");
        FormerSupervisor.AdviceOf(Rival, hasAddress: false).ShouldContain("stop it here before you adopt");
    }

    [Theory]
    [InlineData(SupervisionMode.Observe, Verdict.Warning)]
    [InlineData(SupervisionMode.Manage, Verdict.Fails)]
    public void Beside_what_is_ours_a_rival_is_no_warning_any_more(SupervisionMode mode, Verdict verdict)
    {
        var finding = Judge(Observed with { Mode = mode }, [Rival], []).Single(f => f.What == "rival");
        finding.Verdict.ShouldBe(verdict);
        finding.Value.ShouldBe("keepalived runs here (pid 10)");
    }

    [Theory]
    [InlineData("10.0.0.9", "", Verdict.Fails, " and is configured for 10.0.0.9 (/k.conf)")]
    [InlineData("10.0.0.9", "/x.conf has variables", Verdict.Fails, " and is configured for 10.0.0.9 (/k.conf)")]
    [InlineData("10.0.0.8", "/x.conf has variables", Verdict.Fails, "; what it claims cannot be told: /x.conf has variables")]
    [InlineData("10.0.0.8", "", Verdict.Warning, "; /k.conf names no address of web")]
    public void A_rival_that_serves_other_addresses_may_stay(string claimed, string doubt, Verdict verdict, string why)
    {
        var finding = Judge(Ours, [Rival with { Configuration = new("/k.conf", [claimed], doubt) }], []).Single(f => f.What == "rival");
        (finding.Verdict, finding.Value).ShouldBe((verdict, "keepalived runs here (pid 10)" + why));
        finding.Right.StartsWith("it may stay", StringComparison.Ordinal).ShouldBe(verdict == Verdict.Warning);
    }

    [Fact]
    public void A_supervisor_that_lives_beside_what_was_taken_over_from_it_fails()
    {
        var finding = Judge(Ours, [], [new(new("web", "app"), 7, "supervisord", 3)]).Single(f => f.What == "process");
        finding.Verdict.ShouldBe(Verdict.Fails);
        finding.Value.ShouldBe("pid 7 is ours, and its parent supervisord (pid 3) would start it again as well");
        finding.Right.ShouldContain("kill -9 3");
    }

    [Fact]
    public void An_owner_is_not_told_to_remove_its_own_address()
    {
        ImmutableArray<Finding> rehearsed = [new("address", "web", Verdict.Warning, "10.0.0.9 is on eth0 already", "not there")];
        Settled(isOwner: true, on: "eth0").ShouldBe((Verdict.Ok, "10.0.0.9/32 is on eth0: this host owns the group"));
        Settled(isOwner: true, on: "").Verdict.ShouldBe(Verdict.Fails);
        Settled(isOwner: false, on: "eth0").ShouldBe((Verdict.Warning, "10.0.0.9 is on eth0 already"));

        (Verdict Verdict, string Value) Settled(bool isOwner, string on)
        {
            var finding = PreflightJudge.Settle(Ours, Sight(on), isOwner, rehearsed).Single();
            return (finding.Verdict, finding.Value);
        }
    }

    private static AddressRival Rival => AddressRival.In(Processes(("keepalived", 10, 1), ("keepalived", 11, 10))).Single();

    private static ImmutableArray<Finding> Judge(Group group, ImmutableArray<AddressRival> rivals, ImmutableArray<FormerParent> parents) =>
        PreflightJudge.Judge(
            group, Sight("eth0"), rivals, parents, new(true, "/usr/bin/ha-shim", true, CgroupKind.Unified, null, false, [], ImmutableDictionary<string, int>.Empty));

    private static HostSight Sight(string on) => new("a", "", Guid.Empty, [], [new(Address, on, 32)]);

    private static Dictionary<int, ProcessFact> Processes(params (string Name, int Pid, int Parent)[] all) =>
        all.ToDictionary(p => p.Pid, p => new ProcessFact(p.Pid, p.Pid, p.Parent, p.Name, 0, [p.Name]));
}
