using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Grpc.Net.Client;
using HaGrpc.Agent.Configuration;
using HaGrpc.V1;
using Microsoft.Extensions.Time.Testing;
using JoinToken = HaGrpc.Core.Identity.JoinToken;

namespace HaGrpc.Functional.Tests.Identity;

/// <summary>From a token to a certificate, and what speaks against it.</summary>
public sealed class JoinTests
{
    [Fact]
    public async Task A_token_brings_a_certificate_with_which_the_agent_comes_in()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.RegisterAsync("a", "b");

        var joined = await fleet.JoinAsync("a", await fleet.TokenAsync("a"));

        joined.Code.ShouldBe(0, joined.Error);
        joined.Out.ShouldContain($"Next: ha-agent --control-plane {fleet.Plane.GrpcUrl} --state-dir {joined.Files.StateDirectory}");
        File.GetUnixFileMode(joined.Files.Certificate).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var attached = await fleet.AttachAsync("a", joined.Files.Tls);
        await attached.BeatAsync();
        var errors = new List<string>();
        var options = OptionsReader.Read(
            ["--control-plane", fleet.Plane.GrpcUrl, "--data-dir", joined.Files.StateDirectory, "--shim", "/bin/true"], new Dictionary<string, string>(), errors);
        errors.ShouldBeEmpty();
        (options!.Host, options.Tls, options.Identity).ShouldBe(("a", joined.Files.Tls, joined.Files), "an agent finds it by itself");
        (await fleet.HactlAsync("token", "list")).Out.ShouldContain("used 20");
        var certificates = (await fleet.HactlAsync("host", "certificates", "a")).Out;
        using var own = joined.Files.Read();
        certificates.ShouldContain(own.SerialNumber.ToLowerInvariant());
        (await fleet.HactlAsync("events")).Out.ShouldContain("a has joined from 127.0.0.1");
    }

    [Fact]
    public async Task A_token_is_good_for_its_host_and_once()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.RegisterAsync("a", "b");
        var token = await fleet.TokenAsync("a");

        var wrong = await fleet.JoinAsync("b", token);
        (wrong.Code, wrong.Files.Exist).ShouldBe((1, false));
        wrong.Error.ShouldEndWith("the token is for host 'a', not for 'b': run the command on that host, or create a token for this one\n");
        (await fleet.JoinAsync("a", token)).Code.ShouldBe(0, "it is still good");
        var again = await fleet.JoinAsync("a", token);
        (again.Code, again.Files.Exist).ShouldBe((1, false));
        again.Error.ShouldContain("from 127.0.0.1, and is good for one certificate. If that was not you, revoke the host (hactl host revoke a)");
        var other = JoinToken.Parse(await fleet.TokenAsync("a"))!;
        (await fleet.JoinAsync("a", (other with { Secret = "guessed" }).Text)).Error.ShouldContain("the token is not known here");
        (await fleet.HactlAsync("token", "revoke", other.Id)).Out.ShouldBe($"{other.Id}: revoked\n");
        (await fleet.JoinAsync("a", other.Text)).Error.ShouldContain("the token was revoked at ");
        (await fleet.HactlAsync("audit", "list")).Out.ShouldNotContain(other.Secret);
        string.Join('\n', fleet.Plane.Log()).ShouldNotContain(other.Secret);
    }

    [Fact]
    public async Task A_token_ends_with_its_time()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var fleet = await Fleet.StartAtAsync(time);
        var token = await fleet.TokenAsync("a");
        time.Advance(TimeSpan.FromMinutes(61));

        var late = await fleet.JoinAsync("a", token, time);

        (late.Code, late.Files.Exist).ShouldBe((1, false));
        late.Error.ShouldContain("the token was good until ");
    }

    [Fact]
    public async Task A_control_plane_of_another_authority_is_told_nothing()
    {
        await using var fleet = await Fleet.StartAsync();
        var token = JoinToken.Parse(await fleet.TokenAsync("a"))!;

        var joined = await fleet.JoinAsync("a", (token with { AuthorityHash = new string('0', 64) }).Text);

        (joined.Code, joined.Files.Exist).ShouldBe((1, false));
        joined.Error.ShouldContain($"its authority has the SHA-256 {token.AuthorityHash}, the token names {new string('0', 64)}. Nothing was sent to it.");
        (await fleet.JoinAsync("a", token.Text)).Code.ShouldBe(0, "the token was not used");
    }

    [Fact]
    public async Task A_clock_that_is_off_is_told_and_costs_no_token()
    {
        await using var fleet = await Fleet.StartAsync();
        var token = await fleet.TokenAsync("a");

        var joined = await fleet.JoinAsync("a", token, new FakeTimeProvider(TimeProvider.System.GetUtcNow() + TimeSpan.FromHours(1)));

        joined.Error.ShouldContain("at most 60 s are allowed. Set the clock (NTP); the token is still good");
        (await fleet.JoinAsync("a", token)).Code.ShouldBe(0);
    }

    [Fact]
    public async Task Whoever_has_joined_is_not_overwritten_by_mistake()
    {
        await using var fleet = await Fleet.StartAsync();
        var files = await fleet.JoinedAsync("a");
        var before = await File.ReadAllTextAsync(files.Certificate);
        var token = await fleet.TokenAsync("a");

        var again = await fleet.JoinAsync("a", token, folder: files.StateDirectory);

        again.Error.ShouldBe($"ha-agent join: this host has a certificate already: {files.Certificate}, of host 'a'; --force replaces it. The token was not used\n");
        (await File.ReadAllTextAsync(files.Certificate)).ShouldBe(before);
        (await fleet.JoinAsync("a", token, folder: files.StateDirectory, more: "--force")).Code.ShouldBe(0);
        (await File.ReadAllTextAsync(files.Certificate)).ShouldNotBe(before);
    }

    [Fact]
    public async Task Without_a_certificate_nothing_else_is_answered_than_a_join_and_an_operators_token()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.RegisterAsync("a");
        var stranger = new TlsFiles("", "", fleet.Files.AuthorityCertificate);
        var channel = fleet.Open(stranger);
        var admin = new AdminService.AdminServiceClient(channel);

        (await fleet.RefusedAsync("a", stranger)).StatusCode.ShouldBe(StatusCode.Unauthenticated);
        (await StatusAsync(() => admin.ListHostsAsync(new()).ResponseAsync)).ShouldBe(StatusCode.Unauthenticated);
        (await StatusAsync(() => admin.GetControlPlaneAsync(new()).ResponseAsync)).ShouldBe(StatusCode.Unauthenticated);
        (await StatusAsync(() => new EnrollmentService.EnrollmentServiceClient(channel).RenewAsync(new()).ResponseAsync)).ShouldBe(StatusCode.Unauthenticated);
        (await StatusAsync(() => admin.ListHostsAsync(new(), Bearer("hagrpc1op.x.y")).ResponseAsync)).ShouldBe(StatusCode.Unauthenticated);
        var added = await fleet.HactlAsync("operator", "add", "ci", "--role", "viewer", "--token");
        (await admin.ListHostsAsync(new(), Bearer(added.Out.Trim()))).Hosts.Count.ShouldBe(1);
        (await new EnrollmentService.EnrollmentServiceClient(channel).GetAuthorityAsync(new())).Authority.ShouldBe(await File.ReadAllTextAsync(fleet.Files.AuthorityCertificate));
    }

    [Fact]
    public async Task A_certificate_speaks_only_for_whom_it_names()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.RegisterAsync("a", "admin");
        var a = await fleet.JoinedAsync("a");
        var eve = new TlsFiles(fleet.Files.OperatorCertificate("admin"), fleet.Files.OperatorKey("admin"), fleet.Files.AuthorityCertificate);

        (await fleet.RefusedAsync("admin", a.Tls)).Status.Detail.ShouldStartWith("the client certificate is for host 'a', not for host 'admin'");
        (await fleet.RefusedAsync("admin", eve)).Status.Detail.ShouldStartWith("the client certificate is for the operator admin, not for host 'admin'");
        (await Should.ThrowAsync<RpcException>(() => fleet.RenewAsync(eve))).Status.Detail.ShouldStartWith("only a host's certificate");
        (await Should.ThrowAsync<RpcException>(() => new AdminService.AdminServiceClient(fleet.Open(a.Tls)).ListHostsAsync(new()).ResponseAsync)).Status.Detail
            .ShouldStartWith("this certificate is of the agent of host a");
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3 })]
    public async Task What_is_no_signing_request_costs_no_token(byte[] request)
    {
        await using var fleet = await Fleet.StartAsync();
        var token = await fleet.TokenAsync("a");
        var enrollment = new EnrollmentService.EnrollmentServiceClient(fleet.Open(new("", "", fleet.Files.AuthorityCertificate)));

        (await StatusAsync(() => enrollment.EnrollAsync(
            new() { Host = "a", Token = token, SigningRequest = Google.Protobuf.ByteString.CopyFrom(request) }).ResponseAsync)).ShouldBe(StatusCode.InvalidArgument);
        (await fleet.JoinAsync("a", token)).Code.ShouldBe(0);
    }

    [Fact]
    public async Task Tls_before_1_3_is_refused()
    {
        await using var fleet = await Fleet.StartAsync();
        var handler = new SocketsHttpHandler();
        handler.SslOptions.CertificateChainPolicy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        handler.SslOptions.CertificateChainPolicy.CustomTrustStore.ImportFromPemFile(fleet.Files.AuthorityCertificate);
        handler.SslOptions.EnabledSslProtocols = System.Security.Authentication.SslProtocols.Tls12;
        using var channel = GrpcChannel.ForAddress(fleet.Plane.GrpcUrl, new() { HttpHandler = handler, DisposeHttpClient = true });

        var refused = await Should.ThrowAsync<RpcException>(() => new EnrollmentService.EnrollmentServiceClient(channel).GetAuthorityAsync(new()).ResponseAsync);

        refused.Status.DebugException.ShouldBeOfType<HttpRequestException>().HttpRequestError.ShouldBe(HttpRequestError.SecureConnectionError);
    }

    private static Metadata Bearer(string token) => new() { { "authorization", $"Bearer {token}" } };

    private static async Task<StatusCode> StatusAsync(Func<Task> call) => (await Should.ThrowAsync<RpcException>(call)).StatusCode;
}
