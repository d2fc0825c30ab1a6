using System.Collections.Immutable;
using System.Globalization;
using Npgsql;

namespace HaGrpc.ControlPlane.Storage;

/// <summary>
/// Connects to whichever of several servers is the primary. Npgsql's own choice among hosts tries one after the other and
/// keeps what it knew of each for seconds: a dead first host would cost its whole connect timeout each time it is looked at
/// again, and a standby that was just promoted would not be taken. So all are asked at the same time, and the first that
/// accepts writes is kept until it fails.
/// </summary>
internal sealed class PrimaryConnections : IAsyncDisposable
{
    // Longer than a local connect takes, short beside the leadership's life.
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(200);

    private readonly ImmutableArray<(string Name, NpgsqlDataSource Source)> _servers;
    private int _current;

    /// <summary>Prepares; does not connect.</summary>
    /// <param name="settings">The connection string; its Host may name several, each with or without a port.</param>
    /// <param name="initialize">SQL that each new session begins with.</param>
    public PrimaryConnections(NpgsqlConnectionStringBuilder settings, string initialize)
    {
        var hosts = settings.Host!.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        _servers = [.. hosts.Select(host => Server(settings, host, initialize, mustWrite: hosts.Length > 1))];
    }

    /// <summary>The servers, for operators.</summary>
    public string Names => string.Join(", ", _servers.Select(s => s.Name));

    /// <summary>Opens a connection to the primary.</summary>
    /// <exception cref="NpgsqlException">No server could be used; says why not, for each.</exception>
    public async ValueTask<NpgsqlConnection> OpenAsync(CancellationToken ct)
    {
        if (_servers.Length == 1)
            return await _servers[0].Source.OpenConnectionAsync(ct);
        using var decided = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var first = Volatile.Read(ref _current);
        var firstFailed = new TaskCompletionSource();
        var attempts = Enumerable.Range(0, _servers.Length).Select(async i =>
        {
            if (i != first)
                await Task.WhenAny(Task.Delay(HeadStart, decided.Token), firstFailed.Task);
            try
            {
                decided.Token.ThrowIfCancellationRequested();
                return (Server: i, Connection: await _servers[i].Source.OpenConnectionAsync(decided.Token));
            }
            catch when (i == first)
            {
                firstFailed.TrySetResult();
                throw;
            }
        }).ToList();
        var waiting = attempts.ToList();
        while (waiting.Count > 0)
        {
            var done = await Task.WhenAny(waiting);
            waiting.Remove(done);
            if (!done.IsCompletedSuccessfully)
                continue;
            var (server, connection) = await done;
            Volatile.Write(ref _current, server);
            await decided.CancelAsync();
            foreach (var late in waiting)
                _ = DropAsync(late);
            return connection;
        }
        ct.ThrowIfCancellationRequested();
        throw new NoPrimaryException(string.Join("; ", attempts.Select((a, i) => $"{_servers[i].Name}: {Reason(a)}")));
    }

    /// <summary>A connection has failed: the others to that server may hang in the same way, so they are not used again.</summary>
    public void Doubt()
    {
        if (_servers.Length > 1)
            _servers[Volatile.Read(ref _current)].Source.Clear();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var (_, source) in _servers)
            await source.DisposeAsync();
    }

    private static (string Name, NpgsqlDataSource Source) Server(
        NpgsqlConnectionStringBuilder settings, string host, string initialize, bool mustWrite)
    {
        var own = new NpgsqlConnectionStringBuilder(settings.ConnectionString) { TargetSessionAttributes = null };
        (own.Host, own.Port) = Split(host, settings.Port);
        var builder = new NpgsqlDataSourceBuilder(own.ConnectionString);
        builder.UsePhysicalConnectionInitializer(
            connection => InitializeAsync(connection, initialize, mustWrite).GetAwaiter().GetResult(),
            connection => InitializeAsync(connection, initialize, mustWrite));
        return (string.Create(CultureInfo.InvariantCulture, $"{own.Host}:{own.Port}"), builder.Build());
    }

    /// <summary>HOST, HOST:PORT, [ADDRESS]:PORT or the directory of a unix socket.</summary>
    private static (string Host, int Port) Split(string host, int port)
    {
        var colon = host.LastIndexOf(':');
        return colon > 0 && host[0] != '/' && (host[0] == '[' ? host[colon - 1] == ']' : host.IndexOf(':', StringComparison.Ordinal) == colon)
            && int.TryParse(host[(colon + 1)..], CultureInfo.InvariantCulture, out var own)
            ? (host[..colon].Trim('[', ']'), own)
            : (host.Trim('[', ']'), port);
    }

    // Also a standby lets us in and reads: that it cannot write has to show before it is taken for the primary.
    private static async Task InitializeAsync(NpgsqlConnection connection, string initialize, bool mustWrite)
    {
#pragma warning disable CA2100 // A constant of the dialect.
        await using var command = new NpgsqlCommand(initialize, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
        if (!mustWrite)
            return;
        command.CommandText = "select pg_is_in_recovery()";
        if (await command.ExecuteScalarAsync() is true)
            throw new NoPrimaryException("it is a standby");
    }

    private static async Task DropAsync(Task<(int Server, NpgsqlConnection Connection)> late)
    {
        try
        {
            await (await late).Connection.DisposeAsync();
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException or TimeoutException or IOException or System.Net.Sockets.SocketException)
        {
            // It was too late anyway.
        }
    }

    private static string Reason(Task attempt) =>
        attempt.Exception?.InnerException is { } e ? e is NoPrimaryException ? e.Message : PostgresErrors.Explain(e) : "cancelled";
}

/// <summary>No server, or not this one, accepts writes.</summary>
internal sealed class NoPrimaryException(string message) : NpgsqlException(message);
