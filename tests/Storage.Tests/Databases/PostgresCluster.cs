using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace HaGrpc.Storage.Tests.Databases;

/// <summary>
/// A private PostgreSQL for this test run: made in a temporary directory, reached by a unix socket in it, stopped and
/// removed at the end. Not installed is a failure and not a skip: half of the contract would be unchecked.
/// </summary>
public sealed class PostgresCluster : IAsyncLifetime
{
    private const string InstallHint =
        "PostgreSQL's server programs are needed for these tests: apt-get install postgresql (looked for "
        + "/usr/lib/postgresql/*/bin/initdb).";

    private const int Port = 5432;

    // How long an operator waits is no concern of these tests: all of them connect at once, on machines with few cores. A
    // server that stalls for three seconds would else turn a wait for a lock into an outcome that nobody asked about.
    private const string Patience =
        "Timeout=60;Command Timeout=60;"
        + "Options=-c lock_timeout=60s -c statement_timeout=60s -c idle_in_transaction_session_timeout=60s";

    private readonly string _directory = Directory.CreateTempSubdirectory("hagrpc-pg-").FullName;
    private Process? _server;
    private int _databases;

    public string SocketDirectory => _directory;

    public async ValueTask InitializeAsync()
    {
        var bin = Programs;
        var data = Path.Combine(_directory, "data");
        if (Environment.UserName == "root")
            await RunAsync("chown", Account, _directory);
        await RunAsync([.. AsUnprivileged, Path.Combine(bin, "initdb"), "-D", data, "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        _server = Process.Start(StartInfo(
        [
            .. AsUnprivileged, Path.Combine(bin, "postgres"), "-D", data, "-k", _directory, "-p",
            Port.ToString(CultureInfo.InvariantCulture), "-c", "listen_addresses=", "-c", "fsync=off",
            "-c", "max_connections=200", "-c", "autovacuum=off",
        ])) ?? throw new InvalidOperationException("postgres did not start");
        var log = _server.StandardError.ReadToEndAsync();
        _ = _server.StandardOutput.ReadToEndAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                if (_server.HasExited)
                    throw new InvalidOperationException($"postgres ended at start: {await log}");
                try
                {
                    await ExecuteAsync("postgres", "select 1");
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            "PostgreSQL accepts connections");
    }

    /// <summary>Makes an empty database.</summary>
    /// <returns>Its connection string.</returns>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"t{Interlocked.Increment(ref _databases)}";
        await ExecuteAsync("postgres", $"create database {name} strategy file_copy");
        return ConnectionString(name);
    }

    public string ConnectionString(string database) =>
        $"Host={_directory};Port={Port};Username=tests;Database={database};{Patience}";

    /// <summary>The same database, with the product's own time limits for a statement and for the wait for a lock.</summary>
    internal static string WithTheProductsLimits(string connectionString) =>
        new NpgsqlConnectionStringBuilder(connectionString) { Options = null }.ConnectionString;

    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearAllPools();
        if (_server is { HasExited: false })
        {
            // SIGQUIT is PostgreSQL's immediate shutdown; after it nothing of the data is needed.
            await RunAsync("kill", "-QUIT", _server.Id.ToString(CultureInfo.InvariantCulture));
            await _server.WaitForExitAsync();
        }

        _server?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Where the server's programs are.</summary>
    internal static string Programs => (Directory.Exists("/usr/lib/postgresql")
        ? Directory.GetDirectories("/usr/lib/postgresql")
            .Select(d => Path.Combine(d, "bin"))
            .Where(d => File.Exists(Path.Combine(d, "initdb")))
            .OrderByDescending(d => d, StringComparer.Ordinal)
            .FirstOrDefault()
        : null) ?? throw new InvalidOperationException(InstallHint);

    // PostgreSQL refuses to run as root.
    internal static string Account => File.ReadLines("/etc/passwd").Any(l => l.StartsWith("postgres:", StringComparison.Ordinal))
        ? "postgres"
        : "nobody";

    internal static string[] AsUnprivileged => Environment.UserName == "root"
        ? ["setpriv", $"--reuid={Account}", "--clear-groups", "--"]
        : [];

    internal static ProcessStartInfo StartInfo(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = "/",
        };
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    internal static async Task RunAsync(params string[] command)
    {
        using var process = Process.Start(StartInfo(command))
            ?? throw new InvalidOperationException($"{command[0]} did not start");
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)}: exit code {process.ExitCode}: {await errors}{await output}");
    }

    private async Task ExecuteAsync(string database, string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString(database) + ";Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
