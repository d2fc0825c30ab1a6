using Google.Protobuf.WellKnownTypes;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class RevisionsCommandTests
{
    [Fact]
    public async Task Revisions_are_listed_with_what_changed()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Registry.OnRevisions = _ => new() { Revisions = { Revision() } };
        var run = await plane.RunAsync("revisions", "-n", "5");
        (run.Code, run.Error).ShouldBe((0, ""));
        run.Out.ShouldBe("""
            REVISION  AT                       BY         WHAT           CHANGES
            12        2026-11-23 09:00:00.000  127.0.0.1  rollback to 7  group/web updated, host/c removed, program/web:a created, and 1 more

            """);
        plane.Registry.Asked.OfType<ListRevisionsRequest>().Single().Limit.ShouldBe(5);
        var json = await plane.RunAsync("revisions", "-o", "json");
        json.Out.ShouldStartWith("{\n  \"revisions\": [\n    {\n      \"number\": 12,\n      \"at\": \"2026-11-23T09:00:00");
        json.Out.ShouldContain("\"by\": \"127.0.0.1\",\n      \"what\": \"rollback to 7\",\n      \"changes\": [\n        {\n          \"object\": \"group/web\",\n          \"change\": \"updated\"");
    }

    [Fact]
    public async Task A_rollback_says_where_programs_restart_and_asks_for_it_only_then()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Registry.OnExport = r => new() { Programs = { Program(r.Revision == 7 ? "/bin/old" : "/bin/new") } };
        plane.Registry.OnRollback = _ => new()
        {
            Changes = { new Change { Object = "program/web:http", Kind = ChangeKind.Updated, RestartedFor = { "command" } } },
        };
        plane.Admin.OnPrograms = _ => new() { Programs = { new ProgramLine { Program = Program("/bin/new"), Host = "a", Status = new() { Pid = 7 } } } };
        var preview = await plane.RunAsync("rollback", "7", "--dry-run");
        preview.Out.ShouldBe("program/web:http: would be updated, would be restarted on a for command\n  command: /bin/new -> /bin/old\n");
        plane.Registry.Asked.OfType<RollbackRequest>().ShouldAllBe(r => r.DryRun);
        var done = await plane.RunAsync("rollback", "7", "--reason", "too slow");
        done.Out.ShouldBe("program/web:http: updated, is restarted on a for command\n  command: /bin/new -> /bin/old\n");
        plane.Registry.Asked.OfType<RollbackRequest>().Last().ShouldBe(new RollbackRequest { Revision = 7, Reason = "too slow" });

        plane.Registry.OnRollback = _ => new() { Refusals = { "group/mail did not exist then" } };
        var refused = await plane.RunAsync("rollback", "7");
        (refused.Code, refused.Out, refused.Error).ShouldBe((1, "", "hactl: group/mail did not exist then\nhactl: nothing was rolled back\n"));
    }

    private static Revision Revision() => new()
    {
        Number = 12,
        At = new DateTimeOffset(2026, 11, 23, 9, 0, 0, TimeSpan.Zero).ToTimestamp(),
        Actor = "127.0.0.1",
        Cause = "rollback to 7",
        Changes =
        {
            new Change { Object = "group/web", Kind = ChangeKind.Updated },
            new Change { Object = "host/c", Kind = ChangeKind.Removed },
            new Change { Object = "program/web:a", Kind = ChangeKind.Created },
            new Change { Object = "program/web:b", Kind = ChangeKind.Created },
        },
    };

    private static Program Program(string command)
    {
        var http = new HaGrpc.Core.Model.Program { Name = new("web", "http"), Template = "http", Command = command };
        return Contracts.ProgramMapping.ToProto(http);
    }
}
