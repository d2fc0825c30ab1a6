using HaGrpc.Lab.World;

namespace HaGrpc.Bench.Operators;

/// <summary>A PostgreSQL of its own, as Debian configures it: what it confirms is on the disk.</summary>
internal sealed class BenchPostgres : IAsyncDisposable
{
    // PostgreSQL refuses to run as root: in a user namespace of its own it is nobody's, and the files are still root's.
    private static readonly string[] AsNobody = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];

    private readonly LabProcess _server;

    private readonly string _programs, _directory;

    private BenchPostgres(LabProcess server, string programs, string directory) => (_server, _programs, _directory) = (server, programs, directory);

    /// <summary>A database of its own.</summary>
    /// <returns>The connection string.</returns>
    public async Task<string> Database(string name)
    {
        var made = await Command.Try("", new Dictionary<string, string>(), Path.Combine(_programs, "createdb"), "-h", _directory, "-U", "bench", name);
        return made.ExitCode == 0 ? $"Host={_directory};Username=bench;Database={name}" : throw new InvalidOperationException($"createdb: {made.Error}");
    }

    /// <summary>Starts one in a directory; null when this machine has none.</summary>
    public static async Task<BenchPostgres?> Start(string directory)
    {
        var programs = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Combine(d, "bin")).Order().LastOrDefault() : null;
        if (programs is null)
            return null;
        var data = Path.Combine(directory, "data");
        var made = await Command.Try("", new Dictionary<string, string>(), [.. AsNobody, Path.Combine(programs, "initdb"), "-D", data, "-U", "bench", "-A", "trust", "-E", "UTF8"]);
        if (made.ExitCode != 0)
            throw new InvalidOperationException($"initdb: {made.Error}");
        var server = LabProcess.Start(
            "postgres", Path.Combine(directory, "postgres.log"), null, new Dictionary<string, string>(),
            [.. AsNobody, Path.Combine(programs, "postgres"), "-D", data, "-k", directory, "-c", "listen_addresses="]);
        await Eventually.Until("PostgreSQL answers", TimeSpan.FromSeconds(30), async () =>
            (await Command.Try("", new Dictionary<string, string>(), [Path.Combine(programs, "psql"), "-h", directory, "-U", "bench", "-c", "select 1", "postgres"])).ExitCode == 0);
        return new(server, programs, directory);
    }

    public async ValueTask DisposeAsync()
    {
        const int Interrupt = 2;
        _server.Signal(Interrupt);
        await _server.WaitForExit(TimeSpan.FromSeconds(20));
        _server.Dispose();
    }
}
