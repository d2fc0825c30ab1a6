using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class DeleteCommandTests
{
    [Fact]
    public async Task A_deletion_says_what_went_and_where_it_ended()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Registry.OnDelete = _ => Answer();

        var run = await plane.RunAsync("delete", "group", "web", "mail", "--reason", "moved away");

        (run.Code, run.Error).ShouldBe((0, ""));
        run.Out.ShouldBe("""
            group/web: deleted
            program/web:http: deleted
              group/web ends on a: stops web:http; gives up 192.0.2.1/24

            """);
        plane.Registry.Asked.OfType<DeleteRequest>().Single().ShouldBe(new DeleteRequest { Groups = { "web", "mail" }, Reason = "moved away" });
        var preview = await plane.RunAsync("delete", "group", "web", "--dry-run");
        preview.Out.ShouldContain("group/web: would be deleted\n");
        preview.Out.ShouldContain("  group/web would end on a: ");
        plane.Registry.Asked.OfType<DeleteRequest>().Last().DryRun.ShouldBeTrue();
        var json = await plane.RunAsync("delete", "group", "web", "-o", "json");
        json.Out.ShouldStartWith("{\n  \"dry_run\": false,\n  \"deleted\": [\n    \"group/web\",\n    \"program/web:http\"\n  ],\n  \"stopping\": [\n    {\n      \"object\": \"group/web\"");
    }

    [Fact]
    public async Task What_has_not_ended_yet_is_said_and_not_called_done()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var pending = new DeleteResponse
        {
            Changes = { new Change { Object = "group/web", Kind = ChangeKind.Removed } },
            Pending = { new PendingDeletion { Group = "web", Detail = "a is not heard" } },
        };
        plane.Registry.OnDelete = _ => pending;

        var run = await plane.RunAsync("delete", "group", "web");

        (run.Code, run.Out, run.Error).ShouldBe(
            (7, "group/web: is being deleted\n", "hactl: group/web has not ended yet: a is not heard; it goes by itself when it has (hactl groups)\n"));
        (await plane.RunAsync("delete", "group", "web", "--no-wait")).Code.ShouldBe(0);
        plane.Registry.Asked.OfType<DeleteRequest>().Last().NoWait.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refusal_tells_all_reasons()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Registry.OnDelete = _ => new() { Refusals = { "host/a: it is a member of web", "host/x: not registered" } };

        var run = await plane.RunAsync("delete", "host", "a", "x");

        (run.Code, run.Out, run.Error).ShouldBe(
            (1, "", "hactl: host/a: it is a member of web\nhactl: host/x: not registered\nhactl: nothing was deleted\n"));
        plane.Registry.Asked.OfType<DeleteRequest>().Single().Hosts.ShouldBe(["a", "x"]);
    }

    [Theory]
    [InlineData("delete", "program")]
    [InlineData("program", "remove")]
    public async Task A_program_is_named_with_its_group(string command, string sub)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync(command, sub, "web:http");
        run.Code.ShouldBe(0);
        plane.Registry.Asked.OfType<DeleteRequest>().Single().ShouldBe(new DeleteRequest { Programs = { "web:http" } });
    }

    [Fact]
    public async Task Nothing_is_deleted_without_a_name()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        (await plane.RunAsync("delete", "group")).Code.ShouldBe(2);
        plane.Registry.Asked.ShouldBeEmpty();
    }

    [Fact]
    public async Task Prune_is_asked_for_and_its_preview_says_where_groups_end()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnApply = _ => new() { Changes = { new Change { Object = "group/web", Kind = ChangeKind.Removed } } };
        plane.Admin.OnGroups = () => new() { Groups = { new GroupStatus { Group = new() { Name = "web" }, Owner = "a" } } };
        var file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "hosts: [{name: a}]\n");

        var diff = await plane.RunAsync("diff", "--prune", "-f", file);
        var apply = await plane.RunAsync("apply", "--prune", "-f", file);

        (diff.Code, diff.Out).ShouldBe((1, "group/web: would be removed, would be stopped on a\n"));
        apply.Out.ShouldBe("group/web: removed\n");
        plane.Admin.Asked.OfType<ApplyRequest>().Select(r => (r.Prune, r.DryRun)).ShouldBe([(true, true), (true, false)]);
        File.Delete(file);
    }

    private static DeleteResponse Answer() => new()
    {
        Changes =
        {
            new Change { Object = "group/web", Kind = ChangeKind.Removed },
            new Change { Object = "program/web:http", Kind = ChangeKind.Removed },
        },
        Stopping = { new Stopping { Object = "group/web", Host = "a", Programs = { "web:http" }, Vips = { "192.0.2.1/24" } } },
    };
}
