using HaGrpc.Core.Access;
using HaGrpc.Core.Guard;

namespace HaGrpc.Core.Tests.Guard;

/// <summary>What is demanded before which act.</summary>
public sealed class GuardPolicyTests
{
    private static readonly TouchedGroups Web = new(false, ["web"]), Both = new(false, ["web", "mail"]), Everything = new(true, ["web", "mail"]);

    [Fact]
    public void Without_rules_the_standards_count()
    {
        foreach (var act in GuardedActs.All)
            Judge(act.Act, OperatorRole.Admin, Web).ShouldBe(new(act.Standard, null), act.Name);
        GuardedActs.All.Where(a => a.Standard == GuardDemand.Confirm).Select(a => a.Name).ShouldBe(
            ["stop-group", "restart-all", "switchover-unready", "fence", "revoke", "adopt-forced", "unlock-all", "prune", "delete", "rollback-removing"]);
    }

    [Fact]
    public void The_table_has_each_act_at_its_place_and_every_graver_form_is_no_less_strict()
    {
        GuardedActs.All.Select(a => a.Act).ShouldBe(Enum.GetValues<GuardedAct>());
        foreach (var act in GuardedActs.All)
        {
            GuardedActs.Find(act.Name).ShouldBe(act.Act);
            if (act.PartOf is { } whole)
                (act.Standard >= GuardedActs.Of(whole).Standard).ShouldBeTrue(act.Name);
        }
        GuardedActs.Find("shutdown-everything").ShouldBeNull();
        GuardedActs.Knows("AdminService/StopPrograms").ShouldBeTrue();
        GuardedActs.Knows("AdminService/ListPrograms").ShouldBeFalse();
    }

    [Fact]
    public void The_strictest_rule_that_fits_counts_whatever_their_order()
    {
        GuardRule[] rules =
        [
            new(GuardedAct.StopGroup, null, "*", GuardDemand.Allow),
            new(GuardedAct.StopGroup, OperatorRole.Operator, "w*", GuardDemand.Forbid),
            new(GuardedAct.StopGroup, OperatorRole.Operator, "web", GuardDemand.SecondApprover),
        ];
        foreach (var order in new[] { rules, [.. rules.Reverse()] })
        {
            Judge(GuardedAct.StopGroup, OperatorRole.Operator, Web, order).ShouldBe(new(GuardDemand.Forbid, rules[1]));
            Judge(GuardedAct.StopGroup, OperatorRole.Admin, Web, order).ShouldBe(new(GuardDemand.Allow, rules[0]));
        }
    }

    [Fact]
    public void Of_several_groups_the_strictest_decides()
    {
        var forbidden = new GuardRule(GuardedAct.StopGroup, null, "mail", GuardDemand.Forbid);
        Judge(GuardedAct.StopGroup, OperatorRole.Admin, Both, forbidden).Demand.ShouldBe(GuardDemand.Forbid);
        Judge(GuardedAct.StopGroup, OperatorRole.Admin, Web, forbidden).Demand.ShouldBe(GuardDemand.Confirm);
        Judge(GuardedAct.StopGroup, OperatorRole.Admin, Web, new GuardRule(GuardedAct.StopGroup, null, "web", GuardDemand.Allow)).Demand.ShouldBe(GuardDemand.Allow);
        Judge(GuardedAct.StopGroup, OperatorRole.Admin, Both, new GuardRule(GuardedAct.StopGroup, null, "web", GuardDemand.Allow)).Demand
            .ShouldBe(GuardDemand.Confirm, "mail has no rule: its standard counts");
    }

    [Fact]
    public void What_is_about_everything_counts_for_every_group_and_for_none()
    {
        Judge(GuardedAct.UnlockAll, OperatorRole.Admin, Everything, new GuardRule(GuardedAct.UnlockAll, null, "mail", GuardDemand.Forbid)).Demand
            .ShouldBe(GuardDemand.Forbid);
        Judge(GuardedAct.UnlockAll, OperatorRole.Admin, Everything, new GuardRule(GuardedAct.UnlockAll, null, "mail", GuardDemand.Allow)).Demand
            .ShouldBe(GuardDemand.Confirm);
        Judge(GuardedAct.Fence, OperatorRole.Admin, new(true, []), new GuardRule(GuardedAct.Fence, null, "web*", GuardDemand.Forbid)).Demand
            .ShouldBe(GuardDemand.Confirm, "a host without groups is none of web*");
        Judge(GuardedAct.Fence, OperatorRole.Admin, new(true, []), new GuardRule(GuardedAct.Fence, null, "*", GuardDemand.Forbid)).Demand
            .ShouldBe(GuardDemand.Forbid);
    }

    [Fact]
    public void What_is_demanded_of_an_act_is_demanded_of_its_graver_form_and_not_the_other_way_round()
    {
        var noStops = new GuardRule(GuardedAct.Stop, null, "*", GuardDemand.Forbid);
        Judge(GuardedAct.StopGroup, OperatorRole.Admin, Web, noStops).ShouldBe(new(GuardDemand.Forbid, noStops));
        Judge(GuardedAct.Stop, OperatorRole.Admin, Web, new GuardRule(GuardedAct.StopGroup, null, "*", GuardDemand.Forbid)).Demand.ShouldBe(GuardDemand.Allow);
        Judge(GuardedAct.StopGroup, OperatorRole.Admin, Web, new GuardRule(GuardedAct.Stop, null, "*", GuardDemand.Allow)).Demand.ShouldBe(GuardDemand.Confirm);
    }

    [Theory]
    [InlineData(GuardedAct.Stop, "*", GuardDemand.Forbid, 0, null)]
    [InlineData(GuardedAct.Stop, "we?-*", GuardDemand.Confirm, 0, null)]
    [InlineData(GuardedAct.Stop, "we b", GuardDemand.Confirm, 0, "groups: 'we b': ")]
    [InlineData(GuardedAct.Policy, "*", GuardDemand.Forbid, 2, "demand: forbid is not possible for policy: nobody could take it back")]
    [InlineData(GuardedAct.Operators, "*", GuardDemand.SecondApprover, 2, null)]
    [InlineData(GuardedAct.Stop, "*", GuardDemand.SecondApprover, 1, "demand: second-approver needs two operators who are admins of all groups, without an end: there is only one")]
    [InlineData(GuardedAct.Stop, "*", GuardDemand.SecondApprover, 0, "demand: second-approver needs two operators who are admins of all groups, without an end: nobody is registered")]
    public void A_rule_that_could_not_be_kept_or_taken_back_is_none(GuardedAct act, string groups, GuardDemand demand, int admins, string? problem)
    {
        var said = new GuardRule(act, null, groups, demand).Problem(admins);
        if (problem is null)
            said.ShouldBeNull();
        else
            said.ShouldNotBeNull().ShouldStartWith(problem);
    }

    private static GuardVerdict Judge(GuardedAct act, OperatorRole role, TouchedGroups touched, params GuardRule[] rules) =>
        new GuardPolicy(rules).Judge(act, role, touched);
}
