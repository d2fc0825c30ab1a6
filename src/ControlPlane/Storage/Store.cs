namespace HaGrpc.ControlPlane.Storage;

/// <summary>
/// Everything that the control plane remembers, in PostgreSQL or in an embedded SQLite file. Heartbeats are not among it:
/// they write nothing. All members may be used from any thread at the same time.
/// </summary>
internal sealed class Store : IAsyncDisposable
{
    private readonly Database _database;

    private Store(Database database)
    {
        _database = database;
        Leadership = new(database);
        Registry = new(database);
        Revisions = new(database);
        Ownership = new(database);
        Events = new(database);
        Audit = new(database);
        Operators = new(database);
        Guard = new(database);
        Identities = new(database);
    }

    /// <summary>Which database, for operators; without the password.</summary>
    public string Description => _database.Dialect.Description;

    /// <summary>Who leads among the control planes (rule S3).</summary>
    public LeadershipTable Leadership { get; }

    /// <summary>Hosts, groups and programs.</summary>
    public RegistryTables Registry { get; }

    /// <summary>How the registry became what it is.</summary>
    public RevisionTable Revisions { get; }

    /// <summary>Owners, epochs and views.</summary>
    public OwnershipTables Ownership { get; }

    /// <summary>The history.</summary>
    public EventTable Events { get; }

    /// <summary>Who has asked for what.</summary>
    public AuditTable Audit { get; }

    /// <summary>Who may do what.</summary>
    public OperatorTable Operators { get; }

    /// <summary>What is demanded before dangerous acts.</summary>
    public GuardTables Guard { get; }

    /// <summary>With which certificates hosts come, and which of them may not.</summary>
    public IdentityTables Identities { get; }

    /// <summary>
    /// Chooses the database and prepares access to it. PostgreSQL is not contacted yet, so that a control plane can start
    /// and say what is wrong; call <see cref="MigrateAsync"/> before anything else.
    /// </summary>
    /// <exception cref="StorageException">The connection string is malformed, or the SQLite file cannot be created.</exception>
    public static Store Open(StorageOptions options, TimeProvider time)
    {
        Dialect dialect = string.IsNullOrWhiteSpace(options.Postgres)
            ? new SqliteDialect(options.Sqlite)
            : new PostgresDialect(options.Postgres);
        return new(new(dialect, time));
    }

    /// <summary>Brings the schema to this binary's version; safe when several control planes start at once.</summary>
    /// <returns>The version found and the version that stands now.</returns>
    /// <exception cref="StorageException">The database failed, or it is newer than this binary.</exception>
    public Task<MigrationResult> MigrateAsync(CancellationToken ct = default) => Migrator.MigrateAsync(_database, ct);

    /// <summary>Whether the database answers, has this binary's schema and can be written to; for <c>/readyz</c>.</summary>
    public async Task<StorageHealth> CheckAsync(CancellationToken ct = default)
    {
        try
        {
            return await _database.ReadAsync(CheckAsync, ct);
        }
        catch (StorageException e)
        {
            return new(false, e.Message);
        }
    }

    /// <summary>Hears of changes until the connection breaks; a change that is not heard is found by looking.</summary>
    /// <param name="listening">Called once, when nothing that is committed from now on is missed.</param>
    /// <param name="heard">Called for each change.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Completes at once for a database with a single reader, which has nobody to tell it.</returns>
    /// <exception cref="StorageException">The connection broke, or there was none.</exception>
    public async Task ListenAsync(Action listening, Action<ChangeTopic> heard, CancellationToken ct = default)
    {
        try
        {
            await _database.Dialect.ListenAsync(listening, heard, ct);
        }
        catch (Exception e) when (_database.Dialect.IsDatabaseFailure(e))
        {
            throw _database.Dialect.Translate(e, commitSent: false);
        }
    }

    /// <summary>Who the database is (rule S4).</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public Task<DatabaseIdentity> ReadIdentityAsync(CancellationToken ct = default) =>
        _database.ReadAsync(_database.Dialect.ReadIdentityAsync, ct);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _database.DisposeAsync();

    private static async Task<StorageHealth> CheckAsync(UnitOfWork unit)
    {
        var description = unit.Dialect.Description;
        var version = await Migrator.ReadVersionAsync(unit);
        if (version != Schema.Latest)
        {
            return new(
                false,
                $"{description}: schema version {version}, this ha-controlplane needs {Schema.Latest}. "
                    + "It is brought up to date at start; restart this control plane, or start the newer version.");
        }

        return await unit.Dialect.WhyReadOnlyAsync(unit) is { } why
            ? new(false, $"{description}: {why}")
            : new(true, $"{description}: schema version {version}");
    }
}

/// <summary>Whether the database can be used.</summary>
/// <param name="Ready">True when it answers, has the right schema and is writable.</param>
/// <param name="Detail">One line for the operator.</param>
internal sealed record StorageHealth(bool Ready, string Detail);
