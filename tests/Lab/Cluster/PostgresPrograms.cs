using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Cluster;

/// <summary>PostgreSQL's server programs, as Debian has them, and how to run them here.</summary>
internal sealed class PostgresPrograms
{
    // PostgreSQL refuses to run as root. In a user namespace of its own the lab's root is nobody, and its files are still its own:
    // that works for root as well as for an ordinary user, who has no second account in the lab's user namespace.
    private static readonly string[] AsNobody = ["unshare", "--user", "--map-user=65534", "--map-group=65534", "--"];

    private readonly string _directory;

    private PostgresPrograms(string directory) => _directory = directory;

    /// <exception cref="InvalidOperationException">This machine cannot have PostgreSQL in the lab; says why.</exception>
    public static async Task<PostgresPrograms> Find()
    {
        const string root = "/usr/lib/postgresql";
        var directory = (Directory.Exists(root) ? Directory.GetDirectories(root) : [])
            .OrderByDescending(d => d, StringComparer.Ordinal).Select(d => Path.Combine(d, "bin")).FirstOrDefault(d => File.Exists(Path.Combine(d, "initdb")))
            ?? throw new InvalidOperationException($"several control planes need PostgreSQL: install the package postgresql (looked for {root}/*/bin/initdb)");
        var probe = await Command.Try("", new Dictionary<string, string>(), [.. AsNobody, "true"]);
        return probe.ExitCode == 0
            ? new(directory)
            : throw new InvalidOperationException(
                "several control planes need PostgreSQL, which refuses to run as root, and this machine allows no user namespace in which the "
                + $"lab's root is somebody else: {probe.Error.Trim()}");
    }

    /// <summary>The command line of one of them.</summary>
    public string[] Line(string program, params string[] arguments) => [.. AsNobody, Path.Combine(_directory, program), .. arguments];
}
