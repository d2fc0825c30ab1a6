using System.Globalization;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Core.Model;
using HaGrpc.Storage.Tests.Databases;

namespace HaGrpc.Storage.Tests;

public abstract class RegistryContract : StoreContract
{
    private protected RegistryContract(TestDatabases databases)
        : base(databases)
    {
    }

    [Fact]
    public async Task What_is_applied_is_read_back_whole()
    {
        var host = new Core.Model.Host("a", "rack 7 — \"left\"");
        var group = Samples.FullGroup("web");
        var program = Samples.FullProgram("web", "app");

        var write = await Store.Registry.ApplyAsync(
            new() { Hosts = [host, new("b")], Groups = [group], Programs = [program] }, 0, "ops");

        write.Outcome.ShouldBe(RegistryOutcome.Applied);
        write.ConfigurationRevision.ShouldBe(1);
        write.Changes.ShouldBe(
        [
            new(ChangeKind.Created, "host/a", 1), new(ChangeKind.Created, "host/b", 1),
            new(ChangeKind.Created, "group/web", 1), new(ChangeKind.Created, "program/web:app", 1),
        ]);
        var read = await Store.Registry.ReadAsync();
        read.ConfigurationRevision.ShouldBe(1);
        read.Hosts.Select(h => h.Spec).ShouldBe([host, new("b")]);
        read.Groups.ShouldHaveSingleItem().Spec.ShouldHaveTheContentOf(group);
        var stored = read.Programs.ShouldHaveSingleItem();
        stored.Spec.ShouldHaveTheContentOf(program with { RestartGeneration = 0 });
        stored.Spec.Environment.KeyComparer.ShouldBe(StringComparer.Ordinal);
        stored.Desired.ShouldBe(new("ops", Clock.GetUtcNow(), "registered"));
        (stored.Revision, stored.CreatedAt, stored.UpdatedAt).ShouldBe((1L, Clock.GetUtcNow(), Clock.GetUtcNow()));
    }

    [Fact]
    public async Task A_new_group_has_no_owner_epoch_0_and_a_first_view()
    {
        await Store.Registry.ApplyAsync(
            new() { Hosts = [new("a"), new("b")], Groups = [Samples.Group("g"), Samples.Group("solo") with { Members = [new("a", 1)] }] },
            0,
            "ops");

        var all = await Store.Ownership.ReadAsync();

        all.Select(o => o.ToCore()).ShouldBe([new("g", null, 0), new("solo", null, 0)]);
        all[0].ConfirmedView.ShouldBe(0);
        all[0].Views.ShouldHaveSingleItem().View.ShouldSatisfyAllConditions(
            v => v.Version.ShouldBe(1), v => v.Members.ShouldBe(["a", "b"]), v => v.Length.ShouldBe(GroupTiming.Default.Ttl));
        all[1].Views.ShouldHaveSingleItem().View.Length.ShouldBeNull();
    }

    [Fact]
    public async Task Surplus_goes_with_an_event_and_once_only()
    {
        var changes = new RegistryChanges
        {
            Hosts = [new("a"), new("b")],
            Groups = [Samples.FullGroup("g")],
            Programs = [Samples.Program("g", "p_0"), Samples.Program("g", "p_1")],
        };
        await Store.Registry.ApplyAsync(changes, 0, "ops");

        var fewer = new RegistryChanges { Surplus = [new("g", "p_1"), new("g", "p_2")] };
        var write = await Store.Registry.ApplyAsync(fewer, 1, "ops");

        write.ConfigurationRevision.ShouldBe(2);
        write.Changes.ShouldBe([new(ChangeKind.Removed, "program/g:p_1", 0)]);
        (await Store.Registry.ReadAsync()).Programs.ShouldHaveSingleItem().Spec.Name.ShouldBe(new("g", "p_0"));
        (await Store.Events.ReadNewestAsync(new(), 100)).Count(e => e.Kind == "ProgramRemoved").ShouldBe(1);
        (await Store.Registry.ApplyAsync(fewer, 2, "ops")).Changes.ShouldBeEmpty();
    }

