using System.Data.Common;
using HaGrpc.ControlPlane.Storage;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace HaGrpc.Storage.Tests.Databases;

/// <summary>Where a contract test gets its empty database from.</summary>
internal abstract class TestDatabases : IAsyncDisposable
{
    /// <summary>A new, empty database.</summary>
    public abstract Task<StorageOptions> CreateAsync();

    /// <summary>A connection beside the store, as an operator's tool would have one.</summary>
    public abstract Task<DbConnection> ConnectAsync(StorageOptions options);

    public async Task ExecuteAsync(StorageOptions options, string sql)
    {
        await using var connection = await ConnectAsync(options);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Written in the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    public async Task<long> NumberAsync(StorageOptions options, string sql)
    {
        await using var connection = await ConnectAsync(options);
        await using var command = connection.CreateCommand();
#pragma warning disable CA2100 // Written in the tests.
        command.CommandText = sql;
#pragma warning restore CA2100
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public virtual ValueTask DisposeAsync() => default;
}

internal sealed class PostgresDatabases(PostgresCluster cluster) : TestDatabases
{
    public override async Task<StorageOptions> CreateAsync() => new() { Postgres = await cluster.CreateDatabaseAsync() };

    public override async Task<DbConnection> ConnectAsync(StorageOptions options)
    {
        var connection = new NpgsqlConnection(options.Postgres + ";Pooling=false");
        await connection.OpenAsync();
        return connection;
    }
}

internal sealed class SqliteDatabases : TestDatabases
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hagrpc-sqlite-").FullName;
    private int _databases;

    public override Task<StorageOptions> CreateAsync() => Task.FromResult(
        new StorageOptions { Sqlite = Path.Combine(_directory, $"{Interlocked.Increment(ref _databases)}", "controlplane.db") });

    public override async Task<DbConnection> ConnectAsync(StorageOptions options)
    {
        var connection = new SqliteConnection($"Data Source={options.Sqlite};Pooling=false");
        await connection.OpenAsync();
        return connection;
    }

    public override ValueTask DisposeAsync()
    {
        Directory.Delete(_directory, recursive: true);
        return base.DisposeAsync();
    }
}
