using System.Globalization;
using System.Text;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.V1;

namespace HaGrpc.Bench.Supervision;

/// <summary>One agent with its shims, and a control plane with the embedded database, all on loopback.</summary>
internal sealed class HaGrpcSupervisor(Binaries binaries, string directory) : Supervisor
{
    private const string Group = "bench";
    private static readonly Uri Endpoint = new("http://127.0.0.1:7443");
    private readonly Operator _operator = new(binaries.Hactl, Endpoint);
    private LabProcess? _plane;
    private LabProcess? _agent;

    public override string Name => "HaGrpc";

    public override int Pid => _agent!.Pid;

    public override async Task Start()
    {
        Directory.CreateDirectory(directory);
        _plane = LabProcess.Start("control plane", $"{directory}/controlplane.log", null, Quiet,
            binaries.ControlPlane, "--sqlite", $"{directory}/controlplane.db", "--log-file", $"{directory}/controlplane.json");
        await Eventually.Until("the control plane answers", TimeSpan.FromSeconds(30), _operator.Answers);
        await _operator.Apply($"{directory}/host.yaml", $"hosts: [{{name: bench}}]\ngroups: [{{name: {Group}, members: [{{host: bench, priority: 100}}]}}]\n");
        _agent = LabProcess.Start("agent", $"{directory}/agent.log", null, Quiet,
            binaries.Agent, "--host", "bench", "--control-plane", Endpoint.ToString().TrimEnd('/'),
            "--run-dir", $"{directory}/run", "--state-dir", $"{directory}/state", "--shim", binaries.Shim,
            "--log-file", $"{directory}/agent.json");
        await Eventually.Until("the agent owns the group", TimeSpan.FromSeconds(30), async () =>
            (await _operator.Group(Group)).Phase == "Owned");
    }

    public override Task Add(IReadOnlyList<BenchProgram> programs)
    {
        // supervisord starts a program that was RUNNING again without a wait, however often it crashes; so does this, with such a backoff.
        const string Backoff = "backoff: {initial: 10ms, longest: 10ms}";
        var manifest = new StringBuilder("programs:\n");
        foreach (var program in programs)
        {
            manifest.Append(CultureInfo.InvariantCulture,
                $"  - {{group: {Group}, name: {program.Name}, command: {Quoted(program.Command)}, start_time: {program.StartSeconds}s, restart: always, {Backoff}, stdout_logfile: {program.Output}, stdout_logfile_backups: 1}}\n");
        }
        return _operator.Apply($"{directory}/programs.yaml", manifest.ToString());
    }

    public override async Task<int> Running() =>
        (await _operator.Programs(Group)).Count(p => p.Status?.State == ProgramState.Running);

    public override Task StopAll() => _operator.Hactl("stop", "all", "--yes", "all");

    public override Task Status() => _operator.Hactl("status");

    public override IReadOnlyList<int> Shims() => ProcFile.Named("ha-shim");

    public override async ValueTask DisposeAsync()
    {
        try
        {
            await StopAll();
        }
        catch (InvalidOperationException)
        {
            // Nothing ran any more, which hactl calls an error as supervisorctl does.
        }
        _operator.Dispose();
        _agent?.Dispose();
        _plane?.Dispose();
    }

    private static readonly Dictionary<string, string> Quiet = [];

    private static string Quoted(string command) => $"\"{command.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
