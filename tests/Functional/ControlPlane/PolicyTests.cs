using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Where groups go by weights and together with others, from the wire to the operator.</summary>
public sealed class PolicyTests
{
    [Fact]
    public async Task A_weight_moves_a_group_and_operators_see_the_numbers()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Group("web", new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 110 });
        web.Failback = new() { Mode = FailbackMode.Automatic };
        (await plane.ApplyAsync(new() { Hosts = { new Host { Name = "a" }, new Host { Name = "b" } }, Groups = { web } })).Errors.ShouldBeEmpty();
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        (a.ReleasesWhenAsked, b.ReleasesWhenAsked) = (true, true);
        b.KeepBeating();
        await a.OwnAsync("web");

        a.Weights["web"] = -20;
        await Until.HoldsAsync(async () => (await GroupAsync(plane, "web")) is { Owner: "b", Phase: "Owned" }, "b owns the group");
        var now = await GroupAsync(plane, "web");
        now.LastReason.ShouldBe("failback: b has priority 110, a only 100 (120 - 20 by its checks)");
        now.Detail.ShouldBe("a has priority 100 (120 - 20 by its checks)");
        (now.EffectivePriorities["a"], now.EffectivePriorities["b"]).ShouldBe((100, 110));
        (await Operator.RunAsync(plane.GrpcUrl, "groups")).Out.ShouldContain("a has priority 100 (120 - 20 by its checks)");

        a.Weights["web"] = 0;
        await Until.HoldsAsync(async () => (await GroupAsync(plane, "web")) is { Owner: "a", Phase: "Owned" }, "a owns it again");
        (await GroupAsync(plane, "web")).Detail.ShouldBe("");
    }

    [Fact]
    public async Task What_the_owner_cannot_claim_is_shown_while_it_says_so()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await plane.ApplyAsync(new() { Hosts = { new Host { Name = "a" }, new Host { Name = "b" } }, Groups = { Of("web") } })).Errors.ShouldBeEmpty();
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        await a.OwnAsync("web");

        a.Troubles["web"] = "VIP 192.0.2.50: the cloud\nsays no";
        b.Troubles["web"] = "VIP 192.0.2.50: it does not own it";
        await a.BeatAsync();
        await b.BeatAsync();

        (await Operator.RunAsync(plane.GrpcUrl, "groups")).Out.ShouldContain("a cannot claim VIP 192.0.2.50: the cloud says no\n");
        (await Operator.RunAsync(plane.GrpcUrl, "groups", "-v")).Out.ShouldContain("Owned: a cannot claim VIP 192.0.2.50: the cloud says no\n");
        a.Troubles.Clear();
        await a.BeatAsync();
        (await GroupAsync(plane, "web")).Detail.ShouldBe("");
    }

    [Fact]
    public async Task Groups_of_a_sync_group_move_together()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await plane.ApplyAsync(new() { Hosts = { new Host { Name = "a" }, new Host { Name = "b" } }, Groups = { Of("web"), Of("db") } })).Errors.ShouldBeEmpty();
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        (a.ReleasesWhenAsked, b.ReleasesWhenAsked) = (true, true);
        b.KeepBeating();
        await a.OwnAsync("web");
        await Until.HoldsAsync(() => Task.FromResult(a.Owns("db")), "a owns both");

        // Its answer would wait for programs that these agents do not have.
        using var asked = plane.Admin.SwitchoverAsync(new() { Group = "web", TargetHost = "b", Reason = "new disk" });

        await Until.HoldsAsync(async () => (await GroupAsync(plane, "db")) is { Owner: "b", Phase: "Owned" }, "db has moved along");
        (await GroupAsync(plane, "db")).LastReason.ShouldBe("new disk");
        await Until.HoldsAsync(async () => (await GroupAsync(plane, "web")) is { Owner: "b", Phase: "Owned" }, "and web itself");
    }

    [Fact]
    public async Task What_differs_in_a_sync_group_is_refused()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await plane.ApplyAsync(new() { Hosts = { new Host { Name = "a" }, new Host { Name = "b" } }, Groups = { Of("web") } })).Errors.ShouldBeEmpty();
        var db = Of("db");
        (db.Members[0].Priority, db.Failback) = (100, new() { Mode = FailbackMode.Automatic });

        var errors = (await plane.Admin.ApplyAsync(new() { Groups = { db } })).Errors;

        errors.Select(e => e.Path).ShouldBe(["groups[0].members", "groups[0].failback"]);
        errors[0].Message.ShouldBe("the same for all groups of sync group shop: group web has a (120), b (80)");
    }

    private static Group Of(string name)
    {
        var group = Models.Group(name, new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 80 });
        group.SyncGroup = "shop";
        return group;
    }

    private static async Task<GroupStatus> GroupAsync(InProcessPlane plane, string name) =>
        (await plane.Admin.ListGroupsAsync(new() { Names = { name } })).Groups.Single();
}
