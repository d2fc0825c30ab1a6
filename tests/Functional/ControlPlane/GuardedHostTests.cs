using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What is demanded before a host is shut out, and before something is taken over from whoever ran it.</summary>
public sealed class GuardedHostTests
{
    [Fact]
    public async Task A_revocation_says_what_ends_and_is_confirmed_by_the_hosts_name()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await using var a = await GuardTests.OwnerAsync(plane, isMortal: true);
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        b.KeepBeating();
        await Until.HoldsAsync(
            async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Backups is [{ Obstacle: "" }], "b can take it");
        var identity = new IdentityService.IdentityServiceClient(plane.Channel);

        var refused = await Should.ThrowAsync<RpcException>(identity.RevokeHostAsync(new() { Host = "a" }).ResponseAsync);

        refused.StatusCode.ShouldBe(StatusCode.FailedPrecondition);
        refused.Status.Detail.ShouldStartWith("to let nobody speak for a host any more has to be confirmed (the standard of revoke), and was not; nothing was done. a: 1 running program (web:http); ");
        var run = await Operator.RunAsync(plane.GrpcUrl, "host", "revoke", "a");
        run.Code.ShouldBe(2);
        run.Error.ShouldStartWith("revoke of a has to be confirmed (the standard of revoke). It hits:\n  web on a, epoch 1: 1 program running (web:http); VIPs 10.0.0.100/24; ");
        run.Error.ShouldContain("\n  a is cut off at once, and refused from then on, also by the other members of its groups\n");
        run.Error.ShouldMatch(@"\n  web: its programs and addresses end there with its lease, after \S+ s at most; b takes it then\n");
        run.Error.ShouldContain("\n  void: 0 certificates, 0 unused tokens\n");
        run.Error.ShouldEndWith("hactl: it must be confirmed: --yes a; nothing was done\n");
        (await Operator.RunAsync(plane.GrpcUrl, "host", "revoke", "a", "--yes", "web")).Error.ShouldContain("must be a, for that is what it hits");
        (await identity.ListHostCertificatesAsync(new())).RevokedHosts.ShouldBeEmpty();

        (await Operator.RunAsync(plane.GrpcUrl, "host", "revoke", "a", "--yes", "a")).Code.ShouldBe(0);
        (await identity.ListHostCertificatesAsync(new())).RevokedHosts.ShouldBe(["a"]);
        await Until.HoldsAsync(
            async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single() is { Owner: "b", Backups: [{ Host: "a" } former] }
                && former.Obstacle.StartsWith("revoked by 127.0.0.1 since ", StringComparison.Ordinal),
            "b has taken it, and a cannot take it back");
        var why = await Operator.RunAsync(plane.GrpcUrl, "why", "web");
        why.Out.ShouldContain("nobody speaks for a any more");
        why.Out.ShouldContain("  a could not take over now: revoked by 127.0.0.1 since ");
    }

    [Fact]
    public async Task A_revocation_of_a_host_of_a_group_may_be_forbidden_or_need_a_second_operator()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        var (root, _) = await GuardPolicyTests.OperatorsAsync(plane);
        var carol = await GuardPolicyTests.AddAsync(plane, root, "carol", OperatorRole.Admin);
        await GuardPolicyTests.SetAsync(plane, root, "revoke", GuardDemand.SecondApprover, groups: "web");

        var asked = await Operator.RunAsTokenAsync(plane.GrpcUrl, carol, "host", "revoke", "b", "--yes", "b");
        asked.Error.ShouldContain("b is not connected; it is refused from now on\n");
        (asked.Code, asked.Error.Contains("hactl approve 1", StringComparison.Ordinal)).ShouldBe((1, true), asked.Error);
        await GuardTests.Guard(plane).ApproveAsync(new() { Id = 1 }, GuardPolicyTests.As(root));
        (await Operator.RunAsTokenAsync(plane.GrpcUrl, carol, "host", "revoke", "b", "--yes", "b")).Code.ShouldBe(0);

        await GuardPolicyTests.SetAsync(plane, root, "revoke", GuardDemand.Forbid, OperatorRole.Admin, "web");
        (await Operator.RunAsTokenAsync(plane.GrpcUrl, carol, "host", "revoke", "a", "--yes", "a")).Error
            .ShouldContain("the policy forbids to let nobody speak for a host any more here: revoke of web by admin: forbid");
    }

    [Fact]
    public async Task An_adoption_shows_what_is_taken_over_where_the_policy_wants_that_and_with_force_always()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var model = Models.Web();
        model.Groups[0].Mode = SupervisionMode.Observe;
        (await plane.ApplyAsync(model)).Errors.ShouldBeEmpty();
        await using var a = await AdoptCallTests.AttachAsync(plane, "a", []);
        await using var b = await AdoptCallTests.AttachAsync(plane, "b", ["http", "db"]);
        var adoption = new AdoptionService.AdoptionServiceClient(plane.Channel);

        var forced = await Should.ThrowAsync<RpcException>(adoption.AdoptAsync(new() { Group = "web", Force = true }).ResponseAsync);
        forced.Status.Detail.ShouldStartWith("to take over what a living supervisor would start again has to be confirmed (the standard of adopt-forced), and was not; nothing was done. web: ");
        (await adoption.AdoptAsync(new() { Group = "web", Force = true, DryRun = true })).Host.ShouldBe("b", "a look hits nothing");

        await GuardTests.Guard(plane).SetPolicyAsync(new() { Act = "adopt", Demand = GuardDemand.Confirm });
        var run = await Operator.RunAsync(plane.GrpcUrl, "adopt", "web");
        run.Code.ShouldBe(2);
        run.Error.ShouldStartWith("adopt of web has to be confirmed (adopt of all groups by every role: confirm (set by 127.0.0.1 on ");
        run.Error.ShouldContain("\n  web:http: adopts pid 100 on b\n");
        run.Error.ShouldContain("in all: 2 running programs (web:db, web:http); host b; ");
        (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Group.Mode.ShouldBe(SupervisionMode.Observe);

        var adopted = Operator.RunAsync(plane.GrpcUrl, "adopt", "web", "--yes", "web");
        await b.OwnAsync("web");
        (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Group.Mode.ShouldBe(SupervisionMode.Manage);
        (await adopted).Code.ShouldBe(0);
    }
}
