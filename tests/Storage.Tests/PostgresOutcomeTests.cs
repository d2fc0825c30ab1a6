using HaGrpc.ControlPlane.Storage;
using HaGrpc.Storage.Tests.Databases;
using Npgsql;

namespace HaGrpc.Storage.Tests;

/// <summary>Rule C6 where it is hard: the session dies or the answer is lost in the middle of a promotion.</summary>
public sealed class PostgresOutcomeTests(PostgresCluster cluster) : StoreContract(new PostgresDatabases(cluster))
{
    private const string WaitingForALock =
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";

    [Fact]
    public async Task A_session_terminated_before_its_commit_is_unknown_and_reads_back_as_not_written()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await using var blocker = await HoldAsync("update counter set value = value where name = 'event'");
        var promotion = Store.Ownership.PromoteAsync(Promote("g", 0, "a", term));
        await WaitForSessionsAsync(1);

        await Databases.ExecuteAsync(
            Options,
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'");

        var write = await promotion;
        write.Outcome.ShouldBe(OwnershipOutcome.Unknown);
        write.Detail.ShouldContain("57P01");
        (await Store.Ownership.SettleAsync("g", term))!.ToCore().ShouldBe(new("g", null, 0));
        await blocker.ReleaseAsync();
        (await Store.Ownership.PromoteAsync(Promote("g", 0, "b", term, expectedAttempt: 1))).Outcome.ShouldBe(OwnershipOutcome.Committed);
    }

    [Fact]
    public async Task A_lost_answer_to_a_commit_is_unknown_and_reads_back_as_written()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await using var cut = new CuttableConnection(cluster.SocketDirectory);
        var behindTheCut = OpenThrough(cut);
        (await behindTheCut.CheckAsync()).Ready.ShouldBeTrue();

        cut.LoseTheNextCommitsAnswer();
        var write = await behindTheCut.Ownership.PromoteAsync(Promote("g", 0, "a", term));

        write.Outcome.ShouldBe(OwnershipOutcome.Unknown);
        write.Detail.ShouldContain("unknown until read back");
        (await behindTheCut.Ownership.SettleAsync("g", term))!.ToCore().ShouldBe(new("g", "a", 1));
    }

    [Fact]
    public async Task A_settled_read_waits_for_a_commit_that_is_still_under_way()
    {
        const long Gate = 4711;
        await RegisterAsync("g");
        var term = await LeadAsync();
        await Databases.ExecuteAsync(
            Options,
            $"""
            create function slow_commit() returns trigger language plpgsql as
                'begin perform pg_advisory_xact_lock({Gate}); return null; end';
            create constraint trigger slow_commit after insert on event deferrable initially deferred
                for each row execute function slow_commit();
            """);
        await using var cut = new CuttableConnection(cluster.SocketDirectory);
        var behindTheCut = OpenThrough(cut);
        await using var gate = await HoldAsync($"select pg_advisory_xact_lock({Gate})");
        cut.LoseTheNextCommitsAnswer();

        var write = await behindTheCut.Ownership.PromoteAsync(Promote("g", 0, "a", term));
        await WaitForSessionsAsync(1);
        var early = await Store.Ownership.ReadAsync("g");
        var settled = Store.Ownership.SettleAsync("g", term);
        await WaitForSessionsAsync(2);

        write.Outcome.ShouldBe(OwnershipOutcome.Unknown);
        early!.Epoch.ShouldBe(0, "a plain read does not see what is still to come");
        settled.IsCompleted.ShouldBeFalse();
        await gate.ReleaseAsync();
        (await settled)!.ToCore().ShouldBe(new("g", "a", 1));
    }

    [Fact]
    public async Task A_challenger_waits_for_an_ownership_write_and_a_renewal_does_not()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await using var blocker = await HoldAsync("update counter set value = value where name = 'event'");
        var promotion = Store.Ownership.PromoteAsync(Promote("g", 0, "a", term));
        await WaitForSessionsAsync(1);

        (await Store.Leadership.RenewAsync(term)).ShouldNotBeNull();
        var seen = await Store.Leadership.ReadAsync();
        var challenge = Open().Leadership.TakeAsync(seen.Term, seen.Counter, "cp-2");
        await WaitForSessionsAsync(2);

        challenge.IsCompleted.ShouldBeFalse();
        await blocker.ReleaseAsync();
        (await promotion).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await challenge).ShouldBe(term + 1);
        (await Store.Ownership.PromoteAsync(Promote("g", 1, "b", term))).Outcome.ShouldBe(OwnershipOutcome.Lost);
    }

    [Fact]
    public async Task A_lock_that_is_not_given_up_ends_as_unknown_and_not_as_a_hang()
    {
        await RegisterAsync("g");
        var term = await LeadAsync();
        await using var blocker = await HoldAsync("update ownership set reason = reason");
        var limited = Open(new() { Postgres = PostgresCluster.WithTheProductsLimits(Options.Postgres!) });

        var write = await limited.Ownership.PromoteAsync(Promote("g", 0, "a", term));
        var readBack = await Should.ThrowAsync<StorageException>(() => limited.Ownership.SettleAsync("g", term));

        write.Outcome.ShouldBe(OwnershipOutcome.Unknown);
        write.Detail.ShouldContain("55P03");
        readBack.Message.ShouldContain("Trying again is safe");
    }

    [Fact]
    public async Task A_commit_survives_a_crash_although_the_operator_turned_that_off()
    {
        await Databases.ExecuteAsync(
            Options,
            "do $$ begin execute format('alter database %I set synchronous_commit = off', current_database()); end $$");
        await using var database = new Database(new PostgresDialect(PostgresCluster.WithTheProductsLimits(Options.Postgres!)), Clock);

        var settings = await database.ReadAsync(
            unit => unit.QueryAsync(
                $"select current_setting('synchronous_commit'), current_setting('statement_timeout')",
                row => (row.Text(0), row.Text(1))),
            CancellationToken.None);

        settings.ShouldBe([("on", "4s")]);
    }

    private Store OpenThrough(CuttableConnection cut) => Open(
        new() { Postgres = new NpgsqlConnectionStringBuilder(Options.Postgres) { Host = cut.Host }.ConnectionString });

    private Task WaitForSessionsAsync(int count) => Eventually.HoldsAsync(
        async () => await Databases.NumberAsync(Options, WaitingForALock) == count, $"{count} sessions wait for a lock");

    private async Task<OpenTransaction> HoldAsync(string sql)
    {
        var connection = (NpgsqlConnection)await Databases.ConnectAsync(Options);
        var transaction = await connection.BeginTransactionAsync();
#pragma warning disable CA2100 // Written in this file.
        await using var command = new NpgsqlCommand(sql, connection, transaction);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
        return new(connection, transaction);
    }

    private sealed class OpenTransaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public Task ReleaseAsync() => transaction.RollbackAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
