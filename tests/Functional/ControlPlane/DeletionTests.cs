using Grpc.Core;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What operators delete, as the control plane and hactl see it. Real agents have tests of their own.</summary>
public sealed class DeletionTests : IAsyncLifetime
{
    private InProcessPlane _plane = null!;

    public async ValueTask InitializeAsync()
    {
        _plane = await InProcessPlane.StartLeadingAsync();
        await _plane.ApplyAsync(Models.Web());
    }

    public ValueTask DisposeAsync() => _plane.DisposeAsync();

    [Fact]
    public async Task A_group_that_nobody_owns_goes_at_once_with_its_programs()
    {
        var preview = await Operator.RunAsync(_plane.GrpcUrl, "delete", "group", "web", "--dry-run");
        (preview.Code, preview.Out).ShouldBe((0, "group/web: would be deleted\nprogram/web:db: would be deleted\nprogram/web:http: would be deleted\n"));
        (await _plane.Registry.ExportAsync(new())).Groups.Count.ShouldBe(1);

        var run = await Operator.RunAsync(_plane.GrpcUrl, "delete", "group", "web", "--reason", "moved away", "--yes", "web");

        (run.Code, run.Out).ShouldBe((0, "group/web: deleted\nprogram/web:db: deleted\nprogram/web:http: deleted\n"));
        var left = await _plane.Registry.ExportAsync(new());
        (left.Hosts.Count, left.Groups.Count, left.Programs.Count).ShouldBe((2, 0, 0));
        (await _plane.Admin.ListGroupsAsync(new())).Groups.ShouldBeEmpty();
        var revision = (await _plane.Registry.ListRevisionsAsync(new() { Limit = 1 })).Revisions.Single();
        (revision.Cause, revision.Changes.Count).ShouldBe(("delete: moved away", 3));
        revision.Changes.ShouldAllBe(c => c.Kind == V1.ChangeKind.Removed);
        (await EventsAsync("GroupRetired")).Single().Message.ShouldBe("group/web is being deleted: it ends first, with 2 programs: moved away");
        (await EventsAsync("GroupDeleted")).Single().Message.ShouldBe("group/web is deleted: nobody owned it: moved away");
    }

    [Fact]
    public async Task A_group_ends_before_it_goes_and_a_later_one_of_the_name_has_higher_epochs()
    {
        await using var a = await AgentDouble.AttachMortalAsync(_plane.GrpcUrl, "a");
        await a.OwnAsync("web");

        var waiting = await Operator.RunAsync(_plane.GrpcUrl, "delete", "group", "web", "--no-wait", "--yes", "web");

        (waiting.Code, waiting.Out).ShouldBe((0, """
            group/web: is being deleted
            program/web:db: deleted
            program/web:http: deleted
              group/web ends on a

            """));
        waiting.Error.ShouldEndWith("hactl: group/web has not ended yet: a is stopping its programs; it goes by itself when it has (hactl groups)\n");
        var shown = (await _plane.Admin.ListGroupsAsync(new())).Groups.Single();
        (shown.Phase, shown.Owner).ShouldBe(("Retiring", "a"));
        shown.Detail.ShouldMatch("^a is stopping its programs; being deleted by 127.0.0.1:[0-9]+$");
        (await _plane.Registry.ExportAsync(new())).Groups.ShouldBeEmpty("it is not registered any more");
        var again = await Operator.RunWithAsync(_plane.GrpcUrl, "groups: [{name: web, members: [{host: a, priority: 1}]}]", "apply", "-f", "-");
        again.Code.ShouldBe(2);
        again.Error.ShouldMatch("groups\\[0\\].name: web: it is being deleted by 127.0.0.1:[0-9]+, and has not ended yet");
        (await Should.ThrowAsync<RpcException>(async () => await _plane.Admin.SwitchoverAsync(new() { Group = "web" })))
            .Status.Detail.ShouldContain("web is not moved any more: it is being deleted by 127.0.0.1:");
        var release = await new ReleaseService.ReleaseServiceClient(_plane.Channel).UpdateProcessesAsync(
            new() { Program = Models.Program("web", "http"), Processes = { "http" } });
        (release.Errors.Count, release.Changes.Count).ShouldBe((1, 0), "a new release does not bring it back");
        a.Owns("web").ShouldBeTrue("its lease is kept while the programs stop");

        var twice = await _plane.DeleteAsync(new() { Groups = { "web" }, NoWait = true });
        (twice.Changes.Count, twice.Pending.Single().Group).ShouldBe((0, "web"), "asking again changes nothing and says the same");
        a.ReleasesWhenAsked = true;
        await Until.HoldsAsync(async () => (await _plane.Admin.ListGroupsAsync(new())).Groups.Count == 0, "web is gone");
        (await OwnershipAsync()).ShouldSatisfyAllConditions(o => (o.Owner, o.Epoch).ShouldBe(("a", 1)), o => o.EndedAt.ShouldNotBeNull());

        await _plane.ApplyAsync(Models.Web());
        await Until.HoldsAsync(() => Task.FromResult(a.Owns("web")), "a owns the new one");
        (await _plane.Admin.ListGroupsAsync(new())).Groups.Single().Epoch.ShouldBe(2);
        (await OwnershipAsync()).EndedAt.ShouldBeNull();
    }

