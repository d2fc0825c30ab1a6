using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Peers;
using HaGrpc.Storage.Tests.Databases;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.Identity;

/// <summary>A host for which nobody may speak any more.</summary>
[Collection(OnePostgres.Name)]
public sealed class RevocationTests(PostgresCluster cluster)
{
    [Fact]
    public async Task A_revoked_host_is_cut_off_at_once_and_comes_back_with_a_new_token()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.RegisterAsync("a", "b");
        var (a, b, spare) = (await fleet.JoinedAsync("a"), await fleet.JoinedAsync("b"), await fleet.TokenAsync("a"));
        var (stream, other) = (await fleet.AttachAsync("a", a.Tls), await fleet.AttachAsync("b", b.Tls));
        await stream.BeatAsync();
        var open = new EnrollmentService.EnrollmentServiceClient(fleet.Open(a.Tls));
        _ = await open.GetAuthorityAsync(new());

        var run = await fleet.HactlAsync("host", "revoke", "a", "--yes", "a", "--reason", "stolen");

        using var own = a.Read();
        run.Out.ShouldContain($"certificate {own.SerialNumber.ToLowerInvariant()} is void\n  1 unused token is void\n");
        var end = await stream.EndAsync();
        end.StatusCode.ShouldBe(StatusCode.PermissionDenied);
        end.Detail.ShouldStartWith("host 'a' is revoked by admin since ");
        (await fleet.RefusedAsync("a", a.Tls)).Status.Detail.ShouldContain("(stolen): hactl host allow a lets it back");
        (await Should.ThrowAsync<RpcException>(() => fleet.RenewAsync(a.Tls))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
        (await Should.ThrowAsync<RpcException>(() => open.GetAuthorityAsync(new()).ResponseAsync)).StatusCode
            .ShouldBe(StatusCode.PermissionDenied, "also on a connection that was there before");
        (await fleet.JoinAsync("a", spare)).Error.ShouldContain("the token was revoked at ");
        await other.BeatAsync();
        await fleet.Plane.DetachedAsync("a");
        var hosts = (await fleet.HactlAsync("hosts")).Out;
        hosts.ShouldMatch(@"\na +\S+ .*revoked by admin at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d: stolen; its agent is not connected\n");
        hosts.ShouldNotContain("b is revoked");
        (await fleet.HactlAsync("hosts", "-o", "json")).Out.ShouldContain("\"reason\": \"stolen\"");
        (await fleet.HactlAsync("host", "certificates")).Out.ShouldContain("by admin: stolen");

        (await fleet.JoinAsync("a", await fleet.TokenAsync("a"), folder: a.StateDirectory, more: "--force")).Code.ShouldBe(0);
        await (await fleet.AttachAsync("a", a.Tls)).BeatAsync();
    }

    [Fact]
    public async Task An_allowed_host_needs_a_certificate_that_was_not_revoked()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.RegisterAsync("a", "web-1");
        var a = await fleet.JoinedAsync("a");
        await fleet.HactlAsync("host", "revoke", "a", "--yes", "a");

        (await fleet.HactlAsync("host", "allow", "a")).Out.ShouldBe("a: allowed; certificates that were revoked stay void\n");

