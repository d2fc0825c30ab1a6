using System.Security.Cryptography.X509Certificates;
using HaGrpc.ControlPlane.Identity;
using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.Identity;

/// <summary><c>ha-controlplane init</c>.</summary>
public sealed class InitTests : IDisposable
{
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("hagrpc-init-");

    public void Dispose() => _root.Delete(recursive: true);

    private IdentityFiles Files => new(Path.Combine(_root.FullName, "data"));

    [Fact]
    public void It_makes_an_authority_a_server_and_an_operator_that_nobody_else_can_read()
    {
        var run = Run("--data-dir", Files.Folder, "--name", "ha1.example.org", "--name=10.0.0.1", "--admin", "eve");

        run.Code.ShouldBe(0, run.Error);
        foreach (var file in Directory.GetFiles(Files.Folder, "*", SearchOption.AllDirectories))
            (File.GetUnixFileMode(file) & Others).ShouldBe(UnixFileMode.None, file);
        using var authority = X509Certificate2.CreateFromPem(File.ReadAllText(Files.AuthorityCertificate));
        run.Out.ShouldContain($"SHA-256 {HaGrpc.Core.Identity.CertificateNames.FingerprintOf(authority)}");
        run.Out.ShouldContain("hactl context add ha1.example.org --endpoint https://ha1.example.org:7443");
        using var server = X509Certificate2.CreateFromPemFile(Files.Server, Files.Server);
        ServerRenewal.HostsOf(server).ShouldBe(["ha1.example.org", "localhost", "10.0.0.1", "127.0.0.1", "::1"]);
        using var eve = X509Certificate2.CreateFromPemFile(Files.OperatorCertificate("eve"), Files.OperatorKey("eve"));
        HaGrpc.Core.Identity.CertificateNames.ClaimOf(eve).Operator.ShouldBe("eve");
    }

    [Fact]
    public void It_replaces_nothing_unless_it_is_told_to_and_names_all_that_is_in_the_way()
    {
        Run("--data-dir", Files.Folder).Code.ShouldBe(0);
        var before = Snapshot();

        var again = Run("--data-dir", Files.Folder);

        again.Code.ShouldBe(1);
        foreach (var file in new[] { "ca.crt", "ca.key", "server.pem", "operators/admin.crt", "operators/admin.key", "first-admin" })
            again.Error.ShouldContain($"{Files.Folder}/{file} is there already");
        again.Error.ShouldEndWith("nothing was changed: --renew keeps the authority and renews certificates, --force replaces everything\n");
        Snapshot().ShouldBe(before);
        Run("--data-dir", Files.Folder, "--force").Code.ShouldBe(0);
        Snapshot().Select(f => f.Path).ShouldBe(before.Select(f => f.Path));
        Snapshot().ShouldNotContain(f => f.Path != "first-admin" && before.Contains(f), "everything is another one");
    }

    [Fact]
    public void A_renewal_keeps_the_authority_and_the_names()
    {
        Run("--data-dir", Files.Folder, "--renew").ShouldBe(new(1, "", string.Concat(
            new[] { "ca.crt", "ca.key", "server.pem" }.Select(f => $"ha-controlplane init: there is no {Files.Folder}/{f}\n"))
            + "ha-controlplane init: nothing was changed: --renew needs what init has made before\n"));
        Run("--data-dir", Files.Folder, "--name", "10.0.0.1").Code.ShouldBe(0);
        var before = Snapshot();

        Run("--data-dir", Files.Folder, "--renew").Code.ShouldBe(0);

        Snapshot().Except(before).Select(f => f.Path).ShouldBe(["server.pem"]);
        using var server = X509Certificate2.CreateFromPemFile(Files.Server, Files.Server);
        ServerRenewal.HostsOf(server).ShouldContain("10.0.0.1");
        Run("--data-dir", Files.Folder, "--renew", "--admin", "bob").Out.ShouldContain("hactl operator add bob");
        File.Exists(Files.OperatorKey("bob")).ShouldBeTrue();
    }

    [Fact]
    public void Every_mistake_is_told_at_once()
    {
        Run("--name", "https://x:1", "--admin", "a/b", "--loud", "--force", "--renew").ShouldBe(new(2, "", """
            ha-controlplane init: --loud: unknown; known are --data-dir, --name, --admin, --force, --renew
            ha-controlplane init: --force and --renew: one replaces the authority, the other keeps it: give one of them
            ha-controlplane init: --name is 'https://x:1': it must be a host's name or an address, without scheme and port, for example ha1.example.org or 10.0.0.1
            ha-controlplane init: --admin is 'a/b': the name of an operator must not contain '/'

            """));
        Run().Error.ShouldBe("ha-controlplane init: --data-dir: missing; usual is /var/lib/hagrpc\n");
        Directory.Exists(Files.Folder).ShouldBeFalse();
    }

    [Fact]
    public async Task The_first_start_lets_the_first_operator_in_and_nobody_after_that()
    {
        await using var fleet = await Fleet.StartAsync();

        (await fleet.HactlAsync("whoami")).Out.ShouldContain("admin: admin of all groups");
        File.Exists(fleet.Files.FirstAdmin).ShouldBeFalse();
        (await fleet.HactlAsync("operator", "list")).Out.ShouldContain("ha-controlplane init");
    }

    [Fact]
    public async Task A_start_without_init_is_told_what_to_do()
    {
        var failures = (await Should.ThrowAsync<Microsoft.Extensions.Options.OptionsValidationException>(
            () => InProcessPlane.StartAsync("--data-dir", Files.Folder))).Failures;

        failures.ShouldContain($"Identity:Directory is '{Files.Folder}': there is no ca.crt in it: ha-controlplane init --data-dir {Files.Folder}");
    }

    private (string Path, string Text)[] Snapshot() =>
    [
        .. Directory.GetFiles(Files.Folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(f => (Path.GetRelativePath(Files.Folder, f), File.ReadAllText(f))),
    ];

    private static Operator.Run Run(params string[] arguments)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        return new(InitCommand.Run(arguments, output, error, TimeProvider.System), output.ToString(), error.ToString());
    }
}