    [Fact]
    public async Task Who_deletes_a_group_waits_until_it_has_ended()
    {
        await using var a = await AgentDouble.AttachMortalAsync(_plane.GrpcUrl, "a");
        await a.OwnAsync("web");

        var deleting = Operator.RunAsync(_plane.GrpcUrl, "delete", "group", "web", "--yes", "web");
        await Until.HoldsAsync(async () => (await _plane.Admin.ListGroupsAsync(new())).Groups.Single().Phase == "Retiring", "web is being deleted");
        deleting.IsCompleted.ShouldBeFalse();
        a.ReleasesWhenAsked = true;

        (await deleting).Code.ShouldBe(0);
        (await _plane.Admin.ListGroupsAsync(new())).Groups.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_owner_that_needs_no_lease_is_said_to_stop_as_long_as_it_is_heard()
    {
        await using var a = await AgentDouble.AttachAsync(_plane.GrpcUrl, "a"); // It tells of no end of its lease.
        await a.OwnAsync("web");
        await a.BeatAsync();
        await _plane.DeleteAsync(new() { Groups = { "web" }, NoWait = true });
        (await _plane.Admin.ListGroupsAsync(new())).Groups.Single().Detail.ShouldStartWith("a is stopping its programs; being deleted by ");

        await a.DisposeAsync();

        await Until.HoldsAsync(
            async () => (await _plane.Admin.ListGroupsAsync(new())).Groups.Single().Detail.StartsWith(
                "a needs no lease and has to end it itself, or must be confirmed off (hactl fence a --confirm-off); being deleted by ", StringComparison.Ordinal),
            "it is not heard any more");
    }

    [Fact]
    public async Task A_deletion_goes_on_under_the_next_leader()
    {
        var database = Directory.CreateTempSubdirectory("hagrpc-deletion-");
        try
        {
            string[] arguments = [$"--sqlite={database.FullName}/plane.db"];
            var first = await InProcessPlane.StartLeadingAsync(arguments);
            await using (first)
            {
                await first.ApplyAsync(Models.Web());
                await using var a = await AgentDouble.AttachAsync(first.GrpcUrl, "a");
                await a.OwnAsync("web");
                (await first.DeleteAsync(new() { Groups = { "web" }, NoWait = true })).Pending.Single().Group.ShouldBe("web");
            }
            await using var second = await InProcessPlane.StartLeadingAsync(arguments);
            (await second.Admin.ListGroupsAsync(new())).Groups.Single().Phase.ShouldBe("Retiring");
            await using var b = await AgentDouble.AttachAsync(second.GrpcUrl, "b");
            b.KeepBeating(); // It is asked for its seal when a's lease is over.

            await Until.HoldsAsync(async () => (await second.Admin.ListGroupsAsync(new())).Groups.Count == 0, "web is gone");
            b.Owns("web").ShouldBeFalse();
        }
        finally
        {
            database.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task What_cannot_go_is_named_with_every_reason_and_nothing_goes()
    {
        await _plane.ApplyAsync(new()
        {
            Programs =
            {
                new HaGrpc.V1.Program { Group = "web", Name = "w", Command = "/bin/w", Numprocs = 2, ProcessName = "w%(process_num)d" },
                new HaGrpc.V1.Program { Group = "web", Name = "late", Command = "/bin/late", After = { "db" } },
            },
        });
        var before = await _plane.Registry.ExportAsync(new());

        var hosts = await Operator.RunAsync(_plane.GrpcUrl, "delete", "host", "a", "bb");
        var programs = await Operator.RunAsync(_plane.GrpcUrl, "program", "remove", "web:db", "web:w1", "web:htp");

        (hosts.Code, hosts.Error).ShouldBe(
            (1, "hactl: host/bb: not registered\nhactl: host/a: it is a member of web: delete the group, or apply it without the host\nhactl: nothing was deleted\n"));
        programs.Code.ShouldBe(1);
        programs.Error.ShouldBe("""
            hactl: program/web:w1: a process of web:w: name that, or apply it with a smaller numprocs
            hactl: program/web:htp: not registered; did you mean web:http?
            hactl: program/web:db: web:late starts after it: delete that too, or change its after
            hactl: nothing was deleted

            """);
        (await _plane.Registry.ExportAsync(new())).ShouldBe(before);
        (await Should.ThrowAsync<RpcException>(async () => await _plane.Registry.DeleteAsync(new()))).StatusCode.ShouldBe(StatusCode.InvalidArgument);

        var done = await Operator.RunAsync(_plane.GrpcUrl, "program", "remove", "web:w", "web:db", "web:late", "--yes", "web");
        (done.Code, done.Out).ShouldBe((0, "program/web:db: deleted\nprogram/web:late: deleted\nprogram/web:w0: deleted\nprogram/web:w1: deleted\n"));
        (await _plane.Registry.ExportAsync(new())).Programs.Select(p => p.Name).ShouldBe(["http"]);
        (await EventsAsync("ProgramDeleted")).Count.ShouldBe(4);
    }

    [Fact]
    public async Task Prune_leaves_what_the_manifest_names()
    {
        await _plane.ApplyAsync(new()
        {
            Hosts = { new Host { Name = "c" } },
            Groups = { Models.Group("mail", new Member { Host = "c", Priority = 1 }) },
            Programs = { Models.Program("mail", "smtp") },
        });
        await using var c = await AgentDouble.AttachAsync(_plane.GrpcUrl, "c");
        await c.OwnAsync("mail");
        c.ReleasesWhenAsked = true;
        const string manifest = """
            hosts: [{name: a}, {name: b}]
            groups:
              - name: web
                members: [{host: a, priority: 120}, {host: b, priority: 80}]
                timing: {ttl: 1500ms, heartbeat: 300ms, takeover_margin: 200ms}
                programs: [{name: http, command: /bin/true, start_time: 0s, stop_timeout: 0s}]
            """;

        var diff = await Operator.RunWithAsync(_plane.GrpcUrl, manifest, "diff", "--prune", "-f", "-");
        var apply = await Operator.RunWithAsync(_plane.GrpcUrl, manifest, "apply", "--prune", "-f", "-", "--yes", "mail,web");

        foreach (var line in new[] { "group/mail: would be removed, would be stopped on c\n", "host/c: would be removed\n", "program/mail:smtp: would be removed", "program/web:db: would be removed" })
            diff.Out.ShouldContain(line);
        apply.Code.ShouldBe(0, apply.Error);
        apply.Out.ShouldContain("group/mail: removed\n");
        var left = await _plane.Registry.ExportAsync(new());
        left.Hosts.Select(h => h.Name).ShouldBe(["a", "b"]);
        left.Programs.Select(p => $"{p.Group}:{p.Name}").ShouldBe(["web:http"]);
        await Until.HoldsAsync(async () => (await EventsAsync("HostDeleted")).Any(e => e.Host == "c"), "c goes with the group that named it");
        (await EventsAsync("HostRetired")).Single().Message.ShouldBe("host/c is being deleted: it goes when mail has ended: no manifest names it");
        (await c.EndAsync()).StatusCode.ShouldBe(StatusCode.NotFound);
        left = await _plane.Registry.ExportAsync(new());
        var nothing = await Operator.RunWithAsync(_plane.GrpcUrl, "{}", "apply", "--prune", "-f", "-");
        nothing.Code.ShouldBe(2);
        (await _plane.Registry.ExportAsync(new())).ShouldBe(left);
    }

    [Fact]
    public async Task The_agent_of_a_deleted_host_is_told_to_end_everything_and_then_refused()
    {
        await _plane.ApplyAsync(new() { Hosts = { new Host { Name = "c" } } });
        (await Operator.RunAsync(_plane.GrpcUrl, "delete", "host", "c", "--yes", "c")).Out.ShouldBe("host/c: deleted\n");

        var hello = AgentDouble.HelloOf("c");
        var configured = new TaskCompletionSource<HostConfiguration>();
        await using var c = await AgentDouble.AttachAsync(_plane.GrpcUrl, hello, (agent, configuration) =>
        {
            _ = configured.TrySetResult(configuration);
            return Task.CompletedTask;
        });
        (await configured.Task.WaitAsync(Until.Bound)).Groups.ShouldBeEmpty();
        c.KeepBeating();
        var end = await c.Ended.WaitAsync(Until.Bound);
        (end.StatusCode, end.Detail.StartsWith("host 'c' was deleted by 127.0.0.1:", StringComparison.Ordinal)).ShouldBe((StatusCode.NotFound, true));
        var refused = await Should.ThrowAsync<RpcException>(() => AgentDouble.AttachAsync(_plane.GrpcUrl, hello, null));
        refused.Status.Detail.ShouldBe(end.Detail);

        await _plane.ApplyAsync(new() { Hosts = { new Host { Name = "c" } } });
        await using var back = await AgentDouble.AttachAsync(_plane.GrpcUrl, "c");
        await back.BeatAsync();
    }

    private async Task<OwnershipRecord> OwnershipAsync() => (await _plane.Service<Store>().Ownership.ReadAsync("web")).ShouldNotBeNull();

    private async Task<IReadOnlyList<Event>> EventsAsync(string kind) =>
        [.. (await _plane.Admin.ListEventsAsync(new() { Limit = 1000 })).Events.Where(e => e.Kind == kind)];
}
