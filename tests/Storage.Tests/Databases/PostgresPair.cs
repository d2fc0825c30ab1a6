using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace HaGrpc.Storage.Tests.Databases;

/// <summary>A primary with a synchronous streaming standby, each behind a unix socket in a directory of its own.</summary>
internal sealed class PostgresPair : IAsyncDisposable
{
    private const string Port = "5432";

    private readonly string _directory = Directory.CreateTempSubdirectory("hagrpc-pair-").FullName;
    private readonly Process?[] _servers = new Process?[2];

    private PostgresPair()
    {
    }

    /// <summary>Names both servers, the first primary first.</summary>
    public string ConnectionString => $"Host={Sockets(0)},{Sockets(1)};Port={Port};Username=tests;Database=hagrpc";

    /// <summary>Connects to the second one alone.</summary>
    public string StandbyConnectionString => $"Host={Sockets(1)};Port={Port};Username=tests;Database=hagrpc;Pooling=false";

    public static async Task<PostgresPair> StartAsync()
    {
        var pair = new PostgresPair();
        try
        {
            await pair.BeginAsync();
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>Kills the primary as a loss of power does: every process of it at once, nothing is said to anybody.</summary>
    public async Task KillPrimaryAsync()
    {
        var primary = _servers[0]!;
        string[] all = [.. Children(primary.Id), primary.Id.ToString(CultureInfo.InvariantCulture)];
        // The postmaster first: it would start others for those that die.
        // One of them may have ended by itself meanwhile, which kill would call a failure.
        await PostgresCluster.RunAsync("sh", "-c", $"kill -KILL {string.Join(' ', all.Reverse())} || kill -0 $$");
        await primary.WaitForExitAsync();
    }

    /// <summary>As the operator, or his tool, does it.</summary>
    public Task PromoteAsync() => PostgresCluster.RunAsync(
        [.. PostgresCluster.AsUnprivileged, Path.Combine(PostgresCluster.Programs, "pg_ctl"), "promote", "-w", "-D", Data(1)]);

    /// <summary>Suspends the standby's receiver, or lets it go on.</summary>
    public async Task StandbyAsync(bool receives)
    {
        var receivers = Children(_servers[1]!.Id)
            .Where(IsReceiver).ToArray();
        if (receivers.Length == 0)
            throw new InvalidOperationException("the standby has no receiver");
        await PostgresCluster.RunAsync(["kill", receives ? "-CONT" : "-STOP", .. receivers]);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            if (server is { HasExited: false })
            {
                await PostgresCluster.RunAsync("kill", "-QUIT", server.Id.ToString(CultureInfo.InvariantCulture));
                await server.WaitForExitAsync();
            }
            server?.Dispose();
        }
        Directory.Delete(_directory, recursive: true);
    }

    private string Data(int server) => Path.Combine(_directory, $"data{server}");

    private string Sockets(int server) => Path.Combine(_directory, $"s{server}");

    private async Task BeginAsync()
    {
        var bin = PostgresCluster.Programs;
        foreach (var server in new[] { 0, 1 })
            Directory.CreateDirectory(Sockets(server));
        if (Environment.UserName == "root")
            await PostgresCluster.RunAsync("chown", "-R", PostgresCluster.Account, _directory);
        await PostgresCluster.RunAsync(
            [.. PostgresCluster.AsUnprivileged, Path.Combine(bin, "initdb"), "-D", Data(0), "-U", "tests", "-A", "trust", "-E", "UTF8", "--no-sync"]);
        await StartServerAsync(0);
        await ScalarAsync(0, "create database hagrpc");
        await PostgresCluster.RunAsync(
            [.. PostgresCluster.AsUnprivileged, Path.Combine(bin, "pg_basebackup"), "-D", Data(1), "-h", Sockets(0), "-p", Port, "-U", "tests",
                "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]);
        await StartServerAsync(1);
        // Only now, and only here: the standby has a copy of the settings, and once promoted has no standby itself.
        await ScalarAsync(0, "alter system set synchronous_standby_names = '*'");
        await ScalarAsync(0, "select pg_reload_conf()");
        await Eventually.HoldsAsync(
            async () => await ScalarAsync(0, "select count(*) from pg_stat_replication where sync_state = 'sync'") is 1L, "the standby is synchronous");
    }

    private async Task StartServerAsync(int server)
    {
        var process = Process.Start(PostgresCluster.StartInfo(
        [
            .. PostgresCluster.AsUnprivileged, Path.Combine(PostgresCluster.Programs, "postgres"), "-D", Data(server), "-k", Sockets(server), "-p", Port,
            "-c", "listen_addresses=", "-c", "fsync=off", "-c", "autovacuum=off",
            // A standby that has lost its primary sleeps for so long before it looks whether it was promoted; 5 s is usual.
            "-c", "wal_retrieve_retry_interval=100ms",
        ])) ?? throw new InvalidOperationException("postgres did not start");
        _servers[server] = process;
        var log = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEndAsync();
        await Eventually.HoldsAsync(
            async () =>
            {
                if (process.HasExited)
                    throw new InvalidOperationException($"postgres ended at start: {await log}");
                try
                {
                    await ScalarAsync(server, "select 1");
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            $"server {server} accepts connections");
    }

    private async Task<object?> ScalarAsync(int server, string sql)
    {
        await using var connection = new NpgsqlConnection($"Host={Sockets(server)};Port={Port};Username=tests;Database=postgres;Pooling=false;Timeout=60");
        await connection.OpenAsync();
#pragma warning disable CA2100 // Written in this file.
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync();
    }

    private static bool IsReceiver(string pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/cmdline").Contains("walreceiver", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            // It served a connection that has ended.
            return false;
        }
    }

    private static string[] Children(int pid) =>
        File.ReadAllText($"/proc/{pid}/task/{pid}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
