using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>token and host: what is asked, and what operators and scripts get to see.</summary>
public sealed class IdentityCommandTests
{
    private static readonly Timestamp Later = new DateTimeOffset(2026, 11, 23, 10, 30, 0, TimeSpan.Zero).ToTimestamp();
    private static readonly JoinToken Token = new() { Id = "0a", Host = "web-1", CreatedBy = "CN=eve", CreatedAt = FakeControlPlane.Time.GetUtcNow().ToTimestamp(), ExpiresAt = Later, State = "unused" };

    [Fact]
    public async Task A_created_token_leaves_the_command_alone_on_standard_output()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Identity.Created = new() { Created = Token, Token = "hagrpc1join.0a.s.h", ControlPlane = "https://ha1:7443", Warning = "host 'web-1' is not registered" };

        var run = await plane.RunAsync("token", "create", "--host", "web-1", "--ttl", "90m", "--reason", "new machine");

        run.ShouldBe(new(
            0,
            "ha-agent join --control-plane https://ha1:7443 --host web-1 --token hagrpc1join.0a.s.h\n",
            "hactl: host 'web-1' is not registered\nRun this on web-1 until 2026-11-23 10:30:00; the token is good once, and not shown again:\n"));
        plane.Identity.Asked.ShouldBe<object>([new CreateJoinTokenRequest { Host = "web-1", Ttl = TimeSpan.FromMinutes(90).ToDuration(), Reason = "new machine" }]);
        using var json = JsonDocument.Parse((await plane.RunAsync("token", "create", "--host", "web-1", "-o", "json")).Out);
        json.RootElement.GetProperty("command").GetString().ShouldBe("ha-agent join --control-plane https://ha1:7443 --host web-1 --token hagrpc1join.0a.s.h");
        json.RootElement.GetProperty("created").GetProperty("state").GetString().ShouldBe("unused");
    }

    [Theory]
    [InlineData("59s")]
    [InlineData("721h")]
    [InlineData("1")]
    public async Task A_time_that_no_token_has_is_refused_before_anything_is_asked(string ttl)
    {
        await using var plane = await FakeControlPlane.StartAsync();

        var run = await plane.RunAsync("token", "create", "--host", "a", "--ttl", ttl);

        (run.Code, plane.Identity.Asked.Count).ShouldBe((2, 0));
        run.Error.ShouldStartWith($"hactl: --ttl {ttl}: must be a time from 1m to 720h, such as 1h or 30m\n");
    }

    [Fact]
    public async Task Tokens_are_listed_with_what_became_of_them_and_revoked_by_their_id()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Identity.Tokens = new()
        {
            Tokens =
            {
                Token,
                new JoinToken(Token) { Id = "0b", State = "used", UsedAt = Later, UsedFrom = "10.0.0.7" },
                new JoinToken(Token) { Id = "0c", State = "revoked", RevokedAt = Later, RevokedBy = "CN=bob" },
            },
        };

        (await plane.RunAsync("token", "list")).Out.ShouldBe("""
            ID  HOST   STATE    UNTIL                CREATED BY  DETAIL
            0a  web-1  unused   2026-11-23 10:30:00  eve         -
            0b  web-1  used     2026-11-23 10:30:00  eve         used 2026-11-23 10:30:00 from 10.0.0.7
            0c  web-1  revoked  2026-11-23 10:30:00  eve         revoked 2026-11-23 10:30:00 by bob

            """);
        (await plane.RunAsync("token", "revoke", "0a")).Out.ShouldBe("0a: revoked\n");
        plane.Identity.Asked.Last().ShouldBe(new RevokeJoinTokenRequest { Id = "0a", Reason = "hactl token revoke by wu" });
    }

    [Fact]
    public async Task A_revocation_says_what_is_void_and_how_the_host_comes_back()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Identity.Revoked = new() { Certificates = { new HostCertificate { Host = "web-1", Serial = "4a" } }, VoidTokens = 2 };

        (await plane.RunAsync("host", "revoke", "web-1", "--reason", "stolen")).Out.ShouldBe("""
            web-1: revoked
              certificate 4a is void
              2 unused tokens are void
            It comes back with a new certificate: hactl token create --host web-1, then ha-agent join --force there

            """);
        plane.Identity.Asked.ShouldBe<object>([new RevokeHostRequest { Host = "web-1", Reason = "stolen" }]);
        (await plane.RunAsync("host", "allow", "web-1")).Out.ShouldBe("web-1: was not revoked\n");
        plane.Identity.Allowed = new() { WasRevoked = true };
        using var json = JsonDocument.Parse((await plane.RunAsync("host", "allow", "web-1", "-o", "json")).Out);
        json.RootElement.GetProperty("was_revoked").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task Certificates_are_listed_of_one_host_or_all()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Identity.Certificates = new()
        {
            Certificates = { new HostCertificate { Host = "web-1", Serial = "4a", NotBefore = Later, NotAfter = Later, Origin = "join", RevokedAt = Later, RevokedBy = "CN=eve", RevokedReason = "stolen" } },
            RevokedHosts = { "web-1" },
        };

        (await plane.RunAsync("host", "certificates", "web-1")).Out.ShouldBe("""
            HOST   SERIAL  UNTIL                BY    STATE
            web-1  4a      2026-11-23 10:30:00  join  revoked 2026-11-23 10:30:00 by eve: stolen
            web-1 is revoked: nobody may speak for it

            """);
        using var json = JsonDocument.Parse((await plane.RunAsync("host", "certificates", "-o", "json")).Out);
        json.RootElement.GetProperty("certificates")[0].GetProperty("revoked_reason").GetString().ShouldBe("stolen");
        plane.Identity.Asked.ShouldBe<object>([new ListHostCertificatesRequest { Host = "web-1" }, new ListHostCertificatesRequest()]);
    }
}
