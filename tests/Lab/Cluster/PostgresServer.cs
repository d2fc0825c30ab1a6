using System.Globalization;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Cluster;

/// <summary>A PostgreSQL server on a host of its own.</summary>
internal sealed class PostgresServer(LabHost host, PostgresPrograms programs) : IDisposable
{
    public const string User = "lab";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _data = Path.Combine(host.Directory, "data");
    private LabProcess? _process;

    public LabHost Host { get; } = host;

    public bool Runs => _process is { HasExited: false };

    /// <summary>Makes an empty cluster that lets the lab's network in.</summary>
    public async Task Initialize()
    {
        await Host.Run(programs.Line("initdb", "-D", _data, "-U", User, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"));
        await File.AppendAllTextAsync(
            Path.Combine(_data, "pg_hba.conf"),
            $"host all all {Topology.Prefix4}.0/24 trust\nhost replication all {Topology.Prefix4}.0/24 trust\n");
    }

    /// <summary>Throws away what is there and copies another server, to stream from it from then on.</summary>
    public async Task CopyFrom(PostgresServer primary)
    {
        if (Directory.Exists(_data))
            Directory.Delete(_data, recursive: true);
        await Host.Run(programs.Line(
            "pg_basebackup", "-D", _data, "-h", primary.Host.Address, "-U", User, "-R", "-X", "stream", "--checkpoint=fast", "--no-sync"));
    }

    /// <summary>Starts it and waits until it lets somebody in.</summary>
    public async Task Start()
    {
        _process?.Dispose();
        _process = LabProcess.Start(
            $"PostgreSQL of {Host.Name}", Path.Combine(Host.Directory, "postgres.log"), Host, new Dictionary<string, string>(),
            programs.Line(
                "postgres", "-D", _data, "-c", $"listen_addresses={Host.Address}", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "autovacuum=off",
                // A standby that has lost its primary sleeps for so long before it tries again or looks whether it was promoted; 5 s is usual.
                "-c", "wal_retrieve_retry_interval=100ms"));
        await Eventually.Until($"PostgreSQL of {Host.Name} accepts connections", Limit, async () =>
            _process.HasExited
                ? throw new InvalidOperationException($"PostgreSQL of {Host.Name} ended at its start: {LabCluster.Tail(Host, "postgres.log")}")
                : await TryAsk("select 1") == "1");
    }

    /// <summary>An immediate stop: without a checkpoint, and every session is cut.</summary>
    public async Task<long> StopImmediately()
    {
        var at = Process.Signal(Libc.SigQuit);
        await Process.WaitForExit(Limit);
        return at;
    }

    /// <summary>As a loss of power does: every process at once, nothing is said to anybody.</summary>
    /// <returns>When.</returns>
    public async Task<long> Kill()
    {
        var at = BootClock.Nanoseconds;
        KillAll();
        await Process.WaitForExit(Limit);
        return at;
    }

    public Task Promote() => Host.Run(programs.Line("pg_ctl", "promote", "-w", "-D", _data));

    /// <summary>Runs SQL and returns the first value.</summary>
    /// <exception cref="InvalidOperationException">The server refused or was not there.</exception>
    public async Task<string> Ask(string sql) => (await Host.Run(Question(sql))).Trim();

    /// <summary>As <see cref="Ask"/>; null when the server refused or was not there.</summary>
    public async Task<string?> TryAsk(string sql)
    {
        var result = await Command.Try("", new Dictionary<string, string>(), Host.Inside(Question(sql)));
        return result.ExitCode == 0 ? result.Output.Trim() : null;
    }

    public void Dispose()
    {
        if (Runs)
            KillAll();
        _process?.Dispose();
    }

    private void KillAll()
    {
        var children = File.ReadAllText($"/proc/{Process.Pid}/task/{Process.Pid}/children")
            .Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)).ToList();
        // The postmaster first: it would start others for those that die.
        Process.Signal(Libc.SigKill);
        // One that has ended by itself meanwhile is none to be killed.
        children.ForEach(pid => _ = Libc.Kill(pid, Libc.SigKill));
    }

    private LabProcess Process => _process ?? throw new InvalidOperationException($"PostgreSQL of {Host.Name} does not run");

    private string[] Question(string sql) =>
        programs.Line("psql", "-X", "-A", "-t", "-q", "-h", Host.Address, "-U", User, "-d", "postgres", "-c", sql);
}
