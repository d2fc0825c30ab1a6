using System.Data;
using System.Data.Common;
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

    private const string Channel = "hagrpc";

    // How long a listener believes that silence is peace.
    private static readonly TimeSpan ListenerCheck = TimeSpan.FromSeconds(10);

    private readonly PrimaryConnections _connections;
    private readonly PrimaryConnections _listeners;

    /// <summary>Reads the connection string; does not connect.</summary>
    public PostgresDialect(string connectionString)
    {
        var settings = Parse(connectionString);
        ApplyDefaults(settings);
        _connections = new(settings, SessionSettings);
        Description = $"PostgreSQL at {_connections.Names}, database {settings.Database ?? settings.Username}, user {settings.Username}";

        // A pooled session would go on listening after its return.
        settings.Pooling = false;
        _listeners = new(settings, SessionSettings);
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

    // Of a thousand programs each would be a question and an answer.
    /// <inheritdoc/>
    public override int RowsAtOnce => 100;

    /// <inheritdoc/>
    public override async ValueTask<DbConnection> ConnectAsync(CancellationToken ct) => await _connections.OpenAsync(ct);

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

    /// <summary>Commits. When PostgreSQL stops waiting for a synchronous standby (a timeout, a cancelled statement) it answers
    /// that the commit succeeded, and warns: but a standby that is promoted now would not know of it (rule S4).</summary>
    public override async Task CommitAsync(DbConnection connection, DbTransaction transaction)
    {
        var session = (NpgsqlConnection)connection;
        var alone = false;
        void Note(object sender, NpgsqlNoticeEventArgs e) => alone |= e.Notice.Routine == "SyncRepWaitForLSN";
        session.Notice += Note;
        try
        {
            await transaction.CommitAsync(CancellationToken.None);
        }
        finally
        {
            session.Notice -= Note;
        }
        if (alone)
            throw new NpgsqlException("committed by the primary, but no synchronous standby has confirmed it in time.");
    }

    /// <inheritdoc/>
    public override Task CommitHereAsync(UnitOfWork unit) => unit.ExecuteScriptAsync("set local synchronous_commit = local");

    /// <inheritdoc/>
    public override Task NotifyAsync(UnitOfWork unit, ChangeTopic topic) =>
        unit.QueryAsync($"select pg_notify({Channel}, {topic.ToString()})", static _ => 0);

    /// <inheritdoc/>
    public override async Task ListenAsync(Action listening, Action<ChangeTopic> heard, CancellationToken ct)
    {
        await using var connection = await _listeners.OpenAsync(ct);
        connection.Notification += (_, e) => heard(Enum.TryParse<ChangeTopic>(e.Payload, out var topic) ? topic : ChangeTopic.Other);
        await using var command = new NpgsqlCommand($"listen {Channel}", connection);
        await command.ExecuteNonQueryAsync(ct);
        listening();
        command.CommandText = "select 1";
        while (true)
        {
            if (!await connection.WaitAsync(ListenerCheck, ct))
                await command.ExecuteNonQueryAsync(ct);
        }
    }

    /// <inheritdoc/>
    public override string AppendOnlyScript(string table) => $"""
        create function {table}_is_append_only() returns trigger language plpgsql as
            $$ begin raise exception 'rows of {table} are never changed or removed'; end $$;
        create trigger {table}_is_append_only before update or delete or truncate on {table}
            for each statement execute function {table}_is_append_only();
        """;

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
    public override StorageException Translate(Exception exception, bool commitSent)
    {
        // What the server said in good order leaves its other sessions usable; anything else may be its end.
        if (exception is not PostgresException { SqlState: not ("57P01" or "57P02" or "57P03" or "25006") })
            _connections.Doubt();
        return base.Translate(exception, commitSent);
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        await _connections.DisposeAsync();
        await _listeners.DisposeAsync();
    }

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
