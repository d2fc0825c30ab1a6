using HaGrpc.ControlPlane.Storage;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class LeadershipContract : StoreContract
{
    private protected LeadershipContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task Nobody_leads_at_first()
    {
        (await Store.Leadership.ReadAsync()).ShouldSatisfyAllConditions(
            l => (l.Term, l.Holder, l.Counter, l.TakenAt, l.Address).ShouldBe((0, "", 0, null, "")),
            l => l.TakenIn.ShouldBe(DatabaseIdentity.Unknown));
    }

    [Fact]
    public async Task Of_many_challengers_one_takes_it()
    {
        var seen = await Store.Leadership.ReadAsync();

        var terms = await Task.WhenAll(Enumerable.Range(0, 8).Select(
            i => Task.Run(() => Open().Leadership.TakeAsync(seen.Term, seen.Counter, $"cp-{i}"))));

        terms.Where(t => t is not null).ShouldBe([1L]);
        (await Store.Leadership.ReadAsync()).ShouldSatisfyAllConditions(
            l => l.Term.ShouldBe(1),
            l => l.Holder.ShouldStartWith("cp-"),
            l => l.TakenAt.ShouldBe(Clock.GetUtcNow()));
    }

    [Fact]
    public async Task The_leaders_address_and_its_database_stand_in_the_row()
    {
        (await Store.Leadership.TakeAsync(0, 0, "cp-1", "https://ha1.example.org:7443")).ShouldBe(1);

        var row = await Open().Leadership.ReadAsync();

        row.Address.ShouldBe("https://ha1.example.org:7443");
        row.TakenIn.ShouldBe(await Store.ReadIdentityAsync());
        row.ReadIn.ShouldBe(row.TakenIn);
    }

    [Fact]
    public async Task A_renewal_in_between_defeats_the_challenger()
    {
        var term = await LeadAsync();
        var seen = await Store.Leadership.ReadAsync();

        (await Store.Leadership.RenewAsync(term)).ShouldBe(seen.Counter + 1);

        (await Store.Leadership.TakeAsync(seen.Term, seen.Counter, "cp-2")).ShouldBeNull();
        (await Store.Leadership.ReadAsync()).ShouldSatisfyAllConditions(
            l => l.Term.ShouldBe(term), l => l.Holder.ShouldBe("cp-1"), l => l.Counter.ShouldBe(seen.Counter + 1));
    }

    [Fact]
    public async Task A_term_that_is_over_can_neither_renew_nor_release()
    {
        var old = await LeadAsync();
        var current = await LeadAsync("cp-2");

        (await Store.Leadership.RenewAsync(old)).ShouldBeNull();
        (await Store.Leadership.ReleaseAsync(old)).ShouldBeFalse();
        (await Store.Leadership.RenewAsync(current)).ShouldNotBeNull();
        (await Store.Leadership.RenewAsync(current, hereOnly: true)).ShouldNotBeNull();
    }

    /// <summary>S4.</summary>
    [Fact]
    public async Task A_renewal_can_raise_the_counter_and_never_lowers_it()
    {
        var term = await LeadAsync();

        (await Store.Leadership.RenewAsync(term, atLeast: 2_000_000)).ShouldBe(2_000_000);
        (await Store.Leadership.RenewAsync(term, atLeast: 2_000_000)).ShouldBe(2_000_001);
        (await Store.Leadership.RenewAsync(term, atLeast: 7)).ShouldBe(2_000_002);
        (await Store.Leadership.ReadAsync()).Counter.ShouldBe(2_000_002);
    }

    [Fact]
    public async Task A_released_term_is_over_and_the_next_one_is_higher()
    {
        var term = await LeadAsync();

        (await Store.Leadership.ReleaseAsync(term)).ShouldBeTrue();

        (await Store.Leadership.ReadAsync()).Holder.ShouldBeEmpty();
        (await Store.Leadership.RenewAsync(term)).ShouldBeNull();
        (await LeadAsync("cp-2")).ShouldBe(term + 1);
    }
}

public sealed class LeadershipOnPostgres(PostgresCluster cluster) : LeadershipContract(new PostgresDatabases(cluster));

public sealed class LeadershipOnSqlite() : LeadershipContract(new SqliteDatabases());
