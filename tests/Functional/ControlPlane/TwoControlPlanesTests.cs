using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Storage.Tests.Databases;
using Npgsql;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Control planes on one PostgreSQL.</summary>
[Collection(OnePostgres.Name)]
public sealed class TwoControlPlanesTests(PostgresCluster cluster)
{
    [Fact]
    public async Task One_leads_the_other_refuses_clearly_and_takes_over_when_the_first_one_stops()
    {
        var database = $"--postgres={await cluster.CreateDatabaseAsync()}";
        await using var first = await InProcessPlane.StartLeadingAsync(database);
        await first.ApplyAsync(Models.Web());
        await using var second = await InProcessPlane.StartAsync(database);
        var leads = $"{first.Service<HaGrpc.ControlPlane.Leader.ProcessIdentity>()} leads at {first.GrpcUrl}";
        await Until.HoldsAsync(
            () => Task.FromResult(second.Log().Any(l => l == $"Information does not lead: {leads}")), "it has seen the leader");

        var (status, body) = await second.GetAsync("/readyz");
        status.ShouldBe(200, "it serves what the database knows");
        body.GetProperty("role").GetString().ShouldBe("follower");
        body.GetProperty("leader").GetProperty("detail").GetString().ShouldBe(leads);
        body.GetProperty("leader").GetProperty("address").GetString().ShouldBe(first.GrpcUrl);
        body.GetProperty("leader").GetProperty("term").GetInt64().ShouldBe(1);
        var run = await Operator.RunAsync(second.GrpcUrl, "switchover", "web");
        run.Code.ShouldBe(7);
        run.Error.ShouldBe($"hactl: the control plane at {second.GrpcUrl} cannot do it now: this control plane does not lead: {leads}\n");
        var refused = await Should.ThrowAsync<RpcException>(() => AgentDouble.AttachAsync(second.GrpcUrl, "a"));
        (refused.StatusCode, refused.Status.Detail).ShouldBe((StatusCode.Unavailable, $"this control plane does not lead: {leads}"));
        (refused.Trailers.GetValue("hagrpc-leader"), refused.Trailers.GetValue("hagrpc-leader-term")).ShouldBe((first.GrpcUrl, "1"));

        await using var agent = await AgentDouble.AttachAsync(first.GrpcUrl, "a");
        await first.StopAsync();

        var ended = await agent.EndAsync();
        ended.StatusCode.ShouldBe(StatusCode.Unavailable, ended.ToString());
        await Until.HoldsAsync(second.LeadsAsync, "the second leads");
        await Until.HoldsAsync(() => Task.FromResult(second.Log().Contains("Information leads, term 2: the former leader released it")), "it says why");
        await using var again = await AgentDouble.AttachAsync(second.GrpcUrl, "a");
        await again.BeatAsync();
        (await Operator.RunAsync(second.GrpcUrl, "groups")).Out.ShouldContain("web");
    }

    /// <summary>Whoever asked would take it for not done, and ask for it again.</summary>
    [Fact]
    public async Task A_change_that_is_stored_is_told_as_done_when_the_leadership_ends_before_it_is_read_again()
    {
        var connection = await cluster.CreateDatabaseAsync();
        await using var plane = await InProcessPlane.StartLeadingAsync($"--postgres={connection}");
        var tenure = plane.Service<HaGrpc.ControlPlane.Leader.LeaderSeat>().Current.ShouldNotBeNull();
        await using var source = NpgsqlDataSource.Create(connection);
        await using var other = await source.OpenConnectionAsync();
        await using var transaction = await other.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table program in access exclusive mode", other, transaction))
            await hold.ExecuteNonQueryAsync();

        var written = tenure.Registry.WriteAsync(() => Task.FromResult("stored"), CancellationToken.None);
        await using var waiting = source.CreateCommand("select count(*) from pg_locks where not granted and relation = 'program'::regclass");
        await Until.HoldsAsync(async () => (long)(await waiting.ExecuteScalarAsync())! == 1, "it is being read again");
        tenure.Term.End("a test ends it");

        (await written).ShouldBe("stored");
    }

    [Fact]
    public async Task Heartbeats_write_nothing_to_the_database()
    {
        const int Heartbeats = 300;
        var connection = await cluster.CreateDatabaseAsync();
        await using var plane = await InProcessPlane.StartLeadingAsync($"--postgres={connection}");
        await plane.ApplyAsync(Models.Web());
        await using var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await agent.OwnAsync("web");
        await using var source = NpgsqlDataSource.Create(connection);

        var before = await WritesAsync(source);
        for (var i = 0; i < Heartbeats; i++)
            await agent.BeatAsync();
        // Lines of history wait in a queue: when this refusal is stored, so is everything before it.
        await Should.ThrowAsync<RpcException>(() => AgentDouble.AttachAsync(plane.GrpcUrl, "stranger"));
        await Until.HoldsAsync(
            async () => (await plane.Admin.ListEventsAsync(new() { Filter = new() { Host = "stranger" } })).Events.Count == 1, "the refusal is stored");
        var after = await WritesAsync(source);

        // A few may be left of the promotion (its last events, its view), and one renewal may be under way.
        var (transactions, renewals) = (after.Transactions - before.Transactions, after.Renewals - before.Renewals);
        transactions.ShouldBeInRange(renewals, renewals + 10);
        // Lines of history are stored many at once: few transactions may hide them.
        (after.Events - before.Events).ShouldBeLessThan(10);
        agent.Owns("web").ShouldBeTrue();
    }

    // Every transaction that writes takes a number of its own; the cluster is ours and nobody else's.
    private static async Task<(long Transactions, long Renewals, long Events)> WritesAsync(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(
            "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint, counter, (select value from counter where name = 'event') from leadership");
        await using var reader = await command.ExecuteReaderAsync();
        (await reader.ReadAsync()).ShouldBeTrue();
        return (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
    }
}
