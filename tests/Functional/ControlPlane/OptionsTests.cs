using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Lab.Kernel;
using Microsoft.Extensions.Options;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Configuration from file, environment and flags, as an operator meets it.</summary>
public sealed class OptionsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hagrpc-options-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Every_mistake_is_told_at_once_with_setting_value_and_remedy_and_flags_win_over_environment_over_file()
    {
        var file = Path.Combine(_folder.FullName, "plane.json");
        await File.WriteAllTextAsync(file, """
            {
              "Listen": { "Grpc": "file:7443", "Http": "from-file", "AllowPlaintext": "perhaps", "Advertise": "ha1:7443" },
              "Storage": { "Sqlite": "file.db" },
              "Log": { "Level": "Loud", "File": "/nonexistent/plane.log" },
              "Tls": { "Certifcate": "/etc/cert.pem" },
              "Agents": { "ClockTolerance": "a minute" }
            }
            """);
        var environment = new Dictionary<string, string>
        {
            ["HA_CONTROLPLANE_Listen__Grpc"] = "environment:7443",
            ["HA_CONTROLPLANE_Storage__Sqlite"] = "environment.db",
            ["HA_CONTROLPLANE_Tls__Key"] = "/nonexistent/key.pem",
        };
        await using var process = RunningProcess.Start(
            "ha-controlplane", null, environment, "--config", file, "--sqlite", "flag.db", "--bogus", "--tls-ca");

        (await process.ExitCodeAsync()).ShouldBe(2);

        var lines = process.Output.Split('\n').Order(StringComparer.Ordinal).ToArray();
        lines.Select(l => l.Split(": known are")[0].Split("; known are")[0]).ShouldBe(
        [
            "ha-controlplane: --bogus: unknown flag",
            "ha-controlplane: --tls-ca: needs a value: --tls-ca FILE",
            "ha-controlplane: Agents:ClockTolerance is 'a minute': it must be a time such as 00:01:00",
            "ha-controlplane: Listen:Advertise is 'ha1:7443': it must be scheme, host and port, for example http://ha1.example.org:7443",
            "ha-controlplane: Listen:AllowPlaintext is 'perhaps': it must be true or false",
            "ha-controlplane: Listen:Grpc is 'environment:7443': it must be ADDRESS:PORT, for example 127.0.0.1:7443, 0.0.0.0:7443 or [::1]:7443",
            "ha-controlplane: Listen:Http is 'from-file': it must be ADDRESS:PORT, for example 127.0.0.1:7443, 0.0.0.0:7443 or [::1]:7443",
            "ha-controlplane: Log:File is '/nonexistent/plane.log': the folder /nonexistent must exist",
            "ha-controlplane: Log:Level is 'Loud': it must be Verbose, Debug, Information, Warning or Error",
            "ha-controlplane: Storage:Sqlite is 'flag.db': it must be an absolute path, or Storage:Postgres must be given",
            "ha-controlplane: Tls:Certifcate: unknown setting; did you mean Tls:Certificate?",
            "ha-controlplane: Tls:Certificate is empty: Tls:Key is given, so the certificate must be too (--tls-cert)",
        ]);
    }

    [Fact]
    public async Task A_file_is_enough()
    {
        var (file, database) = (Path.Combine(_folder.FullName, "plane.json"), Path.Combine(_folder.FullName, "plane.db"));
        await File.WriteAllTextAsync(file, $$"""
            { "Listen": { "Grpc": "127.0.0.1:0", "Http": "127.0.0.1:0" }, "Storage": { "Sqlite": "{{database}}" } }
            """);
        await using var process = RunningProcess.Start("ha-controlplane", "--config", file);
        await process.LineAsync("leads, term 1");
        File.Exists(database).ShouldBeTrue();
    }

    [Theory]
    [InlineData("/nonexistent/plane.json", null, "cannot be read: ")]
    [InlineData("plane.json", "{ \"Listen\": ", "not valid JSON: ")]
    public async Task A_file_that_cannot_be_used_is_named(string name, string? text, string message)
    {
        var file = Path.Combine(_folder.FullName, name);
        if (text is not null)
            await File.WriteAllTextAsync(file, text);
        (await FailuresAsync("--config", file)).ShouldHaveSingleItem().ShouldStartWith($"--config is '{file}': {message}");
    }

    [Fact]
    public async Task Certificate_files_are_read_before_it_starts()
    {
        using var authority = new TestAuthority("ca");
        var (certificate, key) = authority.Server();
        var (_, otherKey) = authority.Server();
        var failures = await FailuresAsync("--tls-cert", certificate, "--tls-key", otherKey, "--tls-ca", key);
        failures.Length.ShouldBe(2);
        failures[0].ShouldStartWith($"Tls:Certificate is '{certificate}', Tls:Key is '{otherKey}': ");
        failures[0].ShouldEndWith("Right are a PEM certificate and its own unencrypted PEM key, readable by this user");
        failures[1].ShouldBe($"Tls:ClientCa is '{key}': No certificate is in it. Right are one or more PEM certificates");
    }

    [Fact]
    public async Task Unless_told_otherwise_it_listens_on_loopback_only()
    {
        await using var space = await LoopbackSpace.CreateAsync();
        await using var process = RunningProcess.Start(
            "ha-controlplane", space, [], $"--sqlite={_folder.FullName}/plane.db");
        await process.LineAsync("Now listening on: http://127.0.0.1:7443");
        await process.LineAsync("Now listening on: http://127.0.0.1:7480");
        process.Signal(Libc.SigTerm);
        (await process.ExitCodeAsync()).ShouldBe(0);
        process.Output.ShouldNotContain("plaintext");
    }

    [Theory]
    [InlineData("--listen-grpc", "Listen:Grpc")]
    [InlineData("--listen-http", "Listen:Http")]
    public async Task A_listener_in_plain_text_that_others_can_reach_needs_a_flag_and_is_warned_of(string flag, string setting)
    {
        (await FailuresAsync(flag, "0.0.0.0:0")).ShouldHaveSingleItem().ShouldBe(
            $"{setting} is '0.0.0.0:0': others can reach it and it has no TLS: give --tls-cert and --tls-key, or --allow-plaintext");

        await using var plane = await InProcessPlane.StartAsync(flag, "0.0.0.0:0", "--allow-plaintext");
        plane.Log().ShouldContain(
            l => l.StartsWith("Warning 0.0.0.0:0 is plaintext and can be reached by others", StringComparison.Ordinal));
    }

    /// <summary>A start that fails is followed by no stop: what runs already ends by itself, and says nothing.</summary>
    [Fact]
    public async Task What_runs_when_a_start_fails_ends_quietly()
    {
        var log = Path.Combine(_folder.FullName, "log");
        await using (var plane = await InProcessPlane.StartAsync())
        {
            for (var round = 0; round < 20; round++)
            {
                await Should.ThrowAsync<IOException>(() => InProcessPlane.StartAsync(
                    $"--listen-grpc={new Uri(plane.GrpcUrl).Authority}", $"--log-file={log}{round}", "--log-level=Error"));
            }
        }
        foreach (var file in _folder.GetFiles("log*"))
            (await File.ReadAllTextAsync(file.FullName)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_address_in_use_is_said_in_one_line()
    {
        await using var plane = await InProcessPlane.StartAsync();
        var address = new Uri(plane.GrpcUrl).Authority;
        await using var process = RunningProcess.Start(
            "ha-controlplane", $"--listen-grpc={address}", "--listen-http=127.0.0.1:0", $"--sqlite={_folder.FullName}/plane.db", "--log-level=Error");
        (await process.ExitCodeAsync()).ShouldBe(1);
        process.Output.ShouldContain($"ha-controlplane: Failed to bind to address http://{address}: address already in use.");
        process.Output.ShouldNotContain("   at ", customMessage: process.Output);
    }

    private static async Task<string[]> FailuresAsync(params string[] arguments) =>
        [.. (await Should.ThrowAsync<OptionsValidationException>(() => InProcessPlane.StartAsync(arguments))).Failures];
}
