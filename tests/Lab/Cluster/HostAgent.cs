using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Cluster;

/// <summary>The agent of one host, as the operator (or systemd) would run it.</summary>
/// <param name="host">The host.</param>
/// <param name="binaries">The programs.</param>
/// <param name="controlPlanes">Endpoints of all control planes, with commas between them.</param>
/// <param name="environment">Variables beside those of the lab.</param>
internal sealed class HostAgent(LabHost host, Binaries binaries, string controlPlanes, IReadOnlyDictionary<string, string> environment)
    : IStartable, IDisposable
{
    private LabProcess? _process;

    public LabHost Host { get; } = host;

    public string Name => $"agent of {Host.Name}";

    public LabProcess Process => _process ?? throw new InvalidOperationException($"the agent of {Host.Name} does not run");

    public bool Runs => _process is { HasExited: false };

    public void Start() => _process = LabProcess.Start(
        Name, Path.Combine(Host.Directory, "agent.log"), Host, environment,
        binaries.Agent, "--host", Host.Name, "--control-plane", controlPlanes, "--allow-plaintext",
        "--run-dir", $"{LabHost.Local}/run", "--state-dir", $"{LabHost.Local}/state", "--shim", binaries.Shim,
        "--log-file", $"{LabHost.Local}/agent.json", "--log-level", "Debug");

    /// <summary>kill -9; returns when it was sent.</summary>
    public async Task<long> Kill()
    {
        var at = Process.Signal(Libc.SigKill);
        await Process.WaitForExit(TimeSpan.FromSeconds(30));
        return at;
    }

    public void Dispose() => _process?.Dispose();
}
