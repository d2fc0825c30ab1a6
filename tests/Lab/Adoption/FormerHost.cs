using System.Globalization;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Comparison;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Adoption;

/// <summary>A host that keepalived and supervisord run, seen from outside.</summary>
/// <param name="host">It; with processes of its own.</param>
/// <param name="priority">keepalived's.</param>
/// <param name="labProgram">The program of the set.</param>
internal sealed class FormerHost(LabHost host, int priority, string labProgram) : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly List<LabProcess> _started = [];

    /// <summary>What the notify script was told last; empty before the first.</summary>
    public string State => File.Exists(In("role")) ? File.ReadAllText(In("role")).Trim() : "";

    /// <summary>What keepalived has said.</summary>
    public string KeepalivedLog => File.ReadAllText(In("keepalived.log"));

    /// <summary>The set's programs that live, by name and by the pid that the host itself sees.</summary>
    public IReadOnlyList<(string Name, int Pid)> Programs =>
    [
        .. ProcFile.InNamespace(host.NetworkNamespace)
            .Select(pid => (Arguments: ProcFile.Arguments(pid), Pid: ProcFile.InnerPid(pid)))
            .Where(p => p.Arguments is [var file, ..] && file == labProgram && p.Pid > 0)
            .Select(p => (p.Arguments[1], p.Pid)).OrderBy(p => p.Item1, StringComparer.Ordinal).ThenBy(p => p.Pid),
    ];

    /// <summary>The programs as text, for comparison.</summary>
    public string ProgramLine => string.Join(' ', Programs.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Name}:{p.Pid}")));

    /// <summary>Starts supervisord, which starts nothing by itself.</summary>
    public async Task StartSupervisord()
    {
        await FormerFiles.Write(host, "usual.conf", priority, labProgram);
        Start("supervisord", "supervisord", "-n", "-c", $"{LabHost.Local}/supervisord.conf");
        await Eventually.Until($"supervisord of {host.Name} answers", Limit, () => File.Exists(In("supervisor.sock")), () => LabCluster.Tail(host, "supervisord.log"));
    }

    public void StartKeepalived() => Start(
        "keepalived", "keepalived", "--dont-fork", "--vrrp", "--log-console", "--log-detail", "--use-file", $"{LabHost.Local}/keepalived.conf",
        "--pid", $"{LabHost.Local}/keepalived.pid", "--vrrp_pid", $"{LabHost.Local}/vrrp.pid");

    /// <summary>A copy of its /etc, as an operator would bring it along.</summary>
    public string CopyConfiguration()
    {
        var copy = Path.Combine(host.Directory, "etc");
        foreach (var (folder, file) in new[] { ("keepalived", "keepalived.conf"), ("supervisor", "supervisord.conf") })
        {
            Directory.CreateDirectory(Path.Combine(copy, folder));
            File.Copy(In(file), Path.Combine(copy, folder, file), overwrite: true);
        }
        return copy;
    }

    /// <summary>Ends both as a service manager does, and waits until they have gone.</summary>
    public async Task StopBoth()
    {
        foreach (var name in new[] { "keepalived", "supervisord" })
            await Shell($"kill $(cat {LabHost.Local}/{name}.pid)");
        await Gone("keepalived", "supervisord");
    }

    /// <summary>Runs a line of shell there.</summary>
    public Task<string> Shell(string line) => host.Run("sh", "-c", line);

    /// <summary>Waits until no process of these names is left.</summary>
    public Task Gone(params string[] names) => Eventually.Until(
        $"{string.Join(" and ", names)} of {host.Name} have ended", Limit,
        () => !ProcFile.InNamespace(host.NetworkNamespace).Any(pid => names.Contains(ProcFile.Command(pid))));

    public void Dispose() => _started.ForEach(process => process.Dispose());

    private void Start(string name, params string[] command) =>
        _started.Add(LabProcess.Start($"{name} of {host.Name}", In($"{name}.log"), host, new Dictionary<string, string>(), command));

    private string In(string file) => Path.Combine(host.Directory, file);
}
