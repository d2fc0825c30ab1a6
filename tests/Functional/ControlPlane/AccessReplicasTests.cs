using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Storage.Tests.Databases;
using HaGrpc.V1;
using Npgsql;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Roles and the audit with several control planes on one PostgreSQL.</summary>
[Collection(OnePostgres.Name)]
public sealed class AccessReplicasTests(PostgresCluster cluster)
{
    [Fact]
    public async Task A_follower_checks_as_the_leader_does_and_shows_the_same_audit()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var leader = await InProcessPlane.StartLeadingAsync($"--postgres={database}");
        await leader.ApplyAsync(Models.Web());
        await using var follower = await InProcessPlane.StartAsync($"--postgres={database}");
        var seat = follower.Service<HaGrpc.ControlPlane.Leader.LeaderSeat>();
        await Until.HoldsAsync(() => Task.FromResult(seat.Elsewhere is not null), "it has seen the leader");
        (await follower.Admin.ListGroupsAsync(new())).Groups.Count.ShouldBe(1, "nobody is registered");

        var access = new AccessService.AccessServiceClient(leader.Channel);
        var admin = Bearer((await access.AddOperatorAsync(new() { Name = "root", Role = OperatorRole.Admin, ByToken = true })).Token);
        var mail = Bearer((await access.AddOperatorAsync(
            new() { Name = "mail", Role = OperatorRole.Operator, ByToken = true, Groups = { "mail" } }, admin)).Token);

        (await StatusAsync(async () => await follower.Admin.ListGroupsAsync(new()))).ShouldBe(StatusCode.Unauthenticated);
        (await follower.Admin.ListGroupsAsync(new(), mail)).Groups.ShouldBeEmpty();
        (await follower.Admin.ListGroupsAsync(new(), admin)).Groups.Count.ShouldBe(1);
        (await follower.Admin.GetControlPlaneAsync(new())).Role.ShouldBe(ControlPlaneRole.Follower);
        (await StatusAsync(async () => await follower.Admin.RehearseAsync(new() { Group = "web" }, mail))).ShouldBe(StatusCode.PermissionDenied);
        (await StatusAsync(async () => await follower.Admin.StopProgramsAsync(new() { Selectors = { "web" } }, admin)))
            .ShouldBe(StatusCode.Unavailable, "only the leader changes anything, and writes that it does");
        await access.RemoveOperatorAsync(new() { Name = "mail" }, admin);
        (await StatusAsync(async () => await follower.Admin.ListGroupsAsync(new(), mail))).ShouldBe(StatusCode.Unauthenticated, "at once");

        var head = await new AuditService.AuditServiceClient(follower.Channel).GetAuditHeadAsync(new(), admin);
        head.ShouldBe(await new AuditService.AuditServiceClient(leader.Channel).GetAuditHeadAsync(new(), admin));
        head.Id.ShouldBe(8, "an apply, two additions and a removal, each asked for and ended");
    }

    [Fact]
    public async Task A_database_that_does_not_answer_does_not_keep_lists_waiting()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var plane = await InProcessPlane.StartLeadingAsync($"--postgres={database}");
        await plane.ApplyAsync(Models.Web());
        var access = new AccessService.AccessServiceClient(plane.Channel);
        var admin = Bearer((await access.AddOperatorAsync(new() { Name = "root", Role = OperatorRole.Admin, ByToken = true })).Token);
        await plane.Admin.ListGroupsAsync(new(), admin);

        await using var other = new NpgsqlConnection(database);
        await other.OpenAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table operator_account in access exclusive mode", other, transaction))
            await hold.ExecuteNonQueryAsync();

        // Half of what a statement may take here, and far more than is waited for accounts.
        var limit = TimeProvider.System.GetUtcNow().UtcDateTime.AddSeconds(30);
        (await plane.Admin.ListGroupsAsync(new(), admin, limit)).Groups.Count.ShouldBe(1, "by the accounts that were read last");
        (await StatusAsync(async () => await plane.Admin.ListGroupsAsync(new(), deadline: limit))).ShouldBe(StatusCode.Unauthenticated);
    }

    private static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };

    private static async Task<StatusCode> StatusAsync(Func<Task> call) => (await Should.ThrowAsync<RpcException>(call)).StatusCode;
}
