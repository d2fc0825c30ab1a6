using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.Identity;

/// <summary>The binaries as operators run them, from nothing to a host that is cut off, in a network namespace of their own.</summary>
public sealed class WholeHostTests : IAsyncLifetime
{
    private const string Url = "https://127.0.0.1:7443";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-whole-");
    private LoopbackSpace _space = null!;

    public async ValueTask InitializeAsync() => _space = await LoopbackSpace.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await _space.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string At(string name) => Path.Combine(_folder.FullName, name);

    [Fact]
    public async Task From_init_to_an_attached_agent_and_its_revocation()
    {
        await DoneAsync("ha-controlplane", "init", "--data-dir", At("plane"));
        await using var plane = RunningProcess.Start("ha-controlplane", _space, [], "--data-dir", At("plane"), "--listen-grpc", "127.0.0.1:7443");
        await plane.LineAsync("admin is the first operator, an admin of everything, by certificate");
        await plane.LineAsync("serves agents and hactl");
        await File.WriteAllTextAsync(At("hosts.yaml"), "hosts: [{name: a}]");
        await HactlAsync("apply", "-f", At("hosts.yaml"));
        var line = (await HactlAsync("token", "create", "--host", "a")).Split('\n').Single(l => l.StartsWith("ha-agent join", StringComparison.Ordinal));

        await DoneAsync("ha-agent", [.. line.Split(' ')[1..], "--data-dir", At("agent")]);
        await using (var agent = StartAgent())
        {
            await agent.LineAsync("Connected to the control plane");
            (await HactlAsync("hosts")).ShouldContain("a     live");

            await HactlAsync("host", "revoke", "a", "--yes", "a", "--reason", "stolen");

            (await agent.LineAsync("refuses this agent (PermissionDenied)")).ShouldContain("host 'a' is revoked by admin since ");
        }
        line = (await HactlAsync("token", "create", "--host", "a")).Split('\n').Single(l => l.StartsWith("ha-agent join", StringComparison.Ordinal));
        await DoneAsync("ha-agent", [.. line.Split(' ')[1..], "--data-dir", At("agent"), "--force"]);
        await using var again = StartAgent();
        await again.LineAsync("Connected to the control plane");
    }

    private RunningProcess StartAgent() => RunningProcess.Start(
        "ha-agent", _space, [], "--control-plane", Url, "--data-dir", At("agent"), "--run-dir", At("run"), "--shim", "/bin/true", "--peer-listen", "off");

    private Task<string> HactlAsync(params string[] arguments) => DoneAsync(
        "hactl",
        [
            .. arguments, "--endpoint", Url, "--tls-ca", At("plane/ca.crt"), "--tls-cert", At("plane/operators/admin.crt"), "--tls-key", At("plane/operators/admin.key"),
        ]);

    private async Task<string> DoneAsync(string binary, params string[] arguments)
    {
        await using var process = RunningProcess.Start(binary, _space, [], arguments);
        (await process.ExitCodeAsync()).ShouldBe(0, process.Output);
        return process.Output;
    }
}
