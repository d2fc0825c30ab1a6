using System.Data.Common;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>What differs between the databases: connecting, transactions, types, locks and errors. Everything else is
/// the same SQL on both.</summary>
internal abstract class Dialect : IAsyncDisposable
{
    /// <summary>Which database, for operators; without the password.</summary>
    public abstract string Description { get; }

    /// <summary>Column type of an instant.</summary>
    public abstract string InstantType { get; }

    /// <summary>Column type of a JSON document.</summary>
    public abstract string JsonType { get; }

    /// <summary>Suffix of a <c>select</c> in a write transaction: the row's key must not change until commit.</summary>
    public abstract RawSql KeepKey { get; }

    /// <summary>Suffix of a <c>select</c> in a write transaction: waits for other writers of the row, then keeps them out.</summary>
    public abstract RawSql LockRow { get; }

    /// <summary>So many rows go into one <c>insert</c>.</summary>
    public abstract int RowsAtOnce { get; }

    /// <summary>Opens a connection with this project's session settings.</summary>
    public abstract ValueTask<DbConnection> ConnectAsync(CancellationToken ct);

    /// <summary>Begins a transaction that may write.</summary>
    public abstract ValueTask<DbTransaction> BeginWriteAsync(DbConnection connection, CancellationToken ct);

    /// <summary>Begins a transaction in which every query sees the same state.</summary>
    public abstract ValueTask<DbTransaction> BeginReadAsync(DbConnection connection, CancellationToken ct);

    /// <summary>Waits until this process may begin a write transaction; dispose the result after its end.</summary>
    public virtual ValueTask<IDisposable?> WaitForTurnAsync(CancellationToken ct) => new((IDisposable?)null);

    /// <summary>Inside the migration's transaction: keeps other starters out until its end.</summary>
    public abstract Task LockForMigrationAsync(UnitOfWork unit);

    /// <summary>True when the table exists.</summary>
    public abstract Task<bool> TableExistsAsync(UnitOfWork unit, string table);

    /// <summary>Who the database is, for rule S4.</summary>
    public abstract Task<DatabaseIdentity> ReadIdentityAsync(UnitOfWork unit);

    /// <summary>Why the database cannot be written to; null when it can.</summary>
    public abstract Task<string?> WhyReadOnlyAsync(UnitOfWork unit);

    /// <summary>Commits.</summary>
    /// <exception cref="DbException">Also when it was committed, but not as safely as the operator has configured.</exception>
    public virtual Task CommitAsync(DbConnection connection, DbTransaction transaction) =>
        transaction.CommitAsync(CancellationToken.None);

    /// <summary>In a write transaction: its commit need not reach the standbys. Only for what a promoted standby may lack.</summary>
    public virtual Task CommitHereAsync(UnitOfWork unit) => Task.CompletedTask;

    /// <summary>In a write transaction: wakes those who listen when it is committed, and only then.</summary>
    public virtual Task NotifyAsync(UnitOfWork unit, ChangeTopic topic) => Task.CompletedTask;

    /// <summary>Listens until the connection breaks.</summary>
    /// <param name="listening">Called once, when nothing that is committed from now on is missed.</param>
    /// <param name="heard">Called for each change.</param>
    /// <param name="ct">Ends it.</param>
    /// <returns>Completes at once where nobody can listen.</returns>
    public virtual Task ListenAsync(Action listening, Action<ChangeTopic> heard, CancellationToken ct) => Task.CompletedTask;

    /// <summary>Triggers that let nobody change or remove a row of a table, for a migration.</summary>
    public abstract string AppendOnlyScript(string table);

    /// <summary>Adds a parameter.</summary>
    public abstract void Bind(DbCommand command, string name, object? value);

    /// <summary>Reads an instant, in UTC.</summary>
    public abstract DateTimeOffset ReadInstant(DbDataReader reader, int column);

    /// <summary>True for exceptions that mean the database failed, as opposed to a bug or a cancellation.</summary>
    public abstract bool IsDatabaseFailure(Exception exception);

    /// <summary>What the failure means and what to check, one line or more.</summary>
    public abstract string Explain(Exception exception);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>A clear exception for a database failure.</summary>
    public virtual StorageException Translate(Exception exception, bool commitSent) => new(
        $"{Description}: {Explain(exception)}"
            + (commitSent ? " The commit had been sent: whether it happened is unknown until read back." : ""),
        exception,
        commitSent);
}

/// <summary>What has changed in the database.</summary>
internal enum ChangeTopic
{
    /// <summary>Something that this binary does not know.</summary>
    Other,

    /// <summary>The leadership was taken or released.</summary>
    Leadership,

    /// <summary>Something was done, and the history has a line of it.</summary>
    History,
}

/// <summary>Who a database is (rule S4): a change of either means a restore or a promoted standby.</summary>
/// <param name="SystemIdentifier">PostgreSQL's system identifier; null for SQLite and where it may not be read.</param>
/// <param name="Timeline">PostgreSQL's current timeline; null for SQLite and where it may not be read.</param>
internal sealed record DatabaseIdentity(string? SystemIdentifier, long? Timeline)
{
    /// <summary>Nobody knows.</summary>
    public static DatabaseIdentity Unknown { get; } = new(null, null);

    /// <summary>True when the database tells who it is.</summary>
    public bool IsKnown => SystemIdentifier is not null && Timeline is not null;

    /// <summary>True when both are known and are not the same.</summary>
    public bool Differs(DatabaseIdentity other) => IsKnown && other.IsKnown && this != other;

    /// <summary>For operators.</summary>
    public override string ToString() => IsKnown ? $"system {SystemIdentifier}, timeline {Timeline}" : "an unknown database";
}
