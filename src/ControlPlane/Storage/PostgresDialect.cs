using System.Data;
using System.Data.Common;
using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>PostgreSQL through Npgsql.</summary>
internal sealed class PostgresDialect : Dialect
{
    // Any constant will do as long as no other program on the same database uses it: "HAGRPC" in ASCII.
    private const long MigrationLock = 0x484147525043;

    private const int CommandTimeoutSeconds = 5;
    private const int ConnectTimeoutSeconds = 5;
    private const int PoolSize = 20;

    // Only where the operator left PostgreSQL's default. A statement ends on the server before the client gives up, so
    // that its outcome is known; a transaction whose client froze ends too, so that its locks do not keep a challenger
    // or a read-back waiting; and an epoch that was committed must survive a crash of the server.
    private const string SessionSettings =
        """
        select set_config(s.name, s.wanted, false)
        from (values ('statement_timeout', '0', '4s'), ('lock_timeout', '0', '3s'),
                     ('idle_in_transaction_session_timeout', '0', '5s'), ('synchronous_commit', 'off', 'on'))
             as s (name, unwanted, wanted)
        where current_setting(s.name) = s.unwanted
        """;

    private readonly NpgsqlDataSource _source;

    /// <summary>Reads the connection string; does not connect.</summary>
    public PostgresDialect(string connectionString)
    {
        var settings = Parse(connectionString);
        ApplyDefaults(settings);
        Description = string.Create(
            CultureInfo.InvariantCulture,
            $"PostgreSQL at {settings.Host}:{settings.Port}, database {settings.Database ?? settings.Username}, user {settings.Username}");

        // Several hosts: always the one that accepts writes, whichever it is after a failover of the database.
        settings.TargetSessionAttributes = null;
        var builder = new NpgsqlDataSourceBuilder(settings.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            static connection =>
            {
                using var command = new NpgsqlCommand(SessionSettings, connection);
                command.ExecuteNonQuery();
            },
            static async connection =>
            {
                await using var command = new NpgsqlCommand(SessionSettings, connection);
                await command.ExecuteNonQueryAsync();
            });
        _source = settings.Host!.Contains(',', StringComparison.Ordinal)
            ? builder.BuildMultiHost().WithTargetSession(TargetSessionAttributes.Primary)
            : builder.Build();
    }

    /// <inheritdoc/>
    public override string Description { get; }

    /// <inheritdoc/>
    public override string InstantType => "timestamptz";

    /// <inheritdoc/>
    public override string JsonType => "jsonb";

    /// <inheritdoc/>
    public override RawSql KeepKey => new(" for key share");

    /// <inheritdoc/>
    public override RawSql LockRow => new(" for update");

    /// <inheritdoc/>
    public override async ValueTask<DbConnection> ConnectAsync(CancellationToken ct) => await _source.OpenConnectionAsync(ct);

