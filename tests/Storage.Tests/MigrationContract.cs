using HaGrpc.ControlPlane.Storage;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class MigrationContract : StoreContract
{
    private protected MigrationContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task Of_several_starters_one_migrates_and_all_find_the_schema()
    {
        var options = await Databases.CreateAsync();
        Store[] stores = [.. Enumerable.Range(0, 6).Select(_ => Open(options))];

        var results = await Task.WhenAll(stores.Select(s => Task.Run(() => s.MigrateAsync())));

        results.Count(r => r.From == 0).ShouldBe(1);
        results.ShouldAllBe(r => r.To == Schema.Latest);
        foreach (var store in stores)
            (await store.CheckAsync()).ShouldBe(new(true, $"{store.Description}: schema version {Schema.Latest}"));
    }

    [Fact]
    public async Task An_empty_database_is_not_ready()
    {
        var store = Open(await Databases.CreateAsync());

        var health = await store.CheckAsync();

        health.Ready.ShouldBeFalse();
        health.Detail.ShouldContain("schema version 0");
    }

    [Fact]
    public async Task A_newer_schema_is_refused_and_left_alone()
    {
        await Databases.ExecuteAsync(
            Options, "insert into schema_version (version, applied_at) values (99, '2031-01-01T00:00:00.000000Z')");

        var refusal = await Should.ThrowAsync<StorageException>(() => Store.MigrateAsync());

        refusal.Message.ShouldContain("version 99");
        refusal.Message.ShouldContain($"up to {Schema.Latest}");
        refusal.Message.ShouldContain("Nothing was changed");
        (await Store.CheckAsync()).Ready.ShouldBeFalse();
    }

    [Fact]
    public async Task A_failed_migration_leaves_nothing_behind()
    {
        var options = await Databases.CreateAsync();
        var store = Open(options);
        await Databases.ExecuteAsync(options, "create table event (squatter text)");

        await Should.ThrowAsync<StorageException>(() => store.MigrateAsync());

        await Databases.ExecuteAsync(options, "drop table event");
        (await store.MigrateAsync()).ShouldBe(new(0, Schema.Latest));
    }
}

public sealed class MigrationOnPostgres(PostgresCluster cluster) : MigrationContract(new PostgresDatabases(cluster));

public sealed class MigrationOnSqlite() : MigrationContract(new SqliteDatabases());