        (await fleet.RefusedAsync("a", a.Tls)).Status.Detail.ShouldStartWith("this certificate of host 'a' is revoked");
        (await fleet.HactlAsync("host", "allow", "a")).Out.ShouldBe("a: was not revoked\n");
        (await fleet.HactlAsync("host", "revoke", "web-2")).Error.ShouldEndWith("host 'web-2' is neither registered nor has it a certificate or token; did you mean 'web-1'?\n");
    }

    [Fact]
    public async Task Who_comes_with_a_void_certificate_is_told_of_until_the_host_has_joined_again()
    {
        await using var fleet = await Fleet.StartAsync();
        (await Operator.RunWithAsync(
            fleet.Plane.GrpcUrl, "hosts: [{name: a}]\ngroups: [{name: web, members: [{host: a, priority: 100}]}]\n", ["apply", "-f", "-", .. fleet.Admin])).Code.ShouldBe(0);
        var a = await fleet.JoinedAsync("a");
        await fleet.HactlAsync("host", "revoke", "a", "--yes", "a");
        await fleet.HactlAsync("host", "allow", "a");
        (await fleet.HactlAsync("hosts")).Out.ShouldContain("its agent has not connected");

        await fleet.RefusedAsync("a", a.Tls);

        const string Told = @"an agent at 127\.0\.0\.1:\d+ was refused at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ: this certificate of host 'a' is revoked: it needs a new one \(hactl token create --host a, then ha-agent join --force\)";
        (await fleet.HactlAsync("hosts")).Out.ShouldMatch(Told);
        (await fleet.HactlAsync("why", "web")).Out.ShouldMatch($"  a could not take over now: .+; {Told}\n");
        await Until.HoldsAsync(
            async () => (await fleet.HactlAsync("events", "--host", "a", "--kind", "AgentRefused")).Out.Contains("this certificate of host 'a' is revoked", StringComparison.Ordinal),
            "it is in the history");

        (await fleet.JoinAsync("a", await fleet.TokenAsync("a"), folder: a.StateDirectory, more: "--force")).Code.ShouldBe(0);
        await (await fleet.AttachAsync("a", a.Tls)).BeatAsync();
        (await fleet.HactlAsync("hosts")).Out.ShouldNotContain("was refused");
    }

    [Fact]
    public async Task A_deleted_host_is_told_to_end_and_its_key_does_not_come_back_with_its_name()
    {
        await using var fleet = await Fleet.StartAsync();
        await fleet.RegisterAsync("a", "b");
        var (a, spare) = (await fleet.JoinedAsync("a"), await fleet.TokenAsync("a"));
        var stream = await fleet.AttachAsync("a", a.Tls);
        await stream.BeatAsync();

        (await fleet.HactlAsync("delete", "host", "a", "--yes", "a")).Code.ShouldBe(0);

        // It is not cut off: an agent that is cut off goes on with what it has.
        var end = await LeaveAsync(stream);
        (end.StatusCode, end.Detail.StartsWith("host 'a' was deleted by admin at ", StringComparison.Ordinal)).ShouldBe((StatusCode.NotFound, true), end.Detail);
        (await LeaveAsync(await fleet.AttachAsync("a", a.Tls))).StatusCode.ShouldBe(StatusCode.NotFound, "also when it was away meanwhile, and nothing else is open to it");
        (await Should.ThrowAsync<RpcException>(() => fleet.RenewAsync(a.Tls))).StatusCode.ShouldBe(StatusCode.PermissionDenied);
        (await fleet.JoinAsync("a", spare)).Error.ShouldContain("the token was revoked at ");
        (await fleet.HactlAsync("host", "certificates", "a")).Out.ShouldContain("by admin: the host was deleted");

        // Whether it is registered or rolled back: the name is there again, and the key is not.
        (await fleet.HactlAsync("rollback", "1", "--yes", "1")).Code.ShouldBe(0);
        var refused = await fleet.RefusedAsync("a", a.Tls);
        (refused.StatusCode, refused.Status.Detail.StartsWith("this certificate of host 'a' is revoked", StringComparison.Ordinal)).ShouldBe((StatusCode.PermissionDenied, true), refused.Status.Detail);
        (await fleet.JoinAsync("a", await fleet.TokenAsync("a"), folder: a.StateDirectory, more: "--force")).Code.ShouldBe(0);
        await (await fleet.AttachAsync("a", a.Tls)).BeatAsync();
    }

    [Fact]
    public async Task A_certificate_that_others_have_made_is_revoked_by_what_it_is()
    {
        using var authority = new TestAuthority("our authority");
        var (server, first, second) = (authority.Server(), authority.Client("a"), authority.Client("a"));
        await using var plane = await InProcessPlane.StartLeadingAsync("--tls-cert", server.Certificate, "--tls-key", server.Key, "--tls-ca", authority.RootFile);
        var eve = authority.Client("eve");
        string[] tls = ["--tls-ca", authority.RootFile, "--tls-cert", eve.Certificate, "--tls-key", eve.Key];
        (await Operator.RunWithAsync(plane.GrpcUrl, "hosts: [{name: a}]", ["apply", "-f", "-", .. tls])).Code.ShouldBe(0);
        using var channel = new HaGrpc.Agent.Uplink.Endpoints(new(first.Certificate, first.Key, authority.RootFile)).Open(new(plane.GrpcUrl), Until.Bound);
        using (var stream = new AgentService.AgentServiceClient(channel).Attach())
        {
            await HaGrpc.Agent.Uplink.FirstMessage.WriteAsync(stream.RequestStream, new() { Hello = AgentDouble.HelloOf("a") }, CancellationToken.None);
            (await stream.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound)).ShouldBeTrue();
            (await Operator.RunAsync(plane.GrpcUrl, ["host", "revoke", "a", "--yes", "a", .. tls])).Code.ShouldBe(0);
            var end = await new Attached(stream, new()).EndAsync();
            end.StatusCode.ShouldBe(StatusCode.PermissionDenied, end.Detail);
        }

        // Often enough for one that comes while the hello is being written: why has to be known then, too.
        for (var i = 0; i < 100; i++)
        {
            var e = (await AttachAsync(channel)).ShouldNotBeNull();
            e.Status.Detail.ShouldStartWith("this certificate of host 'a' is revoked", customMessage: $"{i}: {e}");
        }
        using var other = new HaGrpc.Agent.Uplink.Endpoints(new(second.Certificate, second.Key, authority.RootFile)).Open(new(plane.GrpcUrl), Until.Bound);
        (await AttachAsync(other)).ShouldNotBeNull().Status.Detail.ShouldStartWith("host 'a' is revoked");
        (await Operator.RunAsync(plane.GrpcUrl, ["host", "allow", "a", .. tls])).Code.ShouldBe(0);
        (await AttachAsync(other)).ShouldBeNull("it was not seen, and is not void");
        (await AttachAsync(channel)).ShouldNotBeNull();
        (await Operator.RunAsync(plane.GrpcUrl, ["token", "create", "--host", "a", .. tls])).Error
            .ShouldContain("this control plane issues no certificates: it was started without --data-dir (ha-controlplane init)");
    }

    [Fact]
    public async Task A_follower_knows_it_too()
    {
        var database = await cluster.CreateDatabaseAsync();
        await using var fleet = await Fleet.StartAsync($"--postgres={database}");
        await fleet.RegisterAsync("a");
        var a = await fleet.JoinedAsync("a");
        await using var follower = await InProcessPlane.StartAsync($"--postgres={database}", $"--data-dir={fleet.Files.Folder}");
        using var channel = new HaGrpc.Agent.Uplink.Endpoints(a.Tls).Open(new(follower.GrpcUrl), Until.Bound);
        var enrollment = new EnrollmentService.EnrollmentServiceClient(channel);
        _ = await enrollment.GetAuthorityAsync(new());

        await fleet.HactlAsync("host", "revoke", "a", "--yes", "a");

        await Until.HoldsAsync(
            async () =>
            {
                try
                {
                    _ = await enrollment.GetAuthorityAsync(new());
                    return false;
                }
                catch (RpcException e)
                {
                    return e.StatusCode == StatusCode.PermissionDenied;
                }
            },
            "the follower refuses it");
    }

    [Fact]
    public async Task Members_of_its_groups_refuse_it_also_while_the_control_plane_is_away()
    {
        using var authority = new TestAuthority("our authority");
        await using var a = new RunningPeer("a", RunningPeer.Tls(authority, "a")).Start();
        await using var b = new RunningPeer("b", RunningPeer.Tls(authority, "b")).Start();
        RunningPeer.Acquaint(a, b);
        await a.ReachesAsync(b);

        b.Link.Learn(Configuration("a", a));

        b.Link.Ask("a", [b.Ping(1)]);
        a.Link.Ask("b", [a.Ping(2)]);
        await b.Log.SaysAsync("that says it is a: host 'a' or its certificate is revoked");
        a.HasAnswer.ShouldBeFalse();
        await b.StopAsync();
        b.Start();
        await b.Log.SaysAsync("Agents of other hosts are answered at", times: 2);
        a.Link.Ask("b", [a.Ping(3)]);
        await a.Log.SaysAsync("PermissionDenied: host 'a' or its certificate is revoked");
        b.Learn(("a", a.EndPoint.ToString()));
        await a.ReachesAsync(b, times: 2);
        b.HasAnswer.ShouldBeFalse("it was not asked");
    }

    [Fact]
    public async Task Members_of_its_groups_are_told_and_others_are_not()
    {
        await using var fleet = await Fleet.StartAsync();
        var run = await Operator.RunWithAsync(
            fleet.Plane.GrpcUrl,
            "hosts: [{name: a}, {name: b}, {name: c}]\ngroups:\n- {name: web, members: [{host: a, priority: 2}, {host: b, priority: 1}]}\n- {name: db, members: [{host: c, priority: 1}]}",
            ["apply", "-f", "-", .. fleet.Admin]);
        run.Code.ShouldBe(0, run.Error);
        var a = await fleet.JoinedAsync("a");
        await fleet.HactlAsync("host", "revoke", "a", "--yes", "a");

        var (b, c) = (await ConfigurationAsync(fleet, "b"), await ConfigurationAsync(fleet, "c"));

        using var own = a.Read();
        b.RevokedHosts.ShouldBe(["a"]);
        b.RevokedCertificates.ShouldBe([HaGrpc.Core.Identity.CertificateNames.FingerprintOf(own)]);
        (c.RevokedHosts.Count, c.RevokedCertificates.Count).ShouldBe((0, 0));
    }

    /// <summary>Says that it holds nothing, and is sent away for it.</summary>
    private static async Task<Status> LeaveAsync(Attached stream)
    {
        try
        {
            await stream.BeatAsync();
        }
        catch (RpcException)
        {
            // It may have been sent away before the answer.
        }
        return await stream.EndAsync();
    }

    private static async Task<HostConfiguration> ConfigurationAsync(Fleet fleet, string host)
    {
        var stream = await fleet.AttachAsync(host, (await fleet.JoinedAsync(host)).Tls);
        while (await stream.Call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound))
        {
            if (stream.Call.ResponseStream.Current.Configuration is { } configuration)
                return configuration;
        }
        throw new InvalidOperationException("there was no configuration");
    }

    private static HostConfiguration Configuration(string revoked, RunningPeer peer)
    {
        var configuration = new HostConfiguration { RevokedHosts = { revoked }, Peers = { [peer.Host] = peer.EndPoint.ToString() } };
        configuration.Groups.Add(Models.Group("web", new Member { Host = "a" }, new Member { Host = "b" }));
        return configuration;
    }

    private static async Task<RpcException?> AttachAsync(Grpc.Net.Client.GrpcChannel channel)
    {
        using var call = new AgentService.AgentServiceClient(channel).Attach();
        try
        {
            await HaGrpc.Agent.Uplink.FirstMessage.WriteAsync(call.RequestStream, new() { Hello = AgentDouble.HelloOf("a") }, CancellationToken.None);
            await call.ResponseStream.MoveNext(CancellationToken.None).WaitAsync(Until.Bound);
            return null;
        }
        catch (RpcException e)
        {
            return e;
        }
    }
}
