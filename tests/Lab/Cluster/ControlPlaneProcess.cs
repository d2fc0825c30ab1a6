using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Cluster;

/// <summary>The control plane on its own host, with its embedded database.</summary>
internal sealed class ControlPlaneProcess(LabHost host, Binaries binaries, IReadOnlyDictionary<string, string> environment)
    : IStartable, IDisposable
{
    private LabProcess? _process;

    public Uri Endpoint { get; } = new($"http://{host.Address}:7443");

    public string Name => "control plane";

    public LabProcess Process => _process ?? throw new InvalidOperationException("the control plane does not run");

    public bool Runs => _process is { HasExited: false };

    public void Start() => _process = LabProcess.Start(
        Name, Path.Combine(host.Directory, "controlplane.log"), host, environment,
        binaries.ControlPlane, "--listen-grpc", $"{host.Address}:7443", "--listen-http", $"{host.Address}:7480",
        "--allow-plaintext", "--sqlite", $"{LabHost.Local}/controlplane.db", "--log-file", $"{LabHost.Local}/controlplane.json");

    public async Task<long> Kill()
    {
        var at = Process.Signal(Libc.SigKill);
        await Process.WaitForExit(TimeSpan.FromSeconds(5));
        return at;
    }

    public void Dispose() => _process?.Dispose();
}
