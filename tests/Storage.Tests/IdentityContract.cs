using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Identity;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class IdentityContract : StoreContract
{
    private protected IdentityContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task A_token_is_good_once_and_only_a_hash_of_it_is_stored()
    {
        var (term, token) = (await LeadAsync(), await AddTokenAsync("a", 1));

        (await Store.Identities.UseTokenAsync(token with { Secret = "x" }, "10.0.0.1", Certificate("f1", "a"), term)).Problem.ShouldBe("the token is not known here");
        (await Store.Identities.UseTokenAsync(token, "10.0.0.1", Certificate("f1", "b"), term)).Problem.ShouldNotBeNull().ShouldStartWith("the token is for host 'a'");
        var uses = await Task.WhenAll(Enumerable.Range(0, 4).Select(i => Task.Run(() => Store.Identities.UseTokenAsync(token, $"10.0.0.{i}", Certificate($"f{i}", "a"), term))));

        uses.Count(u => u == IdentityWrite.Done).ShouldBe(1);
        uses.Where(u => u != IdentityWrite.Done).ShouldAllBe(u => u.Problem!.StartsWith("the token was used at "));
        var certificate = (await Store.Identities.ReadCertificatesAsync("a")).ShouldHaveSingleItem();
        (certificate.Origin, certificate.NotAfter, certificate.Revocation).ShouldBe(("join", Clock.GetUtcNow().AddDays(1), null));
        var stored = (await Store.Identities.ReadTokensAsync()).ShouldHaveSingleItem();
        (stored.SecretHash, stored.Facts.UsedAt).ShouldBe((token.SecretHash, Clock.GetUtcNow()));
        stored.ToString().ShouldNotContain(token.Secret);
        (await EventsAsync()).ShouldBe(["JoinTokenCreated", "HostJoined"]);
    }

    [Fact]
    public async Task A_token_ends_by_time_and_by_an_operator()
    {
        var (term, late, early) = (await LeadAsync(), await AddTokenAsync("a", 1), await AddTokenAsync("b", 2));
        (await Store.Identities.RevokeTokenAsync(early.Id, term, "eve", "")).ShouldBe(IdentityWrite.Done);
        (await Store.Identities.RevokeTokenAsync(early.Id, term, "eve", "")).Problem.ShouldBe($"the token {early.Id} is revoked already");
        (await Store.Identities.RevokeTokenAsync("none", term, "eve", "")).Problem.ShouldBe("there is no token none (hactl token list)");
        Clock.Advance(TimeSpan.FromHours(1));

        (await Store.Identities.UseTokenAsync(early, "", Certificate("f1", "b"), term)).Problem.ShouldNotBeNull().ShouldStartWith("the token was revoked at");
        (await Store.Identities.UseTokenAsync(late, "", Certificate("f1", "a"), term)).Problem.ShouldNotBeNull().ShouldStartWith("the token was good until");
        (await Store.Identities.ReadCertificatesAsync(null)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_revoked_host_has_nothing_left_and_comes_back_with_a_new_token()
    {
        await RegisterAsync("g");
        var (term, first, second) = (await LeadAsync(), await AddTokenAsync("a", 1), await AddTokenAsync("a", 2));
        await Store.Identities.UseTokenAsync(first, "", Certificate("f1", "a"), term);
        (await Store.Identities.RenewAsync("f1", Certificate("f2", "a", StoredCertificate.Renewed), term)).ShouldBe(IdentityWrite.Done);
        (await Store.Identities.RenewAsync("fx", Certificate("f3", "a", StoredCertificate.Renewed), term)).Problem.ShouldNotBeNull().ShouldStartWith("this certificate was not given");
        var (revision, none) = (await Store.Identities.ReadRevocationsAsync(-1)).ShouldNotBeNull();
        (none.Hosts.IsEmpty, none.Certificates.IsEmpty).ShouldBe((true, true));
        (await Store.Identities.ReadRevocationsAsync(revision)).ShouldBeNull("nothing has changed");

        var revoked = await Store.Identities.RevokeHostAsync("a", [Certificate("foreign", "a", StoredCertificate.Foreign), Certificate("f1", "a")], term, "eve", "stolen");

        revoked.Certificates.Select(c => c.Fingerprint).Order().ShouldBe(["f1", "f2", "foreign"]);
        revoked.Certificates.ShouldAllBe(c => c.Revocation == new CertificateRevocation("eve", Clock.GetUtcNow(), "stolen"));
        revoked.Tokens.ShouldBe(1);
        var snapshot = await Store.Registry.ReadAsync();
        (snapshot.ConfigurationRevision, snapshot.Revocations.Certificates.Count).ShouldBe((revision + 1, 3), "agents are told");
        snapshot.Revocations.Hosts["a"].ToString().ShouldBe("by eve since 2030-05-17 10:11:12 UTC (stolen)");
        (await Store.Identities.UseTokenAsync(second, "", Certificate("f4", "a"), term)).Problem.ShouldNotBeNull().ShouldStartWith("the token was revoked");
        (await Store.Identities.RenewAsync("f2", Certificate("f4", "a", StoredCertificate.Renewed), term)).Problem.ShouldNotBeNull().ShouldStartWith("host 'a' is revoked");

        (await Store.Identities.AllowHostAsync("a", term, "eve", "")).ShouldBe((IdentityWrite.Done, true));
        (await Store.Identities.AllowHostAsync("a", term, "eve", "")).WasRevoked.ShouldBeFalse();
        (await Store.Identities.RenewAsync("f2", Certificate("f4", "a", StoredCertificate.Renewed), term)).Problem.ShouldNotBeNull().ShouldStartWith("this certificate of host 'a' is revoked");

        await Store.Identities.RevokeHostAsync("a", [], term, "eve", "");
        (await Store.Identities.UseTokenAsync(await AddTokenAsync("a", 3), "", Certificate("f5", "a"), term)).ShouldBe(IdentityWrite.Done);
        var now = (await Store.Registry.ReadAsync()).Revocations;
        (now.Hosts.IsEmpty, now.Objection("f5", "a"), now.Certificates.Count).ShouldBe((true, null, 3), "what was revoked stays so");
        (await EventsAsync())[^6..].ShouldBe(["CertificateRenewed", "HostRevoked", "HostAllowed", "HostRevoked", "JoinTokenCreated", "HostJoined"]);
    }

    [Fact]
    public async Task A_deleted_host_has_nothing_left_and_its_agent_may_only_take_leave()
    {
        var (term, first, second) = (await LeadAsync(), await AddTokenAsync("c", 1), await AddTokenAsync("c", 2));
        await ApplyAsync(new() { Hosts = [new("c")] });
        await Store.Identities.UseTokenAsync(first, "", Certificate("f1", "c"), term);
        var (known, _) = (await Store.Identities.ReadRevocationsAsync(-1)).ShouldNotBeNull();

        await ApplyAsync(new() { DeletedHosts = ["c"], Reason = "moved" });

        var (_, deleted) = (await Store.Identities.ReadRevocationsAsync(known)).ShouldNotBeNull("followers see it");
        deleted.Objection("f1", "c").ShouldNotBeNull().ShouldStartWith("this certificate of host 'c' is revoked");
        (deleted.Hosts.IsEmpty, deleted.MayTakeLeave("f1", "c"), deleted.MayTakeLeave("f1", "b"), deleted.MayTakeLeave("f2", "c")).ShouldBe((true, true, false, false));
        var certificate = (await Store.Identities.ReadCertificatesAsync("c")).ShouldHaveSingleItem().Revocation.ShouldNotBeNull();
        (certificate.By, certificate.At, certificate.Reason).ShouldBe(("ops", Clock.GetUtcNow(), "the host was deleted"));
        (await Store.Identities.UseTokenAsync(second, "", Certificate("f2", "c"), term)).Problem.ShouldNotBeNull().ShouldStartWith("the token was revoked at");
        (await Store.Identities.RenewAsync("f1", Certificate("f3", "c", StoredCertificate.Renewed), term)).Problem.ShouldNotBeNull();
        (await Store.Events.ReadNewestAsync(new() { Kinds = ["HostDeleted"] }, 1)).Single().Message
            .ShouldBe("host/c is deleted, and with it 1 certificate and 1 unused token: moved");

        Clock.Advance(TimeSpan.FromMinutes(1));
        await ApplyAsync(new() { Hosts = [new("c")] });

        var again = (await Store.Registry.ReadAsync()).Revocations;
        (again.MayTakeLeave("f1", "c"), again.Objection("f1", "c") is not null).ShouldBe((false, true), "the old key does not come back with the name");
        (await Store.Identities.UseTokenAsync(await AddTokenAsync("c", 3), "", Certificate("f4", "c"), term)).ShouldBe(IdentityWrite.Done);
        (await Store.Registry.ReadAsync()).Revocations.Objection("f4", "c").ShouldBeNull();
        Clock.Advance(TimeSpan.FromMinutes(1));
        await ApplyAsync(new() { DeletedHosts = ["c"] });
        again = (await Store.Registry.ReadAsync()).Revocations;
        (again.MayTakeLeave("f1", "c"), again.MayTakeLeave("f4", "c")).ShouldBe((false, true), "of the last deletion only");
    }

    [Fact]
    public async Task Who_was_revoked_before_it_was_deleted_is_not_let_in_to_take_leave()
    {
        var (term, token) = (await LeadAsync(), await AddTokenAsync("c", 1));
        await ApplyAsync(new() { Hosts = [new("c")] });
        await Store.Identities.UseTokenAsync(token, "", Certificate("f1", "c"), term);
        await Store.Identities.RevokeHostAsync("c", [], term, "eve", "stolen");
        Clock.Advance(TimeSpan.FromMinutes(1));
        await ApplyAsync(new() { DeletedHosts = ["c"] });

        (await Store.Registry.ReadAsync()).Revocations.MayTakeLeave("f1", "c").ShouldBeFalse();
        (await Store.Identities.ReadCertificatesAsync("c")).Single().Revocation.ShouldNotBeNull().Reason.ShouldBe("stolen");
        await ApplyAsync(new() { Hosts = [new("c")] });
        (await Store.Registry.ReadAsync()).Revocations.Objection(null, "c").ShouldNotBeNull().ShouldStartWith("host 'c' is revoked by eve since ");
    }

    [Fact]
    public async Task Nobody_renews_without_an_end()
    {
        var (term, token) = (await LeadAsync(), await AddTokenAsync("a", 1));
        await Store.Identities.UseTokenAsync(token, "", Certificate("f0", "a"), term);
        for (var i = 1; i < 50; i++)
            (await Store.Identities.RenewAsync("f0", Certificate($"f{i}", "a", StoredCertificate.Renewed), term)).ShouldBe(IdentityWrite.Done);

        (await Store.Identities.RenewAsync("f0", Certificate("f50", "a", StoredCertificate.Renewed), term)).Problem.ShouldNotBeNull().ShouldStartWith("host 'a' has 50 valid certificates already");
        Clock.Advance(TimeSpan.FromDays(2));
        (await Store.Identities.RenewAsync("f0", Certificate("f50", "a", StoredCertificate.Renewed), term)).ShouldBe(IdentityWrite.Done, "those that have ended do not count");
    }

    [Fact]
    public async Task Whoever_leads_no_more_changes_nothing()
    {
        var (old, token) = (await LeadAsync(), await AddTokenAsync("a", 1));
        _ = await LeadAsync("cp-2");

        (await Store.Identities.UseTokenAsync(token, "", Certificate("f1", "a"), old)).ShouldBe(IdentityWrite.Over);
        (await Store.Identities.RevokeHostAsync("a", [], old, "eve", "")).Write.ShouldBe(IdentityWrite.Over);
        (await Store.Registry.ReadAsync()).Revocations.Hosts.ShouldBeEmpty();
    }

    private async Task ApplyAsync(RegistryChanges changes) => (await Store.Registry.ApplyAsync(
        changes, (await Store.Registry.ReadAsync()).ConfigurationRevision, "ops")).Outcome.ShouldBe(RegistryOutcome.Applied);

    private async Task<JoinToken> AddTokenAsync(string host, byte number)
    {
        var token = JoinToken.Of([number, 0, 0, 0, 0, 0, 0, 0], new byte[JoinToken.SecretBytes], new string('a', 64));
        var term = (await Store.Leadership.ReadAsync()).Term;
        var now = Clock.GetUtcNow();
        (await Store.Identities.AddTokenAsync(new(token.Id, token.SecretHash, "eve", now, new(host, now.AddHours(1), null, "", null, "")), term, "")).ShouldBe(IdentityWrite.Done);
        return token;
    }

    private StoredCertificate Certificate(string fingerprint, string host, string origin = StoredCertificate.Joined) =>
        new(fingerprint, "01", host, origin, Clock.GetUtcNow().AddMinutes(-5), Clock.GetUtcNow().AddDays(1));

    private async Task<string[]> EventsAsync() =>
        [.. (await Store.Events.ReadNewestAsync(new() { Kinds = ["JoinTokenCreated", "HostJoined", "HostRevoked", "HostAllowed", "CertificateRenewed"] }, 100)).Select(e => e.Kind)];
}

public sealed class IdentityOnPostgres(PostgresCluster cluster) : IdentityContract(new PostgresDatabases(cluster));

public sealed class IdentityOnSqlite() : IdentityContract(new SqliteDatabases());
