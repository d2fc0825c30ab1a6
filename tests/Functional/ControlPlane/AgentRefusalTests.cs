using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>
/// Real agents and a real control plane in a namespace of their own: what the logs of both say when an agent may not come in.
/// </summary>
public sealed class AgentRefusalTests : IAsyncLifetime
{
    private readonly TestAuthority _ours = new("our authority"), _theirs = new("their authority");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-agents-");
    private LoopbackSpace? _space;
    private int _agents;

    public async ValueTask InitializeAsync() => _space = await LoopbackSpace.CreateAsync();

    public async ValueTask DisposeAsync()
    {
        await _space!.DisposeAsync();
        _ours.Dispose();
        _theirs.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Mutual_TLS_lets_in_who_has_our_certificate_for_its_own_name_and_both_sides_say_why_nobody_else()
    {
        var server = _ours.Server();
        await using var plane = await StartPlaneAsync(
            "--tls-cert", server.Certificate, "--tls-key", server.Key, "--tls-ca", _ours.RootFile);
        var eve = _ours.Client("eve");
        await ApplyAsync("https://127.0.0.1:7443", "--tls-ca", _ours.RootFile, "--tls-cert", eve.Certificate, "--tls-key", eve.Key);

        await using (var right = StartAgent("a", _ours.RootFile, _ours.Client("a")))
        {
            await right.LineAsync("Connected to the control plane");
            await plane.LineAsync("a attached from 127.0.0.1:");
        }

        await using (var wrongAuthority = StartAgent("b", _theirs.RootFile, _ours.Client("b")))
        {
            // On a busy machine the first attempt may end before the handshake does; it is repeated with more patience.
            await wrongAuthority.LineAsync("is out of reach: ", also: "certificate");
        }

        await using (var otherName = StartAgent("b", _ours.RootFile, _ours.Client("c")))
        {
            const string reason = "the client certificate is for c, not for host 'b': "
                + "give this host a certificate whose common name or DNS name is 'b'";
            (await otherName.LineAsync("refuses this agent")).ShouldEndWith($"(PermissionDenied): {reason}");
            (await plane.LineAsync("refused an agent from 127.0.0.1:")).ShouldEndWith(reason);
        }

        await using (var none = StartAgent("b", _ours.RootFile, null))
        {
            await plane.LineAsync("it has no certificate; agents and hactl need --tls-cert and --tls-key");
            await none.LineAsync("is out of reach: ");
        }

        await using (var theirs = StartAgent("b", _ours.RootFile, _theirs.Client("b")))
        {
            await plane.LineAsync("its certificate of CN=b, issued by CN=their authority, is not of Tls:ClientCa: ");
            await theirs.LineAsync("is out of reach: ");
        }
    }

    [Fact]
    public async Task Two_machines_of_one_name_and_a_clock_that_is_off_are_named_on_both_sides()
    {
        await using var plane = await StartPlaneAsync();
        await ApplyAsync("http://127.0.0.1:7443");
        await using var first = StartAgent("a", null, null);
        await first.LineAsync("Connected to the control plane");

        await using (var second = StartOnAnotherMachine("a"))
        {
            var said = await second.LineAsync("refuses this agent");
            said.ShouldContain("(AlreadyExists): host name 'a' is in use by another machine: 127.0.0.1:");
            said.ShouldEndWith("Give one of them another name");
            (await plane.LineAsync("refused an agent from 127.0.0.1:")).ShouldContain("host name 'a' is in use by another machine");
        }

        await using (var unknown = StartAgent("c", null, null))
        {
            const string reason = "host 'c' is not registered: hactl apply a manifest that names it";
            (await unknown.LineAsync("refuses this agent")).ShouldContain($"(NotFound): {reason}");
            await plane.LineAsync($": {reason}");
        }
    }

    [Fact]
    public async Task A_clock_that_is_off_is_named_on_both_sides()
    {
        // No two processes of one machine have different wall clocks: so nothing is tolerated at all.
        await using var plane = await StartPlaneWithAsync(new() { ["HA_CONTROLPLANE_Agents__ClockTolerance"] = "00:00:00.0000001" });
        await ApplyAsync("http://127.0.0.1:7443");
        await using var agent = StartAgent("a", null, null);
        (await agent.LineAsync("refuses this agent")).ShouldContain("(FailedPrecondition): the clock of host 'a' is ");
        (await plane.LineAsync("refused an agent from 127.0.0.1:")).ShouldEndWith("Set the clock (NTP)");
    }

    private Task<RunningProcess> StartPlaneAsync(params string[] arguments) => StartPlaneWithAsync([], arguments);

    private async Task<RunningProcess> StartPlaneWithAsync(Dictionary<string, string> environment, params string[] arguments)
    {
        var plane = RunningProcess.Start(
            "ha-controlplane", _space, environment, [$"--sqlite={_folder.FullName}/plane.db", .. arguments]);
        await plane.LineAsync("serves agents and hactl");
        return plane;
    }

    private async Task ApplyAsync(string url, params string[] tls)
    {
        var manifest = Path.Combine(_folder.FullName, "hosts.yaml");
        await File.WriteAllTextAsync(manifest, "hosts: [{name: a}, {name: b}]");
        await using var apply = RunningProcess.Start("hactl", _space, [], ["apply", "-f", manifest, "--endpoint", url, .. tls]);
        (await apply.ExitCodeAsync()).ShouldBe(0, apply.Output);
    }

    private RunningProcess StartAgent(string host, string? authority, (string Certificate, string Key)? certificate) =>
        RunningProcess.Start("ha-agent", _space, [], Arguments(host, authority, certificate));

    /// <summary>Another boot id is what tells another machine.</summary>
    private RunningProcess StartOnAnotherMachine(string host)
    {
        var bootId = Path.Combine(_folder.FullName, "boot_id");
        File.WriteAllText(bootId, $"{Guid.NewGuid()}\n");
        return RunningProcess.StartCommand(
            _space,
            [],
            "unshare",
            [
                "-m", "sh", "-c", "mount --bind \"$1\" /proc/sys/kernel/random/boot_id && shift && exec dotnet \"$@\"", "sh",
                bootId, .. RunningProcess.Managed("ha-agent"), .. Arguments(host, null, null),
            ]);
    }

    private string[] Arguments(string host, string? authority, (string Certificate, string Key)? certificate)
    {
        var folder = _folder.CreateSubdirectory($"agent-{++_agents}").FullName;
        return
        [
            "--host", host, "--control-plane", authority is null ? "http://127.0.0.1:7443" : "https://127.0.0.1:7443",
            "--run-dir", $"{folder}/run", "--state-dir", $"{folder}/state", "--shim", Environment.ProcessPath!,
            .. authority is null ? Array.Empty<string>() : ["--tls-ca", authority],
            .. certificate is { } c ? ["--tls-cert", c.Certificate, "--tls-key", c.Key] : Array.Empty<string>(),
        ];
    }
}
