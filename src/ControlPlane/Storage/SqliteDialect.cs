using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>An embedded SQLite file in WAL mode: readers never wait, writers of this process take turns.</summary>
internal sealed class SqliteDialect : Dialect
{
    private const int TimeoutSeconds = 5;

    // As text these sort like the instants they stand for.
    private const string InstantFormat = "yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'";

    // busy_timeout: SQLite's own short waits, before the library's coarse ones. synchronous FULL: a committed epoch
    // survives a power cut. The journal mode is kept in the file; setting it again is free.
    private static readonly string Pragmas = string.Create(
        CultureInfo.InvariantCulture,
        $"pragma busy_timeout = {TimeoutSeconds * 1000}; pragma journal_mode = wal; pragma synchronous = full; pragma foreign_keys = on;");

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly string _path;
    private readonly DbDataSource _source;

    /// <summary>Makes the directory (mode 0700) and the file (0600: programs' environments hold secrets).</summary>
    public SqliteDialect(string path)
    {
        _path = path;
        Description = $"SQLite file {path}";
        CreateFile();
        var settings = new SqliteConnectionStringBuilder
        {
            DataSource = path,
            Mode = SqliteOpenMode.ReadWrite,
            ForeignKeys = true,
            DefaultTimeout = TimeoutSeconds,
            Pooling = true,
        };
        _source = SqliteFactory.Instance.CreateDataSource(settings.ConnectionString);
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override string InstantType => "text";

    /// <inheritdoc/>
    public override string JsonType => "text";

    /// <inheritdoc/>
    public override RawSql KeepKey => new("");

    /// <inheritdoc/>
    public override RawSql LockRow => new("");

    // There is no way to the server to be saved, and SQLite looks through all names of a statement for each parameter.
    /// <inheritdoc/>
    public override int RowsAtOnce => 5;

    /// <inheritdoc/>
    public override async ValueTask<DbConnection> ConnectAsync(CancellationToken ct)
    {
        var connection = await _source.OpenConnectionAsync(ct);
        try
        {
            await using var command = connection.CreateCommand();
            command.CommandText = Pragmas;
            await command.ExecuteNonQueryAsync(ct);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public override async ValueTask<IDisposable?> WaitForTurnAsync(CancellationToken ct)
    {
        if (!await _turn.WaitAsync(TimeSpan.FromSeconds(TimeoutSeconds), ct))
            throw new TimeoutException($"no turn to write within {TimeoutSeconds} s: the disk is slow or full");
        return new Turn(_turn);
    }

    // Serializable and not deferred is BEGIN IMMEDIATE: the write lock is taken before anything is read.
    /// <inheritdoc/>
    public override ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken ct) =>
        new(((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: false));

    /// <inheritdoc/>
    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection, CancellationToken ct) =>
        new(((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: true));

    // BEGIN IMMEDIATE has done it.
    /// <inheritdoc/>
    public override Task LockForMigrationAsync(UnitOfWork unit) => Task.CompletedTask;

    /// <inheritdoc/>
    public override async Task<bool> TableExistsAsync(UnitOfWork unit, string table) =>
        await unit.NumberAsync($"select count(*) from sqlite_master where type = 'table' and name = {table}") == 1;

    /// <inheritdoc/>
    public override Task<DatabaseIdentity> ReadIdentityAsync(UnitOfWork unit) =>
        Task.FromResult(new DatabaseIdentity(null, null));

    /// <inheritdoc/>
    public override async Task<string?> WhyReadOnlyAsync(UnitOfWork unit) =>
        await unit.NumberAsync($"pragma query_only") == 0 ? null : "opened read-only.";

    /// <inheritdoc/>
    public override string AppendOnlyScript(string table) => $"""
        create trigger {table}_is_not_changed before update on {table}
            begin select raise(abort, 'rows of {table} are never changed'); end;
        create trigger {table}_is_not_removed before delete on {table}
            begin select raise(abort, 'rows of {table} are never removed'); end;
        """;

    /// <inheritdoc/>
    public override void Bind(DbCommand command, string name, object? value)
    {
        object bound = value switch
        {
            null => DBNull.Value,
            JsonText json => json.Value,
            DateTimeOffset at => at.UtcDateTime.ToString(InstantFormat, CultureInfo.InvariantCulture),
            _ => value,
        };
        command.Parameters.Add(new SqliteParameter(name, bound));
    }

    /// <inheritdoc/>
    public override DateTimeOffset ReadInstant(DbDataReader reader, int column) => DateTimeOffset.ParseExact(
        reader.GetString(column),
        InstantFormat,
        CultureInfo.InvariantCulture,
        DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    /// <inheritdoc/>
    public override bool IsDatabaseFailure(Exception exception) =>
        exception is DbException or TimeoutException or IOException or UnauthorizedAccessException;

    /// <inheritdoc/>
    public override string Explain(Exception exception) => exception switch
    {
        SqliteException e => $"{e.Message} {Advice(e.SqliteErrorCode)}",
        UnauthorizedAccessException => "no permission. The user of ha-controlplane must own the directory and the file.",
        _ => exception.Message,
    };

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await using (var connection = _source.CreateConnection())
            SqliteConnection.ClearPool((SqliteConnection)connection);
        await _source.DisposeAsync();
        _turn.Dispose();
    }

    private static string Advice(int code) => code switch
    {
        5 or 6 => "Another process holds the file: is a second ha-controlplane running, or a tool inside a transaction?",
        8 => "The file or its file system is read-only.",
        10 => "The disk failed; see the kernel's log.",
        11 or 26 => "The file is damaged or no SQLite database: restore a backup.",
        13 => "The disk is full: make room.",
        14 => "Check that the directory exists and belongs to the user of ha-controlplane.",
        _ => "",
    };

    private void CreateFile()
    {
        if (!Path.IsPathFullyQualified(_path))
            throw new StorageException($"Storage:Sqlite is '{_path}': an absolute path is needed.");
        try
        {
            Directory.CreateDirectory(
                Path.GetDirectoryName(_path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            new FileStream(_path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
            }).Dispose();
        }
        catch (Exception e) when (IsDatabaseFailure(e))
        {
            throw Translate(e, commitSent: false);
        }
    }

    private sealed class Turn(SemaphoreSlim turn) : IDisposable
    {
        public void Dispose() => turn.Release();
    }
}
