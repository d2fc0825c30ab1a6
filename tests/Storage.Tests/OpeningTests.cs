using HaGrpc.ControlPlane.Storage;
using HaGrpc.Storage.Tests.Databases;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Storage.Tests;

/// <summary>What an operator gets wrong when setting up, and what the store says then.</summary>
public sealed class OpeningTests(PostgresCluster cluster)
{
    private readonly FakeTimeProvider _clock = new();

    [Theory]
    [InlineData("Host=db;Username=u;Password=ab;hunter2")]
    [InlineData("Host=db;Username=u;Password=hunter2;Port=abc")]
    [InlineData("Host=db;Username=u;hunter2=Password")]
    [InlineData("postgresql://u:hunter2@db/hagrpc")]
    [InlineData("Username=u;Password=hunter2")]
    public void A_malformed_connection_string_is_explained_without_showing_it(string connectionString)
    {
        var refusal = Should.Throw<StorageException>(() => Store.Open(new() { Postgres = connectionString }, _clock));

        refusal.ToString().ShouldNotContain("hunter2");
        refusal.Message.ShouldContain("Host");
        refusal.Message.ShouldStartWith("Storage:Postgres");
    }

    [Fact]
    public async Task An_unreachable_server_is_named_without_the_password()
    {
        await using var store = Store.Open(
            new() { Postgres = "Host=127.0.0.1;Port=1;Database=hagrpc;Username=u;Password=hunter2" }, _clock);

        var failure = await Should.ThrowAsync<StorageException>(() => store.MigrateAsync());
        var health = await store.CheckAsync();

        failure.Message.ShouldStartWith("PostgreSQL at 127.0.0.1:1, database hagrpc, user u: cannot reach the server");
        failure.ToString().ShouldNotContain("hunter2");
        failure.OutcomeUnknown.ShouldBeFalse();
        health.Ready.ShouldBeFalse();
        health.Detail.ShouldBe(failure.Message);
    }

    [Fact]
    public async Task A_missing_database_is_named()
    {
        await using var store = Store.Open(new() { Postgres = cluster.ConnectionString("missing") }, _clock);

        var failure = await Should.ThrowAsync<StorageException>(() => store.MigrateAsync());

        failure.Message.ShouldContain("database \"missing\" does not exist");
        failure.Message.ShouldContain("Create the database");
    }

    [Fact]
    public async Task Postgres_tells_who_it_is()
    {
        await using var store = Store.Open(new() { Postgres = await cluster.CreateDatabaseAsync() }, _clock);

        var identity = await store.ReadIdentityAsync();

        identity.SystemIdentifier.ShouldNotBeNull().Length.ShouldBeGreaterThan(15);
        identity.Timeline.ShouldBe(1);
    }

    [Fact]
    public async Task A_read_only_database_is_not_ready()
    {
        var options = new StorageOptions { Postgres = await cluster.CreateDatabaseAsync() };
        await using (var store = Store.Open(options, _clock))
            await store.MigrateAsync();
        await using var readOnly = Store.Open(
            new() { Postgres = options.Postgres + ";Options=-c default_transaction_read_only=on" }, _clock);

        var health = await readOnly.CheckAsync();

        health.Ready.ShouldBeFalse();
        health.Detail.ShouldContain("default_transaction_read_only is on");
    }

    [Fact]
    public async Task Sqlite_makes_its_directory_and_keeps_others_out()
    {
        var directory = Directory.CreateTempSubdirectory("hagrpc-sqlite-").FullName;
        try
        {
            var path = Path.Combine(directory, "deeper", "still", "controlplane.db");
            await using (var store = Store.Open(new() { Sqlite = path }, _clock))
            {
                await store.MigrateAsync();
                foreach (var file in Directory.GetFiles(Path.GetDirectoryName(path)!))
                    File.GetUnixFileMode(file).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite, file);
                File.Exists(path + "-wal").ShouldBeTrue();
                (await store.ReadIdentityAsync()).ShouldBe(new(null, null));
            }

            File.GetUnixFileMode(Path.GetDirectoryName(path)!)
                .ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    [Theory]
    [InlineData("controlplane.db", "an absolute path is needed")]
    [InlineData("/proc/nowhere/controlplane.db", "SQLite file /proc/nowhere/controlplane.db")]
    public void A_bad_path_is_named(string path, string expected)
    {
        Should.Throw<StorageException>(() => Store.Open(new() { Sqlite = path }, _clock)).Message.ShouldContain(expected);
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        var path = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(path, string.Concat(Enumerable.Repeat("this is no database\n", 100)));
            await using var store = Store.Open(new() { Sqlite = path }, _clock);

            var failure = await Should.ThrowAsync<StorageException>(() => store.MigrateAsync());

            failure.Message.ShouldContain(path);
            failure.Message.ShouldContain("restore a backup");
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_transaction_that_is_under_way_ends_before_the_store_is_put_away()
    {
        var folder = Directory.CreateTempSubdirectory("hagrpc-store-");
        try
        {
            var database = new Database(new SqliteDialect(Path.Combine(folder.FullName, "plane.db")), _clock);
            TaskCompletionSource begun = new(), goesOn = new();
            var writing = database.WriteAsync(
                async unit =>
                {
                    begun.SetResult();
                    await goesOn.Task;
                    await unit.ExecuteScriptAsync("create table made_at_the_end (id integer)");
                    await unit.CommitAsync();
                    return 0;
                },
                TestContext.Current.CancellationToken);
            await begun.Task;

            var away = database.DisposeAsync().AsTask();
            away.IsCompleted.ShouldBeFalse();
            goesOn.SetResult();
            await away;
            await writing;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