    [Fact]
    public async Task Applying_the_same_again_changes_nothing()
    {
        var changes = new RegistryChanges
        {
            Hosts = [new("a"), new("b")],
            Groups = [Samples.FullGroup("g")],
            Programs = [Samples.FullProgram("g", "p")],
        };
        await Store.Registry.ApplyAsync(changes, 0, "ops");
        var events = (await Store.Events.ReadNewestAsync(new(), 100)).Length;

        var again = await Store.Registry.ApplyAsync(changes, 1, "ops");

        again.Outcome.ShouldBe(RegistryOutcome.Applied);
        again.ConfigurationRevision.ShouldBe(1);
        again.Changes.ShouldAllBe(c => c.Kind == ChangeKind.Unchanged && c.Revision == 1);
        (await Store.Events.ReadNewestAsync(new(), 100)).Length.ShouldBe(events);
    }

    [Fact]
    public async Task A_change_raises_the_objects_revision_and_the_configurations_and_leaves_one_event()
    {
        await RegisterAsync("g", "h");
        Clock.Advance(TimeSpan.FromMinutes(1));

        var write = await Store.Registry.ApplyAsync(
            new() { Hosts = [new("a")], Groups = [Samples.Group("g") with { Locked = true }, Samples.Group("h")] }, 1, "eve");

        write.ConfigurationRevision.ShouldBe(2);
        write.Changes.ShouldBe(
        [
            new(ChangeKind.Unchanged, "host/a", 1), new(ChangeKind.Updated, "group/g", 2), new(ChangeKind.Unchanged, "group/h", 1),
        ]);
        var group = (await Store.Registry.ReadAsync()).Groups.Single(g => g.Spec.Name == "g");
        group.Spec.Locked.ShouldBeTrue();
        (group.UpdatedAt - group.CreatedAt).ShouldBe(TimeSpan.FromMinutes(1));
        (await Store.Events.ReadNewestAsync(new(), 1)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            e => e.Kind.ShouldBe("GroupChanged"), e => e.Group.ShouldBe("g"), e => e.Actor.ShouldBe("eve"));
    }

