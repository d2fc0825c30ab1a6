using System.Globalization;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Fuzzing;

/// <summary>A control plane in a process of its own, so that its memory is its own.</summary>
public sealed class SurfacePlane : IAsyncLifetime
{
    /// <summary>More than it may take beyond what it has when it has just begun to lead, whatever comes from the network. Measured: some 150 MiB.</summary>
    public const int MostMiB = 256;

    private const int ErrorLines = 30;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-surface-");
    private RunningProcess? _process;
    private int _before;

    public int GrpcPort { get; private set; }

    public int HttpPort { get; private set; }

    public string GrpcUrl => $"http://127.0.0.1:{GrpcPort}";

    public async ValueTask InitializeAsync()
    {
        _process = RunningProcess.Start(
            "ha-controlplane", "--listen-grpc=127.0.0.1:0", "--listen-http=127.0.0.1:0", $"--sqlite={_folder.FullName}/plane.db", "--log-level=Information", $"--log-file={_folder.FullName}/log");
        await _process.LineAsync("serves agents and hactl, term 1");
        var ports = _process.Output.Split('\n').Where(l => l.Contains("Now listening on: ", StringComparison.Ordinal)).Select(l => new Uri(l.Split("on: ")[1].Trim()).Port).ToArray();
        (GrpcPort, HttpPort) = (ports[0], ports[1]);
        _before = ResidentMiB("VmRSS");
    }

    /// <summary>It is there, serves, and has not taken more than it may.</summary>
    public async Task ShouldBeWellAsync()
    {
        (await LeadsAsync(GrpcPort)).ShouldBeTrue(_process!.Output);
        using var client = new HttpClient();
        ((int)(await client.GetAsync(new Uri($"http://127.0.0.1:{HttpPort}/readyz"))).StatusCode).ShouldBe(200);
        var most = ResidentMiB("VmHWM") - _before;
        TestContext.Current.SendDiagnosticMessage($"resident memory has grown by at most {most} MiB from {_before} MiB");
        most.ShouldBeLessThan(MostMiB);
        _process.Output.ShouldNotContain("Unhandled exception");
        // With what is told of it, or a failure that comes once in a hundred runs says nothing.
        string.Join('\n', _process.Output.Split('\n').SkipWhile(l => !l.Contains(" ERR ", StringComparison.Ordinal)).Take(ErrorLines)).ShouldBeEmpty();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static async Task<bool> LeadsAsync(int port)
    {
        try
        {
            using var channel = Grpc.Net.Client.GrpcChannel.ForAddress($"http://127.0.0.1:{port}");
            var answer = await new AdminService.AdminServiceClient(channel).GetControlPlaneAsync(new(), deadline: TimeProvider.System.GetUtcNow().Add(Until.Bound).UtcDateTime);
            return answer.Role == ControlPlaneRole.Leader;
        }
        catch (Grpc.Core.RpcException)
        {
            return false;
        }
    }

    private int ResidentMiB(string field)
    {
        var line = File.ReadLines($"/proc/{_process!.Pid}/status").First(l => l.StartsWith(field, StringComparison.Ordinal));
        return int.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;
    }
}