    /// <inheritdoc/>
    public override ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken ct) =>
        connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);

    /// <inheritdoc/>
    public override ValueTask<DbTransaction> BeginReadAsync(DbConnection connection, CancellationToken ct) =>
        connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);

    /// <inheritdoc/>
    public override Task LockForMigrationAsync(UnitOfWork unit) =>
        unit.QueryAsync($"select pg_advisory_xact_lock({MigrationLock})", static _ => 0);

    /// <inheritdoc/>
    public override async Task<bool> TableExistsAsync(UnitOfWork unit, string table) =>
        await unit.NumberAsync($"select case when to_regclass({table}) is null then 0::bigint else 1::bigint end") == 1;

    /// <inheritdoc/>
    public override async Task<DatabaseIdentity> ReadIdentityAsync(UnitOfWork unit)
    {
        var mayRead = await unit.NumberAsync(
            $"""
            select case when has_function_privilege('pg_control_system()', 'execute')
                         and has_function_privilege('pg_control_checkpoint()', 'execute') then 1::bigint else 0::bigint end
            """);
        if (mayRead != 1)
            return new(null, null);

        // The control file shows a promotion only after the next checkpoint; the name of the WAL file shows it at once.
        return (await unit.QueryAsync(
            $"""
            select s.system_identifier::text, case when pg_is_in_recovery() then c.timeline_id::bigint
                else ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::bigint end
            from pg_control_system() s, pg_control_checkpoint() c
            """,
            static row => new DatabaseIdentity(row.Text(0), row.LongOrNull(1))))[0];
    }

    /// <inheritdoc/>
    public override async Task<string?> WhyReadOnlyAsync(UnitOfWork unit)
    {
        if (await unit.NumberAsync($"select case when pg_is_in_recovery() then 1::bigint else 0::bigint end") == 1)
            return "this server is a standby and accepts no writes; point the connection string to the primary.";
        return await unit.NumberAsync(
            $"select case when current_setting('default_transaction_read_only')::boolean then 1::bigint else 0::bigint end") == 1
            ? "default_transaction_read_only is on; turn it off for this user and database."
            : null;
    }

    /// <inheritdoc/>
    public override void Bind(DbCommand command, string name, object? value)
    {
        var parameter = value switch
        {
            JsonText json => new NpgsqlParameter(name, NpgsqlDbType.Jsonb) { Value = json.Value },
            string text => new NpgsqlParameter(name, NpgsqlDbType.Text) { Value = text },
            null => new NpgsqlParameter(name, DBNull.Value),
            _ => new NpgsqlParameter(name, value),
        };
        command.Parameters.Add(parameter);
    }

    /// <inheritdoc/>
    public override DateTimeOffset ReadInstant(DbDataReader reader, int column) =>
        reader.GetFieldValue<DateTimeOffset>(column);

    /// <inheritdoc/>
    public override bool IsDatabaseFailure(Exception exception) =>
        exception is DbException or TimeoutException or IOException or System.Net.Sockets.SocketException;

    /// <inheritdoc/>
    public override string Explain(Exception exception) => PostgresErrors.Explain(exception);

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _source.DisposeAsync();

    // What the parser says may quote a piece of the string, and a password with an unquoted ';' would be such a piece:
    // so neither its message nor itself goes on.
    private static NpgsqlConnectionStringBuilder Parse(string connectionString)
    {
        NpgsqlConnectionStringBuilder settings;
        try
        {
            settings = new NpgsqlConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidCastException or OverflowException)
        {
            throw new StorageException(
                "Storage:Postgres is not a valid Npgsql connection string (not shown, it may hold a password). Right is: "
                    + "Host=db.example;Port=5432;Database=hagrpc;Username=hagrpc;Password=... ; quote a value that holds "
                    + "';' or '=' with double quotes; the form postgresql://... is not supported.");
        }

        if (string.IsNullOrWhiteSpace(settings.Host))
            throw new StorageException("Storage:Postgres names no Host (a name, an address, or the directory of a unix socket).");
        settings.Username ??= Environment.UserName;
        return settings;
    }

    private static void ApplyDefaults(NpgsqlConnectionStringBuilder settings)
    {
        var untouched = new NpgsqlConnectionStringBuilder();
        if (settings.CommandTimeout == untouched.CommandTimeout)
            settings.CommandTimeout = CommandTimeoutSeconds;
        if (settings.Timeout == untouched.Timeout)
            settings.Timeout = ConnectTimeoutSeconds;
        if (settings.MaxPoolSize == untouched.MaxPoolSize)
            settings.MaxPoolSize = PoolSize;
        settings.ApplicationName ??= "ha-controlplane";

        // Keeps the session settings, and there is nothing else in a session of ours to forget.
        settings.NoResetOnClose = true;
        settings.PersistSecurityInfo = false;
        settings.IncludeErrorDetail = false;

        // A dead network is noticed below us even while nobody asks anything. Unix sockets refuse these options.
        if (settings.Host!.Contains('/', StringComparison.Ordinal))
            return;
        settings.TcpKeepAlive = true;
        if (settings.TcpKeepAliveTime == untouched.TcpKeepAliveTime)
            settings.TcpKeepAliveTime = 5;
        if (settings.TcpKeepAliveInterval == untouched.TcpKeepAliveInterval)
            settings.TcpKeepAliveInterval = 1;
    }
}
