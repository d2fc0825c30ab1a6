using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Ownership;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

/// <summary>What operators delete (rule C11).</summary>
public abstract class DeletionContract : StoreContract
{
    private protected DeletionContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task A_group_stays_until_it_is_forgotten_and_its_owner_for_good()
    {
        var term = await OwnedAsync();
        await RetireAsync(new() { RetiredGroups = ["g"], DeletedHosts = ["a"], Reason = "moved" });

        var retiring = await Store.Registry.ReadAsync();
        retiring.Groups.Single().Retirement.ShouldBe(new Retirement("ops", Clock.GetUtcNow(), "moved"));
        retiring.Hosts.Single(h => h.Spec.Name == "a").Retirement.ShouldNotBeNull("the group names it still");
        retiring.Programs.ShouldHaveSingleItem();
        (retiring.Lasting.Groups.Length, retiring.Lasting.Programs.Length, retiring.Lasting.Hosts.Length).ShouldBe((0, 0, 1));
        (await Store.Revisions.ReadNewestAsync(1)).Single().Changes.Select(c => (c.Object, c.After)).ShouldBe(
            [("group/g", null), ("host/a", null), ("program/g:p", null)], ignoreOrder: true);

        (await Store.Registry.ForgetAsync(new("g", 1, 1, IsOver: true, "a"), term)).Outcome.ShouldBe(OwnershipOutcome.Committed);

        var gone = await Store.Registry.ReadAsync();
        (gone.Groups.Length, gone.Programs.Length).ShouldBe((0, 0));
        gone.Hosts.Select(h => h.Spec.Name).ShouldBe(["b"]);
        gone.DeletedHosts["a"].ShouldBe(new DeletedHost("ops", Clock.GetUtcNow()));
        var left = (await Store.Ownership.ReadAsync("g")).ShouldNotBeNull();
        (left.Owner, left.Epoch, left.EndedAt, left.ToCore().IsOver).ShouldBe(("a", 1, Clock.GetUtcNow(), true));
        (await Store.Events.ReadNewestAsync(new(), 2)).Select(e => (e.Kind, e.Actor)).ShouldBe([("GroupDeleted", "ops"), ("HostDeleted", "ops")], ignoreOrder: true);
    }

