using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>hactl and the control plane over TLS: what works, and what both sides say when it does not.</summary>
public sealed class OperatorTlsTests : IDisposable
{
    private readonly TestAuthority _ours = new("our authority"), _theirs = new("their authority");

    public void Dispose()
    {
        _ours.Dispose();
        _theirs.Dispose();
    }

    [Fact]
    public async Task TLS_with_the_right_authority_works_and_anonymous_clients_are_warned_of()
    {
        await using var plane = await StartAsync();
        var run = await Operator.RunAsync(plane.GrpcUrl, "hosts", "--tls-ca", _ours.RootFile);
        run.Code.ShouldBe(0, run.Error);
        plane.GrpcUrl.ShouldStartWith("https://");
        plane.HttpUrl.ShouldStartWith("http://", customMessage: "probes on loopback stay simple");
        plane.Log().ShouldContain(l => l.Contains("asks clients for no certificate", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_authority_of_another_is_refused_by_hactl_with_what_to_do()
    {
        await using var plane = await StartAsync();
        foreach (var arguments in new string[][] { ["hosts"], ["hosts", "--tls-ca", _theirs.RootFile] })
        {
            var run = await Operator.RunAsync(plane.GrpcUrl, arguments);
            run.Code.ShouldBe(7);
            run.Error.ShouldStartWith($"hactl: cannot connect to {plane.GrpcUrl}: its certificate was refused: ");
            run.Error.ShouldContain("Give the CA that signed it with --tls-ca");
        }
    }

    [Fact]
    public async Task A_servers_certificate_that_is_not_valid_now_says_since_or_until_when_and_what_time_it_is_here()
    {
        foreach (var (from, to, said) in new (TimeSpan?, TimeSpan?, string)[]
        {
            (null, TimeSpan.FromHours(-2), @"its certificate of CN=control-plane expired at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ, and by the clock of this machine it is"),
            (TimeSpan.FromDays(2), null, @"its certificate of CN=control-plane is valid from \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ on, and by the clock of this machine it is"),
        })
        {
            var (certificate, key) = _ours.Server(from, to);
            await using var plane = await InProcessPlane.StartLeadingAsync("--tls-cert", certificate, "--tls-key", key);
            var run = await Operator.RunAsync(plane.GrpcUrl, "hosts", "--tls-ca", _ours.RootFile);
            run.Code.ShouldBe(7);
            run.Error.ShouldMatch($"^hactl: cannot connect to {plane.GrpcUrl}: {said} \\d{{4}}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ\\. Renew it, or set the clock right that is wrong\n$");
        }
    }

    [Fact]
    public async Task A_client_certificate_that_is_not_valid_now_is_named_by_both_sides()
    {
        await using var plane = await StartAsync("--tls-ca", _ours.RootFile);
        var (old, oldKey) = _ours.Client("eve", to: TimeSpan.FromHours(-2));
        var run = await Operator.RunAsync(plane.GrpcUrl, "hosts", "--tls-ca", _ours.RootFile, "--tls-cert", old, "--tls-key", oldKey);
        run.Code.ShouldBe(7);
        run.Error.ShouldMatch($"^hactl: {plane.GrpcUrl} refuses you: the client certificate {old} expired at \\d{{4}}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\dZ, and by the clock of this machine it is .+Z\\. Renew it, or set the clock right that is wrong\n$");
        await LogsAsync(plane, "Warning refused the client at 127.0.0.1:", "its certificate of CN=eve, issued by CN=our authority, is valid from ", "and it is ");

        var (future, futureKey) = _ours.Client("eve", from: TimeSpan.FromDays(2));
        (await Operator.RunAsync(plane.GrpcUrl, "hosts", "--tls-ca", _ours.RootFile, "--tls-cert", future, "--tls-key", futureKey)).Error
            .ShouldContain($"the client certificate {future} is valid from ");
    }

    [Fact]
    public async Task A_certificate_for_other_names_says_which()
    {
        await using var plane = await StartAsync();
        var run = await Operator.RunAsync(plane.GrpcUrl.Replace("127.0.0.1", "localhost", StringComparison.Ordinal), "hosts", "--tls-ca", _ours.RootFile);
        run.Error.ShouldContain("its certificate was refused: it is for control-plane, 127.0.0.1, and not for localhost");
    }

    [Fact]
    public async Task A_plain_client_is_told_to_speak_TLS()
    {
        await using var plane = await StartAsync();
        var run = await Operator.RunAsync(plane.GrpcUrl.Replace("https:", "http:", StringComparison.Ordinal), "hosts");
        run.Code.ShouldBe(7);
        run.Error.ShouldContain("Does it speak TLS? Then write https:// and give --tls-ca");
    }

    [Fact]
    public async Task Mutual_TLS_names_the_operator_in_the_history()
    {
        await using var plane = await StartAsync("--tls-ca", _ours.RootFile);
        var (certificate, key) = _ours.Client("eve");
        string[] tls = ["--tls-ca", _ours.RootFile, "--tls-cert", certificate, "--tls-key", key];
        var apply = await Operator.RunWithAsync(plane.GrpcUrl, "hosts: [{name: a}]", ["apply", "-f", "-", .. tls]);
        apply.Code.ShouldBe(0, apply.Error);
        (await Operator.RunAsync(plane.GrpcUrl, ["events", .. tls])).Out.ShouldContain("host/a registered (by eve)");
        // The web server says of a busy machine that it is one.
        plane.Log().ShouldNotContain(l => l.StartsWith("Warning", StringComparison.Ordinal) && !l.StartsWith("Warning no operator is registered", StringComparison.Ordinal)
            && !l.Contains("heartbeat has been running", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Without_a_certificate_mutual_TLS_refuses_and_both_sides_say_so()
    {
        await using var plane = await StartAsync("--tls-ca", _ours.RootFile);
        var run = await Operator.RunAsync(plane.GrpcUrl, "hosts", "--tls-ca", _ours.RootFile);
        run.Code.ShouldBe(7);
        run.Error.ShouldContain("It probably asks for a client certificate: give --tls-cert and --tls-key");
        await LogsAsync(plane, "Warning refused the client at 127.0.0.1:", "it has no certificate; agents and hactl need --tls-cert and --tls-key");
    }

    [Fact]
    public async Task A_certificate_of_another_authority_is_refused_and_both_sides_say_so()
    {
        await using var plane = await StartAsync("--tls-ca", _ours.RootFile);
        var (certificate, key) = _theirs.Client("mallory");
        var run = await Operator.RunAsync(
            plane.GrpcUrl, "hosts", "--tls-ca", _ours.RootFile, "--tls-cert", certificate, "--tls-key", key);
        run.Code.ShouldBe(7);
        run.Error.ShouldContain("It probably refused the client certificate; its log has the reason");
        await LogsAsync(
            plane,
            "Warning refused the client at 127.0.0.1:",
            "its certificate of CN=mallory, issued by CN=their authority, is not of Tls:ClientCa: ");
    }

    [Fact]
    public async Task A_servers_certificate_is_none_for_a_client()
    {
        await using var plane = await StartAsync("--tls-ca", _ours.RootFile);
        var (certificate, key) = _ours.Server();
        var run = await Operator.RunAsync(
            plane.GrpcUrl, "hosts", "--tls-ca", _ours.RootFile, "--tls-cert", certificate, "--tls-key", key);
        run.Code.ShouldBe(7);
        await LogsAsync(plane, "its certificate of CN=control-plane", "is not of Tls:ClientCa: ");
    }

    private static Task LogsAsync(InProcessPlane plane, params string[] parts) => Until.HoldsAsync(
        () => Task.FromResult(plane.Log().Any(l => parts.All(p => l.Contains(p, StringComparison.Ordinal)))),
        $"the log says {string.Join(" … ", parts)}");

    private async Task<InProcessPlane> StartAsync(params string[] arguments)
    {
        var (certificate, key) = _ours.Server();
        return await InProcessPlane.StartLeadingAsync(["--tls-cert", certificate, "--tls-key", key, .. arguments]);
    }
}
