using System.Data.Common;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>One connection and one transaction. What is not committed is rolled back by disposing it.</summary>
internal sealed class UnitOfWork : IAsyncDisposable
{
    private readonly Dialect _dialect;
    private readonly DbConnection _connection;
    private readonly IDisposable? _turn;
    private readonly CancellationToken _ct;
    private DbTransaction? _transaction;

    private UnitOfWork(Dialect dialect, DbConnection connection, IDisposable? turn, CancellationToken ct)
    {
        _dialect = dialect;
        _connection = connection;
        _turn = turn;
        _ct = ct;
    }

    /// <summary>The dialect in use, for its pieces of SQL.</summary>
    public Dialect Dialect => _dialect;

    /// <summary>True from the moment the commit is sent: from then on a failure says nothing about the outcome.</summary>
    public bool CommitSent { get; private set; }

    /// <summary>Connects and begins.</summary>
    public static async Task<UnitOfWork> BeginAsync(Dialect dialect, bool write, CancellationToken ct)
    {
        var turn = write ? await dialect.WaitForTurnAsync(ct) : null;
        DbConnection? connection = null;
        try
        {
            connection = await dialect.ConnectAsync(ct);
            var unit = new UnitOfWork(dialect, connection, turn, ct);
            unit._transaction = write
                ? await dialect.BeginWriteAsync(connection, ct)
                : await dialect.BeginReadAsync(connection, ct);
            return unit;
        }
        catch
        {
            if (connection is not null)
                await connection.DisposeAsync();
            turn?.Dispose();
            throw;
        }
    }

    /// <summary>Runs a statement; the number of rows that it changed.</summary>
    public async Task<int> ExecuteAsync(Statement statement)
    {
        await using var command = Command(statement);
        return await command.ExecuteNonQueryAsync(_ct);
    }

    /// <summary>Runs several statements without parameters, as migrations need them.</summary>
    public async Task ExecuteScriptAsync(string script)
    {
        await using var command = _connection.CreateCommand();
        command.Transaction = _transaction;
        command.CommandText = script;
        await command.ExecuteNonQueryAsync(_ct);
    }

    /// <summary>Every row of a query.</summary>
    public async Task<List<T>> QueryAsync<T>(Statement statement, Func<Row, T> map)
    {
        await using var command = Command(statement);
        await using var reader = await command.ExecuteReaderAsync(_ct);
        var rows = new List<T>();
        while (await reader.ReadAsync(_ct))
            rows.Add(map(new Row(reader, _dialect)));
        return rows;
    }

    /// <summary>The number in the first column of the first row, for example of <c>update ... returning</c>; null when
    /// there is no row or it holds null.</summary>
    public async Task<long?> NumberAsync(Statement statement)
    {
        var rows = await QueryAsync(statement, static row => row.LongOrNull(0));
        return rows.Count == 0 ? null : rows[0];
    }

    /// <summary>Wakes those who listen, when this is committed.</summary>
    public Task NotifyAsync(ChangeTopic topic) => _dialect.NotifyAsync(this, topic);

    /// <summary>Commits. Not cancellable: a cancelled commit would only be a commit of unknown outcome.</summary>
    public async Task CommitAsync()
    {
        CommitSent = true;
        await _dialect.CommitAsync(_connection, _transaction!);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_transaction is not null)
                await _transaction.DisposeAsync();
        }
        finally
        {
            try
            {
                await _connection.DisposeAsync();
            }
            finally
            {
                _turn?.Dispose();
            }
        }
    }

    private DbCommand Command(Statement statement)
    {
        var command = _connection.CreateCommand();
        command.Transaction = _transaction;
#pragma warning disable CA2100 // Statement keeps values out of the text: that is what it is for.
        command.CommandText = statement.Text;
#pragma warning restore CA2100
        for (var i = 0; i < statement.Values.Count; i++)
            _dialect.Bind(command, $"p{i}", statement.Values[i]);
        return command;
    }
}

/// <summary>The current row of a query.</summary>
internal readonly struct Row(DbDataReader reader, Dialect dialect)
{
    /// <summary>A number.</summary>
    public long Long(int column) => reader.GetInt64(column);

    /// <summary>A number or null.</summary>
    public long? LongOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetInt64(column);

    /// <summary>Text or JSON.</summary>
    public string Text(int column) => reader.GetString(column);

    /// <summary>Text or null.</summary>
    public string? TextOrNull(int column) => reader.IsDBNull(column) ? null : reader.GetString(column);

    /// <summary>An instant, in UTC.</summary>
    public DateTimeOffset Instant(int column) => dialect.ReadInstant(reader, column);

    /// <summary>An instant in UTC, or null.</summary>
    public DateTimeOffset? InstantOrNull(int column) =>
        reader.IsDBNull(column) ? null : dialect.ReadInstant(reader, column);
}
