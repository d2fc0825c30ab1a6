using Google.Protobuf.WellKnownTypes;
using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Groups that shall not move by themselves for a while.</summary>
public sealed class LockTests
{
    [Fact]
    public async Task A_locked_group_stays_without_its_owner_and_the_unlock_tells_what_was_held()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        var a = await AgentDouble.AttachMortalAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        b.KeepBeating();

        var locked = await Operator.RunAsync(plane.GrpcUrl, "lock", "--host", "a", "--for", "2h", "--reason", "new switch");
        locked.Out.ShouldStartWith("host a: locked by 127.0.0.1 until ");
        (await plane.ApplyAsync(Models.Web())).Errors.ShouldBeEmpty();
        var group = (await plane.Admin.ListGroupsAsync(new())).Groups.Single();
        group.Locks.Single().Reason.ShouldBe("new switch", "no manifest takes it back");
        (await Operator.RunAsync(plane.GrpcUrl, "groups")).Out.ShouldContain(",locked ", Case.Sensitive, "whatever its phase is");

        await a.DisposeAsync();
        await Until.HoldsAsync(
            async () => (await plane.Admin.ListEventsAsync(new() { Filter = new() { Kinds = { "MoveHeld" } } })).Events.Count == 1, "the move is held");
        group = (await plane.Admin.ListGroupsAsync(new())).Groups.Single();
        group.Owner.ShouldBe("a");
        group.Detail.ShouldStartWith("host a is locked by 127.0.0.1 until ");

        var unlocked = await Operator.RunAsync(plane.GrpcUrl, "unlock", "--host", "a");
        unlocked.Out.ShouldStartWith("host a: may move again\nHeld meanwhile:\n");
        unlocked.Out.ShouldContain(": new switch, so it does not move to b: a has been silent for ");
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single() is { Owner: "b" }, "b is promoted");
        (await Operator.RunAsync(plane.GrpcUrl, "unlock", "--host", "a")).Out.ShouldBe("host a: was not locked\n");
    }

    [Fact]
    public async Task A_lock_ends_by_itself_and_a_lock_of_everything_covers_each_group()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());

        (await Operator.RunAsync(plane.GrpcUrl, "lock", "--all")).Code.ShouldBe(0);
        (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Locks.Count.ShouldBe(1);
        (await Operator.RunAsync(plane.GrpcUrl, "unlock", "--all", "--yes", "all")).Code.ShouldBe(0);

        (await Operator.RunAsync(plane.GrpcUrl, "lock", "--all", "--for", "1s")).Code.ShouldBe(0);
        await Until.HoldsAsync(
            async () => (await plane.Admin.ListEventsAsync(new() { Filter = new() { Kinds = { "LockExpired" } } })).Events.Count == 1, "it ends");
        // Its line is in the database before the leader has read again what is registered.
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Locks.Count == 0, "the group is free");
        (await Operator.RunAsync(plane.GrpcUrl, "locks")).Out.ShouldBe("LOCKED  BY  SINCE  UNTIL  REASON\n");
    }

    [Fact]
    public async Task A_group_that_goes_to_and_fro_is_locked_until_somebody_unlocks_it()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var web = Models.Web();
        web.Groups[0].FlapBudget = new() { Moves = 1, Window = TimeSpan.FromHours(1).ToDuration() };
        await plane.ApplyAsync(web);
        var a = await AgentDouble.AttachMortalAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        b.KeepBeating();
        (await plane.Admin.ListLocksAsync(new())).Locks.ShouldBeEmpty();

        await a.DisposeAsync();
        await Until.HoldsAsync(async () => (await plane.Admin.ListLocksAsync(new())).Locks.Count == 1, "it is locked");

        // That is in the database before the leader has read again what is registered.
        var group = new HaGrpc.V1.GroupStatus();
        await Until.HoldsAsync(
            async () => (group = (await plane.Admin.ListGroupsAsync(new())).Groups.Single()) is { Owner: "b", Locks.Count: 1 }, "the leader knows it");
        group.Locks.Single().LockedBy.ShouldBe("its flap budget");
        group.Locks.Single().Reason.ShouldBe("it moved once by itself within 1h; unlock it when the cause is mended");
        (await Operator.RunAsync(plane.GrpcUrl, "unlock", "web")).Out.ShouldBe("group web: may move again\n");
    }

    [Fact]
    public async Task What_cannot_be_locked_is_refused_with_what_would_be_right()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await Operator.RunAsync(plane.GrpcUrl, "lock", "nope")).ShouldBe(new(1, "", "hactl: refused: group: there is no group nope\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "lock", "--host", "nope")).ShouldBe(new(1, "", "hactl: refused: host: there is no host nope\n"));
        (await plane.ApplyAsync(Models.Web())).Errors.ShouldBeEmpty();
        (await plane.ApplyAsync(new() { Hosts = { new HaGrpc.V1.Host { Name = "node-1" } } })).Errors.ShouldBeEmpty();
        (await Operator.RunAsync(plane.GrpcUrl, "lock", "wbe")).ShouldBe(new(1, "", "hactl: refused: group: there is no group wbe; did you mean web?\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "unlock", "wbe")).ShouldBe(new(1, "", "hactl: refused: group: there is no group wbe; did you mean web?\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "unlock", "web")).Code.ShouldBe(0, "what is not locked may be unlocked");
        (await Operator.RunAsync(plane.GrpcUrl, "drain", "nod-1")).ShouldBe(new(1, "", "hactl: refused: host: no host is called 'nod-1'; did you mean node-1?\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "switchover", "wbe")).Error.ShouldContain("group: no group is called 'wbe'; did you mean web?");
        (await Operator.RunAsync(plane.GrpcUrl, "lock", "web", "--all")).Error.ShouldBe("hactl: exactly one of GROUP, --host HOST and --all must be given\n");
        (await Operator.RunAsync(plane.GrpcUrl, "lock", "web", "--for", "10")).Error
            .ShouldStartWith("hactl: --for 10: must be a time with units from 1s to 8784h, such as 30m or 2h\n");
    }
}