    [Fact]
    public async Task Forgetting_again_does_nothing_and_nobody_else_may()
    {
        var term = await OwnedAsync();
        var retirement = new CommitRetirement("g", 1, 1, IsOver: true, "a");
        (await Store.Registry.ForgetAsync(retirement, term)).Outcome.ShouldBe(OwnershipOutcome.Committed, "it is not being deleted");
        (await Store.Registry.ReadAsync()).Groups.ShouldHaveSingleItem();
        await RetireAsync(new() { RetiredGroups = ["g"] });

        (await Store.Registry.ForgetAsync(retirement with { ExpectedEpoch = 0 }, term)).Outcome.ShouldBe(OwnershipOutcome.Lost);
        (await Store.Registry.ForgetAsync(retirement, term + 1)).Outcome.ShouldBe(OwnershipOutcome.Lost);
        (await Store.Registry.ReadAsync()).Groups.ShouldHaveSingleItem();
        var attempt = (await Store.Ownership.ReadAsync("g"))!.Attempt;
        (await Store.Registry.ForgetAsync(retirement, term)).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Ownership.ReadAsync("g"))!.Attempt.ShouldBe(attempt + 1, "a promotion that is still under way never lands (rule C6)");
        var revision = (await Store.Registry.ReadAsync()).ConfigurationRevision;
        (await Store.Registry.ForgetAsync(retirement, term)).Outcome.ShouldBe(OwnershipOutcome.Committed);
        (await Store.Registry.ReadAsync()).ConfigurationRevision.ShouldBe(revision);
    }

    [Fact]
    public async Task A_group_of_the_same_name_goes_on_with_epoch_and_views()
    {
        var term = await OwnedAsync();
        await Store.Ownership.WriteViewAsync("g", new(2, ["a"], TimeSpan.FromSeconds(5)), term);
        await RetireAsync(new() { RetiredGroups = ["g"] });
        await Store.Registry.ForgetAsync(new("g", 1, 1, IsOver: true, "a"), term);

        await RegisterAsync("g");

        var again = (await Store.Ownership.ReadAsync("g"))!;
        (again.Epoch, again.ToCore().IsOver, again.ConfirmedView).ShouldBe((1, true, 0));
        again.Views.ShouldHaveSingleItem().View.Version.ShouldBe(3);
        await Store.Ownership.PromoteAsync(new("g", 1, 2, again.Attempt, "b", term, "", "", null, new() { Kind = "OwnerPromoted" }));
        (await Store.Ownership.ReadAsync("g"))!.ToCore().ShouldBe(new("g", "b", 2));
    }

    [Fact]
    public async Task An_owner_that_may_go_on_is_feared_by_the_next_group_of_the_name()
    {
        var term = await OwnedAsync();
        await RetireAsync(new() { RetiredGroups = ["g"] });
        await Store.Registry.ForgetAsync(new("g", 1, 1, IsOver: false, "a"), term);
        await RegisterAsync("g");
        var again = (await Store.Ownership.ReadAsync("g"))!;
        again.ToCore().ShouldBe(new("g", "a", 1));
        again.Views.Select(v => v.View.Version).ShouldBe([1, 2]);
    }

    /// <summary>S4: a restored backup may lack a group that was deleted since, and what it had been given.</summary>
    [Fact]
    public async Task Groups_that_are_registered_after_a_restore_begin_above_all_that_may_have_been_given()
    {
        var term = await OwnedAsync();
        await RetireAsync(new() { RetiredGroups = ["g"] });
        await Store.Registry.ForgetAsync(new("g", 1, 1, IsOver: true, "a"), term);
        await RegisterAsync("h");
        await Store.Ownership.PromoteAsync(new("h", 0, 1_000_000, 0, "a", term, "", "", null, new() { Kind = "OwnerPromoted" }));

        await RegisterAsync("g", "new");

        (await Store.Ownership.ReadAsync("g"))!.ToCore().ShouldBe(new StoredOwnership("g", "a", 1_000_000) { IsOver = true });
        (await Store.Ownership.ReadAsync("new"))!.ToCore().ShouldBe(new StoredOwnership("new", null, 1_000_000) { IsOver = true });
    }

    [Fact]
    public async Task Programs_and_free_hosts_go_at_once()
    {
        await OwnedAsync();
        await Store.Registry.ApplyAsync(new() { Hosts = [new("c")] }, (await Store.Registry.ReadAsync()).ConfigurationRevision, "ops");
        await RetireAsync(new() { DeletedPrograms = [new("g", "p")], DeletedHosts = ["c"] });
        var left = await Store.Registry.ReadAsync();
        (left.Programs.Length, left.Hosts.Length, left.DeletedHosts.Count).ShouldBe((0, 2, 1));
        (await Store.Events.ReadNewestAsync(new(), 2)).Select(e => e.Kind).ShouldBe(["HostDeleted", "ProgramDeleted"], ignoreOrder: true);
        await Store.Registry.ApplyAsync(new() { Hosts = [new("c")] }, left.ConfigurationRevision, "ops");
        (await Store.Registry.ReadAsync()).DeletedHosts.ShouldBeEmpty("it is registered again");
    }

    private async Task<long> OwnedAsync()
    {
        var term = await LeadAsync();
        await RegisterAsync("g");
        await Store.Registry.ApplyAsync(new() { Programs = [Samples.Program("g", "p")] }, 1, "ops");
        await Store.Ownership.PromoteAsync(new("g", 0, 1, 0, "a", term, "", "", null, new() { Kind = "OwnerPromoted" }));
        return term;
    }

    private async Task RetireAsync(RegistryChanges changes)
    {
        var revision = (await Store.Registry.ReadAsync()).ConfigurationRevision;
        (await Store.Registry.ApplyAsync(changes, revision, "ops")).Outcome.ShouldBe(RegistryOutcome.Applied);
    }
}

public sealed class DeletionOnPostgres(PostgresCluster cluster) : DeletionContract(new PostgresDatabases(cluster));

public sealed class DeletionOnSqlite() : DeletionContract(new SqliteDatabases());
