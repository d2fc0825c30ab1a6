using HaGrpc.Core.Access;
using HaGrpc.Core.Guard;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class GuardContract : StoreContract
{
    private protected GuardContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task Rules_are_set_replaced_and_removed_each_with_an_event()
    {
        var term = await LeadAsync();
        var rule = new GuardRule(GuardedAct.StopGroup, OperatorRole.Operator, "web*", GuardDemand.Forbid);
        var set = await Store.Guard.SetRuleAsync(rule, isRemoved: false, term, "eve", "peak season");
        set.Before.ShouldBeNull();
        set.After.ShouldBe(new(rule, "eve", Clock.GetUtcNow(), "peak season"));
        await Store.Guard.SetRuleAsync(rule with { Role = null }, isRemoved: false, term, "eve", "");
        (await Store.Guard.SetRuleAsync(rule with { Demand = GuardDemand.Confirm }, isRemoved: false, term, "bob", "")).Before!.Rule.ShouldBe(rule);
        (await Open().Guard.ReadPolicyAsync()).Rules.Select(r => (r.Rule.ToString(), r.SetBy)).ShouldBe([
            ("stop-group of web* by every role: forbid", "eve"),
            ("stop-group of web* by operator: confirm", "bob")]);

        (await Store.Guard.SetRuleAsync(rule, isRemoved: true, term, "bob", "over")).After.ShouldBeNull();
        (await Store.Guard.SetRuleAsync(rule, isRemoved: true, term, "bob", "over")).Before.ShouldBeNull("it is gone");
        (await Store.Guard.ReadPolicyAsync()).Rules.ShouldHaveSingleItem().Rule.Role.ShouldBeNull();
        (await Store.Events.ReadNewestAsync(new(), 10)).Where(e => e.Kind == "GuardPolicyChanged").Select(e => e.Message).Last()
            .ShouldBe("no rule any more: stop-group of web* by operator: confirm: over");
    }

    [Fact]
    public async Task What_a_newer_control_plane_stored_of_acts_of_its_own_stays_and_does_not_count()
    {
        var term = await LeadAsync();
        var rule = new GuardRule(GuardedAct.Stop, null, "*", GuardDemand.Forbid);
        await Store.Guard.SetRuleAsync(rule, isRemoved: false, term, "eve", "");
        await Store.Guard.AskAsync(Asked(), term);
        // A number is none of their names either, although it would be parsed as one.
        foreach (var act in new[] { "Teleport", "3" })
        {
            await Databases.ExecuteAsync(
                Options,
                $"insert into guard_rule (act, role, groups, demand, set_by, set_at, reason) select '{act}', role, groups, demand, set_by, set_at, reason from guard_rule where act = 'Stop'");
        }
        await Databases.ExecuteAsync(Options, "update approval set act = 'Teleport' where id = 1");

        var policy = await Store.Guard.ReadPolicyAsync();
        (policy.Rules.Select(r => r.Rule).ShouldHaveSingleItem(), string.Join(' ', policy.UnknownActs)).ShouldBe((rule, "3 Teleport"));
        (await Store.Guard.ReadApprovalsAsync()).ShouldBeEmpty();
        (await Store.Guard.AskAsync(Asked(), term))!.Id.ShouldBe(2);
        await Store.Guard.SetRuleAsync(rule, isRemoved: true, term, "eve", "");
        (await Store.Guard.ReadPolicyAsync()).UnknownActs.ShouldBe(["3", "Teleport"], "what is changed beside it leaves it alone");
    }

    [Fact]
    public async Task Nothing_is_written_without_the_leadership()
    {
        var term = await LeadAsync() + 1;
        (await Store.Guard.SetRuleAsync(new(GuardedAct.Stop, null, "*", GuardDemand.Forbid), isRemoved: false, term, "eve", "")).IsTermOver.ShouldBeTrue();
        (await Store.Guard.AskAsync(Asked(), term)).ShouldBeNull();
        (await Store.Guard.DecideAsync(1, _ => null, isApproved: true, "bob", "", term)).IsTermOver.ShouldBeTrue();
        (await Store.Guard.ReadPolicyAsync()).Rules.ShouldBeEmpty();
        (await Store.Guard.ReadApprovalsAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_request_is_asked_once_decided_once_and_used_once()
    {
        var term = await LeadAsync();
        var asked = (await Store.Guard.AskAsync(Asked(), term)).ShouldNotBeNull();
        asked.Id.ShouldBe(1);
        (await Store.Guard.AskAsync(Asked(), term))!.Id.ShouldBe(1, "it waits already");
        (await Store.Guard.AskAsync(Asked() with { Fingerprint = "other" }, term))!.Id.ShouldBe(2, "it would hit something else");
        (await Store.Guard.TakeAsync(Asked(), _ => true, term)).ShouldBeNull("nobody has approved it");
        (await Store.Guard.DecideAsync(1, _ => "not you", isApproved: true, "eve", "", term)).Problem.ShouldBe("not you");
        (await Store.Guard.DecideAsync(9, _ => null, isApproved: true, "bob", "", term)).Before.ShouldBeNull();

        var decided = (await Store.Guard.DecideAsync(1, _ => null, isApproved: true, "bob", "go", term)).After.ShouldNotBeNull();
        (decided.State, decided.DecidedBy, decided.DecidedReason, decided.DecidedAt).ShouldBe((ApprovalState.Approved, "bob", "go", Clock.GetUtcNow()));
        var read = (await Open().Guard.ReadApprovalsAsync()).Single(a => a.Id == 1);
        (read with { Touched = decided.Touched }).ShouldBe(decided);
        (read.Touched.IsEverything, string.Join(' ', read.Touched.Names)).ShouldBe((false, "web mail"));

        (await Store.Guard.TakeAsync(Asked() with { Digest = "other" }, _ => true, term)).ShouldBeNull("another call");
        (await Store.Guard.TakeAsync(Asked() with { Fingerprint = "third" }, _ => true, term)).ShouldBeNull("another radius");
        (await Store.Guard.TakeAsync(Asked() with { RequestedBy = "zoe" }, _ => true, term)).ShouldBeNull("another operator");
        (await Store.Guard.TakeAsync(Asked(), _ => false, term)).ShouldBeNull("whoever approved counts no more");
        (await Store.Guard.TakeAsync(Asked(), _ => true, term))!.Id.ShouldBe(1);
        (await Store.Guard.TakeAsync(Asked(), _ => true, term)).ShouldBeNull("it is used");
        (await Store.Events.ReadNewestAsync(new(), 10)).Select(e => e.Kind)
            .ShouldBe(["ApprovalRequested", "ApprovalRequested", "ApprovalGiven", "ApprovalUsed"]);
    }

    [Fact]
    public async Task An_approval_ends_with_its_time()
    {
        var term = await LeadAsync();
        await Store.Guard.AskAsync(Asked(), term);
        await Store.Guard.DecideAsync(1, _ => null, isApproved: true, "bob", "", term);
        Clock.Advance(Approval.Lifetime);
        (await Store.Guard.TakeAsync(Asked(), _ => true, term)).ShouldBeNull();
        (await Store.Guard.AskAsync(Asked(), term))!.Id.ShouldBe(2, "it is asked for again");
        Clock.Advance(TimeSpan.FromDays(31));
        (await Store.Guard.AskAsync(Asked(), term))!.Id.ShouldBe(3);
        (await Store.Guard.ReadApprovalsAsync()).Select(a => a.Id).ShouldBe([3], "what is old is forgotten");
    }

    [Fact]
    public async Task Of_two_who_use_an_approval_at_once_one_has_it()
    {
        var term = await LeadAsync();
        await Store.Guard.AskAsync(Asked(), term);
        await Store.Guard.DecideAsync(1, _ => null, isApproved: true, "bob", "", term);
        var others = Enumerable.Range(0, 4).Select(_ => Open()).ToArray();
        var taken = await Task.WhenAll(others.Select(s => Task.Run(() => s.Guard.TakeAsync(Asked(), _ => true, term))));
        taken.Count(t => t is not null).ShouldBe(1);
    }

    [Fact]
    public async Task An_approval_of_what_is_made_in_steps_is_good_for_each_of_them_while_it_lasts()
    {
        var term = await LeadAsync();
        var asked = Asked() with { Act = GuardedAct.Update };
        await Store.Guard.AskAsync(asked, term);
        await Store.Guard.DecideAsync(1, _ => null, isApproved: true, "bob", "", term);

        (await Store.Guard.TakeAsync(asked, _ => true, term))!.State.ShouldBe(ApprovalState.Approved);
        (await Store.Guard.TakeAsync(asked, _ => true, term))!.State.ShouldBe(ApprovalState.Used);
        (await Store.Guard.TakeAsync(asked with { Digest = "other" }, _ => true, term)).ShouldBeNull("another release");
        (await Store.Guard.TakeAsync(asked, _ => false, term)).ShouldBeNull("whoever approved counts no more");
        (await Store.Events.ReadNewestAsync(new(), 10)).Count(e => e.Kind == "ApprovalUsed").ShouldBe(1);
        Clock.Advance(Approval.Lifetime);
        (await Store.Guard.TakeAsync(asked, _ => true, term)).ShouldBeNull();
    }

    private Approval Asked() => new()
    {
        Act = GuardedAct.StopGroup,
        Digest = "d1",
        Fingerprint = "f1",
        Name = "web",
        Summary = "2 running programs",
        Touched = new(false, ["web", "mail"]),
        Role = OperatorRole.Operator,
        RequestedBy = "eve",
        RequestedAt = Clock.GetUtcNow(),
        Reason = "new disk",
    };
}

public sealed class GuardOnPostgres(PostgresCluster cluster) : GuardContract(new PostgresDatabases(cluster));

public sealed class GuardOnSqlite() : GuardContract(new SqliteDatabases());
