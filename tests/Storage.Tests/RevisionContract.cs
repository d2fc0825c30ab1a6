using HaGrpc.ControlPlane.Storage;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class RevisionContract : StoreContract
{
    private protected RevisionContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task A_change_of_what_is_registered_leaves_a_revision_with_before_and_after()
    {
        await RegisterAsync("g");
        Clock.Advance(TimeSpan.FromMinutes(1));
        var group = Samples.Group("g") with { Locked = true };
        await Store.Registry.ApplyAsync(new() { Hosts = [new("a")], Groups = [group], Programs = [Samples.Program("g", "p")], Cause = "apply" }, 1, "eve");

        var revisions = await Store.Revisions.ReadNewestAsync(10);

        revisions.Select(r => (r.Number, r.Actor, r.Cause)).ShouldBe([(2, "eve", "apply"), (1, "ops", "apply")]);
        (revisions[0].At - revisions[1].At).ShouldBe(TimeSpan.FromMinutes(1));
        revisions[0].Changes.Select(c => c.Object).ShouldBe(["group/g", "program/g:p"], "the host was so already");
        revisions[0].Changes[1].Before.ShouldBeNull();
        StoredJson.Group(revisions[0].Changes[0].Before!).Locked.ShouldBeFalse();
        StoredJson.Group(revisions[0].Changes[0].After!).Locked.ShouldBeTrue();
        revisions[1].Changes.ShouldAllBe(c => c.Before == null);
        (await Store.Revisions.ReadNewestAsync(1)).ShouldHaveSingleItem().Changes.Length.ShouldBe(2);
    }

    [Fact]
    public async Task What_operators_do_day_by_day_is_no_revision()
    {
        await RegisterAsync("g");
        await Store.Registry.ApplyAsync(new() { Programs = [Samples.Program("g", "p")] }, 1, "ops");
        await Store.Registry.DrainAsync("a", drained: true, "ops", "");
        await Store.Registry.LockAsync(new(LockScope.Group, "g"), null, "ops", "");
        await Store.Registry.SetDesiredAsync([new(new("g", "p"), 1, DesiredAction.Stop)], "ops", "");
        await Store.Registry.ApplyAsync(new() { Programs = [Samples.Program("g", "p")] }, 5, "ops");

        (await Store.Revisions.ReadNewestAsync(10)).Select(r => r.Number).ShouldBe([2, 1]);
        (await Store.Registry.ReadAsync()).ConfigurationRevision.ShouldBe(5);
    }

    [Fact]
    public async Task A_change_that_is_refused_leaves_none()
    {
        await RegisterAsync("g");
        (await Store.Registry.ApplyAsync(new() { Hosts = [new("c")] }, 7, "ops")).Outcome.ShouldBe(RegistryOutcome.Conflict);
        (await Store.Revisions.ReadNewestAsync(10)).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_was_registered_before_revisions_were_kept_has_a_number_too()
    {
        // Locks raise the configuration's number and leave no revision, as everything did in older versions.
        await Store.Registry.LockAsync(new(LockScope.Everything, ""), null, "ops", "");
        await RegisterAsync("g");

        (await Store.Revisions.ReadNewestAsync(10)).Select(r => (r.Number, r.Actor, r.Changes.Length)).ShouldBe([(2, "ops", 3), (1, "", 0)]);
        new EarlierState((await Store.Revisions.ReadAfterAsync(1))!.Value, await Store.Registry.ReadAsync()).ShouldSatisfyAllConditions(
            s => s.Hosts.ShouldBeEmpty(), s => s.Changes.RetiredGroups.ShouldBe(["g"]), s => s.Changes.DeletedHosts.ShouldBe(["a", "b"]));
    }

    [Fact]
    public async Task Every_earlier_state_can_be_had_again_whole()
    {
        var full = Samples.FullGroup("g");
        var program = Samples.FullProgram("g", "p");
        await Store.Registry.ApplyAsync(new() { Hosts = [new("a", "first"), new("b")], Groups = [full], Programs = [program] }, 0, "ops");
        await Store.Registry.ApplyAsync(
            new() { Hosts = [new("a", "second")], Programs = [program with { Command = "/bin/second" }, Samples.Program("g", "q")] }, 1, "ops");
        await Store.Registry.ApplyAsync(new()
        {
            Hosts = [new("a", "third"), new("c")],
            Groups = [full with { Locked = !full.Locked }],
            Programs = [program with { Command = "/bin/third" }],
            Surplus = [new("g", "q")],
        }, 2, "ops");
        await Store.Registry.SetDesiredAsync([new(program.Name, 3, DesiredAction.Start)], "ops", "");
        var stored = await Store.Registry.ReadAsync();

        var first = new EarlierState((await Store.Revisions.ReadAfterAsync(1))!.Value, stored);
        first.Hosts.Select(h => h.Description).ShouldBe(["first", ""]);
        first.Groups.ShouldHaveSingleItem().ShouldHaveTheContentOf(full);
        // What an operator has asked since stands.
        first.Programs.ShouldHaveSingleItem().ShouldHaveTheContentOf(program with { DesiredState = Core.Model.DesiredState.Running, RestartGeneration = 0 });
        first.Changes.DeletedHosts.ShouldBe(["c"]);
        first.Changes.RetiredGroups.ShouldBeEmpty();

        var second = new EarlierState((await Store.Revisions.ReadAfterAsync(2))!.Value, stored);
        second.Programs.Select(p => p.Command).ShouldBe(["/bin/second", Samples.Program("g", "q").Command]);
        second.Changes.ShouldSatisfyAllConditions(
            c => c.Hosts.Select(h => h.Description).ShouldBe(["second"]),
            c => c.Groups.Length.ShouldBe(1),
            c => c.Programs.Length.ShouldBe(2),
            c => c.Surplus.ShouldBeEmpty());
        var write = await Store.Registry.ApplyAsync(second.Changes with { Cause = "rollback to 2" }, stored.ConfigurationRevision, "eve");
        write.Changes.Select(c => c.Object).ShouldBe(["host/a", "group/g", "program/g:p", "program/g:q", "host/c"]);

        // The rollback can be rolled back.
        var third = new EarlierState((await Store.Revisions.ReadAfterAsync(3))!.Value, await Store.Registry.ReadAsync());
        third.Changes.Surplus.ShouldBe([new("g", "q")]);
        third.Programs.ShouldHaveSingleItem().Command.ShouldBe("/bin/third");
        (await Store.Revisions.ReadAfterAsync(4)).ShouldBeNull("that was a stop, and no revision");
    }
}

public sealed class RevisionOnPostgres(PostgresCluster cluster) : RevisionContract(new PostgresDatabases(cluster));

public sealed class RevisionOnSqlite() : RevisionContract(new SqliteDatabases());
