using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Revisions, and back to one of them.</summary>
public sealed class RollbackTests
{
    private const string First = """
        hosts: [{name: a}, {name: b}]
        groups:
          - name: web
            members: [{host: a, priority: 120}, {host: b, priority: 80}]
            programs:
              - {name: http, command: /bin/http, numprocs: 2, process_name: "http%(process_num)d"}
        """;

    [Fact]
    public async Task An_earlier_state_comes_back_in_one_transaction_and_says_what_restarts()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await ApplyAsync(plane, First);
        var first = await NewestAsync(plane);
        var exported = (await Operator.RunAsync(plane.GrpcUrl, "export")).Out;
        var second = First.Replace("/bin/http", "/bin/http --new", StringComparison.Ordinal).Replace("numprocs: 2", "numprocs: 1", StringComparison.Ordinal)
            .Replace("{host: a, priority: 120}", "{host: a, priority: 200}", StringComparison.Ordinal) + "\n      - {name: db, command: /bin/db}";
        await ApplyAsync(plane, second);
        await plane.Admin.StopProgramsAsync(new() { Selectors = { "web:db" }, NoWait = true });

        var preview = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}", "--dry-run");
        (preview.Code, preview.Error).ShouldBe((0, ""));
        preview.Out.ShouldBe("""
            group/web: would be updated
              members[a].priority: 200 -> 120
            program/web:db: would be removed
            program/web:http0: would be updated, would be restarted for command
              command: /bin/http --new -> /bin/http
            program/web:http1: would be created
              name: http1
              command: /bin/http

            """);
        (await NewestAsync(plane)).ShouldBeGreaterThan(first, "nothing was rolled back yet");

        var unconfirmed = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}");
        (unconfirmed.Code, unconfirmed.Error).ShouldBe((2, $"""
            rollback-removing of {first} has to be confirmed (the standard of rollback-removing). It hits:
              web owned by nobody: nothing runs; no VIPs; 0 clients connected
              to be deleted: 1 program (web:db)
              in all: no running program; 0 clients connected; to be deleted: 1 program (web:db)
            hactl: it must be confirmed: --yes {first}; nothing was done

            """));
        var done = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}", "--reason", "it was slow", "--yes", $"{first}");
        done.Code.ShouldBe(0, done.Error);
        done.Out.ShouldContain("program/web:http0: updated, is restarted for command\n");
        (await Operator.RunAsync(plane.GrpcUrl, "export")).Out.ShouldBe(exported);
        var revisions = (await plane.Registry.ListRevisionsAsync(new())).Revisions;
        revisions[0].Cause.ShouldBe($"rollback to {first}: it was slow");
        revisions[0].Changes.Select(c => (c.Object, c.Kind)).ShouldBe(
        [
            ("group/web", ChangeKind.Updated), ("program/web:db", ChangeKind.Removed),
            ("program/web:http0", ChangeKind.Updated), ("program/web:http1", ChangeKind.Created),
        ]);
        (await Operator.RunAsync(plane.GrpcUrl, "revisions")).Out.Split('\n')[1].ShouldContain($"rollback to {first}: it was slow");

        var again = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}");
        (again.Code, again.Out).ShouldBe((0, ""));
        again.Error.ShouldBe($"hactl: revision {first} is what is registered: nothing to roll back\n");
        var back = await Operator.RunAsync(plane.GrpcUrl, "export", "web:http", "--revision", $"{revisions[1].Number}");
        back.Out.ShouldContain("command: /bin/http --new\n");
    }

    [Fact]
    public async Task What_did_not_exist_then_goes_and_what_was_deleted_comes_back()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await ApplyAsync(plane, First);
        var first = await NewestAsync(plane);
        await ApplyAsync(plane, First.Replace("/bin/http", "/bin/new", StringComparison.Ordinal)
            .Replace("{name: b}]", "{name: b}, {name: c}]", StringComparison.Ordinal) + "\n  - {name: mail, members: [{host: c, priority: 1}]}");
        var second = await NewestAsync(plane);
        var before = await plane.Registry.ExportAsync(new());

        var back = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}", "--yes", $"{first}");

        back.Code.ShouldBe(0, back.Error);
        back.Out.ShouldContain("group/mail: removed\n");
        back.Out.ShouldContain("host/c: removed\n");
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Count == 1, "mail is gone");
        await Until.HoldsAsync(async () => (await plane.Admin.ListHostsAsync(new())).Hosts.Count == 2, "c is gone");

        var forth = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{second}");
        (forth.Code, forth.Error).ShouldBe((0, ""));
        var after = await plane.Registry.ExportAsync(new());
        after.Revision = before.Revision;
        after.ShouldBe(before);
    }

    [Fact]
    public async Task What_is_being_deleted_is_waited_for()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await ApplyAsync(plane, First);
        var first = await NewestAsync(plane);
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");
        await plane.DeleteAsync(new() { Groups = { "web" }, NoWait = true });
        var refused = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}");
        refused.Code.ShouldBe(1);
        refused.Error.ShouldMatch("^hactl: group/web: it is being deleted by 127.0.0.1:[0-9]+, and has not ended yet");
        a.ReleasesWhenAsked = true;
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Count == 0, "web is gone");
        (await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}")).Code.ShouldBe(0);
        (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Group.Name.ShouldBe("web");
    }

    [Fact]
    public async Task The_owner_of_a_group_is_not_rolled_out_of_it()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await ApplyAsync(plane, First);
        var first = await NewestAsync(plane);
        await ApplyAsync(plane, First.Replace("{name: b}]", "{name: b}, {name: c}]", StringComparison.Ordinal)
            .Replace("{host: a, priority: 120}", "{host: c, priority: 120}", StringComparison.Ordinal));
        await ApplyAsync(plane, First.Replace("{host: a, priority: 120}", "{host: c, priority: 120}", StringComparison.Ordinal));
        var withC = await NewestAsync(plane);
        await using var c = await AgentDouble.AttachAsync(plane.GrpcUrl, "c");
        await c.OwnAsync("web");
        var refused = await Operator.RunAsync(plane.GrpcUrl, "rollback", $"{first}");
        refused.Code.ShouldBe(1);
        refused.Error.ShouldContain("group/web.members: a, b: host c owns the group and may not be dropped: switch over first");
        (await NewestAsync(plane)).ShouldBe(withC);
    }

    [Fact]
    public async Task A_revision_that_is_not_kept_is_refused()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await ApplyAsync(plane, First);
        var unknown = await Operator.RunAsync(plane.GrpcUrl, "rollback", "77");
        (unknown.Code, unknown.Error).ShouldBe((1, "hactl: refused: revision: 77 is not kept; hactl revisions lists those that are\n"));
        (await Operator.RunAsync(plane.GrpcUrl, "rollback", "last")).Code.ShouldBe(2);
        (await Operator.RunAsync(plane.GrpcUrl, "export", "--revision", "77")).Code.ShouldBe(1);
    }

    private static async Task ApplyAsync(InProcessPlane plane, string manifest)
    {
        var applied = await Operator.RunWithAsync(plane.GrpcUrl, manifest, "apply", "-f", "-");
        (applied.Code, applied.Error).ShouldBe((0, ""));
    }

    private static async Task<long> NewestAsync(InProcessPlane plane) => (await plane.Registry.ListRevisionsAsync(new() { Limit = 1 })).Revisions.Single().Number;
}