    [Fact]
    public async Task With_an_outdated_revision_nothing_is_stored()
    {
        await RegisterAsync("g");

        var write = await Store.Registry.ApplyAsync(new() { Hosts = [new("c")], Groups = [Samples.Group("h")] }, 0, "ops");

        write.Outcome.ShouldBe(RegistryOutcome.Conflict);
        write.ConfigurationRevision.ShouldBe(1);
        write.Changes.ShouldBeEmpty();
        write.Conflicts.ShouldHaveSingleItem().ShouldContain("revision 1, expected was 0");
        (await Store.Registry.ReadAsync()).Groups.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task When_one_object_cannot_be_stored_none_is()
    {
        await RegisterAsync("g");
        var events = (await Store.Events.ReadNewestAsync(new(), 100)).Length;

        await Should.ThrowAsync<StorageException>(() => Store.Registry.ApplyAsync(
            new() { Hosts = [new("c")], Groups = [Samples.Group("h")], Programs = [Samples.Program("nowhere", "p")] }, 1, "ops"));

        var read = await Store.Registry.ReadAsync();
        read.ConfigurationRevision.ShouldBe(1);
        read.Hosts.Select(h => h.Spec.Name).ShouldBe(["a", "b"]);
        read.Groups.Select(g => g.Spec.Name).ShouldBe(["g"]);
        (await Store.Ownership.ReadAsync("h")).ShouldBeNull();
        (await Store.Events.ReadNewestAsync(new(), 100)).Length.ShouldBe(events);
    }

    [Fact]
    public async Task Of_concurrent_applies_with_the_same_revision_one_wins()
    {
        var writes = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Store.Registry.ApplyAsync(
            new() { Hosts = [new(string.Create(CultureInfo.InvariantCulture, $"h{i}"))] }, 0, "ops"))));

        writes.Count(w => w.Outcome == RegistryOutcome.Applied).ShouldBe(1);
        (await Store.Registry.ReadAsync()).Hosts.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_drain_outlives_the_manifest_and_names_who_wanted_it_first()
    {
        await RegisterAsync("g");
        var since = Clock.GetUtcNow();

        (await Store.Registry.DrainAsync("a", drained: true, "eve", "new kernel")).ShouldBeTrue();
        Clock.Advance(TimeSpan.FromSeconds(1));
        (await Store.Registry.DrainAsync("a", drained: true, "bob", "")).ShouldBeTrue();
        (await Store.Registry.DrainAsync("nope", drained: true, "eve", "")).ShouldBeFalse();
        await RegisterAsync("g");

        var registry = await Store.Registry.ReadAsync();
        registry.Hosts.Select(h => h.Drain).ShouldBe([new("eve", since, "new kernel"), null]);
        registry.ConfigurationRevision.ShouldBe(2, "agents and the engine are told");
        (await Store.Registry.DrainAsync("a", drained: false, "bob", "")).ShouldBeTrue();
        (await Store.Registry.ReadAsync()).Hosts.ShouldAllBe(h => h.Drain == null);
        (await Store.Events.ReadNewestAsync(new() { Host = "a" }, 2)).Select(e => (e.Kind, e.Actor, e.Message)).ShouldBe(
            [("HostDrained", "eve", "a shall own nothing: new kernel"), ("HostUndrained", "bob", "a may own groups again")]);
    }

    [Fact]
    public async Task A_lock_has_an_owner_and_an_end()
    {
        await RegisterAsync("g");
        var target = new LockTarget(LockScope.Group, "g");
        var since = Clock.GetUtcNow();

        var made = await Store.Registry.LockAsync(target, TimeSpan.FromMinutes(10), "eve", "new switch");
        made.ShouldBe(new(target, "eve", since, "new switch", since + TimeSpan.FromMinutes(10)));
        Clock.Advance(TimeSpan.FromMinutes(1));
        (await Store.Registry.LockAsync(target, null, "bob", "mine")).ShouldBe(made, "it is eve's");
        (await Store.Registry.LockAsync(new(LockScope.Group, "nope"), null, "bob", "")).ShouldBeNull();
        (await Store.Registry.LockAsync(new(LockScope.Host, "nope"), null, "bob", "")).ShouldBeNull();
        (await Store.Registry.UnlockAsync(target, force: false, "bob", "")).ShouldBe((made, false));
        await RegisterAsync("g");
        (await Store.Registry.ReadAsync()).Locks.ShouldBe([made!], "no manifest takes it back");

        var longer = await Store.Registry.LockAsync(target, null, "eve", "still at it");
        (await Store.Registry.ReadAsync()).Locks.ShouldBe([longer!]);
        (await Store.Registry.UnlockAsync(target, force: true, "bob", "she is ill")).ShouldBe((longer, true));
        (await Store.Registry.UnlockAsync(target, force: false, "bob", "")).ShouldBe((null, true));
        (await Store.Events.ReadNewestAsync(new() { Group = "g" }, 3)).Select(e => (e.Kind, e.Actor, e.Message)).ShouldBe([
            ("GroupLocked", "eve", $"the group is locked by eve until {since.UtcDateTime.AddMinutes(10):yyyy-MM-dd HH:mm:ss} UTC: new switch"),
            ("GroupLocked", "eve", "the group is locked by eve: still at it"),
            ("GroupUnlocked", "bob", "group g may move again: she is ill; it was locked by eve")]);
    }

    [Fact]
    public async Task A_lock_whose_time_is_over_is_removed_and_anybody_may_lock_anew()
    {
        await RegisterAsync("g");
        var everything = new LockTarget(LockScope.Everything, "");
        _ = await Store.Registry.LockAsync(everything, TimeSpan.FromMinutes(10), "eve", "");
        _ = await Store.Registry.LockAsync(new(LockScope.Host, "a"), null, "eve", "");
        (await Store.Registry.ExpireLocksAsync()).ShouldBeFalse();

        Clock.Advance(TimeSpan.FromMinutes(10));
        (await Store.Registry.ExpireLocksAsync()).ShouldBeTrue();

        (await Store.Registry.ReadAsync()).Locks.Single().Target.ToString().ShouldBe("host a");
        (await Store.Events.ReadNewestAsync(new(), 1)).Single().Message
            .ShouldBe("everything may move again: the time of the lock is over; it was locked by eve");
        (await Store.Registry.LockAsync(everything, null, "bob", ""))!.By.ShouldBe("bob");
    }

    [Fact]
    public async Task A_program_that_an_operator_stopped_stays_stopped_when_its_manifest_is_applied_again()
    {
        await RegisterAsync("g");
        await Store.Registry.ApplyAsync(new() { Programs = [Samples.Program("g", "p")] }, 1, "ops");
        Clock.Advance(TimeSpan.FromSeconds(1));

        var stop = await Store.Registry.SetDesiredAsync([new(new("g", "p"), 1, DesiredAction.Stop)], "eve", "disk full");
        var apply = await Store.Registry.ApplyAsync(
            new() { Programs = [Samples.Program("g", "p") with { Priority = 5 }] }, stop.ConfigurationRevision, "ops");

        apply.ConfigurationRevision.ShouldBe(4);
        var program = (await Store.Registry.ReadAsync()).Programs.ShouldHaveSingleItem();
        program.Revision.ShouldBe(3);
        program.Spec.Priority.ShouldBe(5);
        program.Spec.DesiredState.ShouldBe(DesiredState.Stopped);
        program.Desired.ShouldBe(new("eve", Clock.GetUtcNow(), "disk full"));
        var kinds = (await Store.Events.ReadNewestAsync(new() { Group = "g" }, 2)).Select(e => (e.Kind, e.Program, e.Actor));
        kinds.ShouldBe([("ProgramStopRequested", "p", "eve"), ("ProgramChanged", "p", "ops")]);
    }

    [Fact]
    public async Task A_restart_raises_the_generation_and_wants_it_running()
    {
        await RegisterAsync("g");
        await Store.Registry.ApplyAsync(
            new() { Programs = [Samples.Program("g", "p") with { DesiredState = DesiredState.Stopped }, Samples.Program("g", "q")] }, 1, "ops");

        var write = await Store.Registry.SetDesiredAsync(
            [new(new("g", "p"), 1, DesiredAction.Restart), new(new("g", "q"), 1, DesiredAction.Start)], "eve", "");

        write.Changes.ShouldBe([new(ChangeKind.Updated, "program/g:p", 2), new(ChangeKind.Unchanged, "program/g:q", 1)]);
        var programs = (await Store.Registry.ReadAsync()).Programs;
        programs.Select(p => (p.Spec.DesiredState, p.Spec.RestartGeneration))
            .ShouldBe([(DesiredState.Running, 1L), (DesiredState.Running, 0L)]);
    }

    [Fact]
    public async Task A_stale_or_unknown_program_makes_the_whole_request_a_conflict()
    {
        await RegisterAsync("g");
        await Store.Registry.ApplyAsync(new() { Programs = [Samples.Program("g", "p"), Samples.Program("g", "q")] }, 1, "ops");

        var write = await Store.Registry.SetDesiredAsync(
            [
                new(new("g", "p"), 1, DesiredAction.Stop),
                new(new("g", "q"), 7, DesiredAction.Stop),
                new(new("g", "r"), 1, DesiredAction.Stop),
            ],
            "eve",
            "");

        write.Outcome.ShouldBe(RegistryOutcome.Conflict);
        write.Conflicts.ShouldBe(["program g:q is at revision 1, expected was 7", "there is no program g:r"]);
        (await Store.Registry.ReadAsync()).Programs.ShouldAllBe(p => p.Spec.DesiredState == DesiredState.Running);
    }

    [Fact]
    public async Task Readers_see_whole_configurations_while_a_writer_writes()
    {
        const int FewestWrites = 40;
        using var done = new CancellationTokenSource();
        var firstReads = Enumerable.Range(0, 4)
            .Select(_ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).ToArray();
        var readers = firstReads.Select(first => Task.Run(async () =>
        {
            while (!done.IsCancellationRequested)
            {
                var read = await Store.Registry.ReadAsync();
                read.Hosts.Length.ShouldBe((int)read.ConfigurationRevision);
                first.TrySetResult();
            }
        })).ToArray();
        var allHaveRead = Task.WhenAll(firstReads.Select(first => first.Task));

        // A busy machine may schedule a reader late: writing goes on until each has read. One that ends before has failed.
        var writes = 0;
        for (; writes < FewestWrites || !(allHaveRead.IsCompleted || readers.Any(r => r.IsCompleted)); writes++)
        {
            var i = writes;
            var write = await Task.Run(() => Store.Registry.ApplyAsync(
                new() { Hosts = [new(string.Create(CultureInfo.InvariantCulture, $"h{i:D3}"))] }, i, "ops"));
            write.Outcome.ShouldBe(RegistryOutcome.Applied);
        }

        await done.CancelAsync();
        await Task.WhenAll(readers);
        allHaveRead.IsCompletedSuccessfully.ShouldBeTrue();
        (await Store.Registry.ReadAsync()).Hosts.Length.ShouldBe(writes);
    }
}

public sealed class RegistryOnPostgres(PostgresCluster cluster) : RegistryContract(new PostgresDatabases(cluster));

public sealed class RegistryOnSqlite() : RegistryContract(new SqliteDatabases());
