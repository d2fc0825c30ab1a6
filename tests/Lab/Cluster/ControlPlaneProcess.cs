using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.V1;

namespace HaGrpc.Lab.Cluster;

/// <summary>A control plane on a host of its own.</summary>
/// <param name="host">Where it runs.</param>
/// <param name="binaries">The programs.</param>
/// <param name="environment">Variables beside those of the lab.</param>
/// <param name="postgres">Connection string of the database that it shares with others; null for an embedded one.</param>
internal sealed class ControlPlaneProcess(
    LabHost host, Binaries binaries, IReadOnlyDictionary<string, string> environment, string? postgres = null) : IStartable, IDisposable
{
    private readonly GrpcChannel _channel = GrpcChannel.ForAddress($"http://{host.Address}:7443", new()
    {
        // A host whose cable is pulled answers nothing, also not that it is gone.
        HttpHandler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(1),
            KeepAlivePingDelay = TimeSpan.FromSeconds(1),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(1),
        },
        DisposeHttpClient = true,
    });

    private LabProcess? _process;

    public LabHost Host { get; } = host;

    public Uri Endpoint { get; } = new($"http://{host.Address}:7443");

    public string Name { get; } = postgres is null ? "control plane" : $"control plane of {host.Name}";

    public AdminService.AdminServiceClient Admin => new(_channel);

    public LabProcess Process => _process ?? throw new InvalidOperationException($"the {Name} does not run");

    public bool Runs => _process is { HasExited: false };

    public void Start()
    {
        string[] storage = postgres is null ? ["--sqlite", $"{LabHost.Local}/controlplane.db"] : ["--postgres", postgres];
        _process?.Dispose();
        _process = LabProcess.Start(
            Name, Path.Combine(Host.Directory, "controlplane.log"), Host, environment,
            [
                binaries.ControlPlane, "--listen-grpc", $"{Host.Address}:7443", "--listen-http", $"{Host.Address}:7480",
                "--advertise", Endpoint.ToString().TrimEnd('/'), "--allow-plaintext", .. storage,
                "--log-file", $"{LabHost.Local}/controlplane.json",
            ]);
    }

    /// <summary>kill -9; returns when it was sent.</summary>
    public async Task<long> Kill()
    {
        var at = Process.Signal(Libc.SigKill);
        await Process.WaitForExit(TimeSpan.FromSeconds(30));
        return at;
    }

    /// <summary>What it says of itself and of the leader; null when it does not answer.</summary>
    public async Task<GetControlPlaneResponse?> Ask(bool checkDatabase = false)
    {
        try
        {
            return await Admin.GetControlPlaneAsync(new() { CheckDatabase = checkDatabase }, deadline: Deadline.In(TimeSpan.FromSeconds(checkDatabase ? 4 : 1)));
        }
        catch (RpcException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        _channel.Dispose();
        _process?.Dispose();
    }
}
