using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class ApplyCommandTests
{
    private const string Good = "hosts: [{name: a}]\ngroups:\n- name: web\n  members: [{host: a, priority: 1}]\n";

    [Fact]
    public async Task Changes_are_listed()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnApply = _ => new()
        {
            Changes =
            {
                new Change { Kind = ChangeKind.Created, Object = "host/a" },
                new Change { Kind = ChangeKind.Updated, Object = "group/web" },
                new Change { Kind = ChangeKind.Unchanged, Object = "program/web:http" },
                new Change { Kind = ChangeKind.Updated, Object = "program/web:db", RestartedFor = { "command", "user" } },
            },
        };
        var run = await FakeControlPlane.RunAtAsync(plane.Url, Good, "apply", "-f", "-");
        run.Out.ShouldBe(
            "host/a: created\ngroup/web: updated\nprogram/web:http: unchanged\nprogram/web:db: updated, is restarted for command, user\n");
        run.Code.ShouldBe(0);
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBeOfType<ApplyRequest>().DryRun.ShouldBeFalse();
        var dry = await FakeControlPlane.RunAtAsync(plane.Url, Good, "apply", "-f", "-", "--dry-run");
        dry.Out.ShouldBe("host/a: would be created\ngroup/web: would be updated\nprogram/web:http: unchanged\n"
            + "program/web:db: would be updated, would be restarted for command, user\n");
        plane.Admin.Asked[^1].ShouldBeOfType<ApplyRequest>().DryRun.ShouldBeTrue();
    }

    [Theory]
    [InlineData("apply -f - --prune")]
    [InlineData("program add http --group web --command /bin/http")]
    public async Task The_reason_goes_along(string line)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await FakeControlPlane.RunAtAsync(plane.Url, Good, [.. line.Split(' '), "--reason", "new disk"]);
        (run.Code, run.Error).ShouldBe((0, ""));
        plane.Admin.Asked.OfType<ApplyRequest>().ShouldHaveSingleItem().Reason.ShouldBe("new disk");
    }

    [Fact]
    public async Task The_control_planes_errors_come_back_to_their_lines()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnApply = _ => new()
        {
            Errors =
            {
                new FieldError { Path = "groups[0].members[0].host", Value = "a", Message = "unknown host; known: b" },
                new FieldError { Path = "groups[0].timing.ttl", Value = "1.5s", Message = "the host has no nf_tables" },
            },
        };
        var run = await FakeControlPlane.RunAtAsync(plane.Url, Good, "apply", "-f", "-");
        run.Error.ShouldBe("""
            stdin:3: groups[0].timing.ttl: 1.5s: the host has no nf_tables
            stdin:4: groups[0].members[0].host: a: unknown host; known: b
            hactl: 2 errors, nothing was applied

            """);
        run.Code.ShouldBe(2);
    }

    [Fact]
    public async Task A_bad_manifest_is_not_sent_but_its_references_are_checked()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "nodeb" } } } };
        var text = "groups:\n- name: web\n  members: [{host: nodea, priority: 0}]\n";
        var run = await FakeControlPlane.RunAtAsync(plane.Url, text, "apply", "-f", "-", "-o", "json");
        run.Error.ShouldBe("""
            stdin:3: groups[0].members[0].priority: 0: a member's priority is 1 to 255
            stdin:3: groups[0].members[0].host: nodea: unknown host; did you mean nodeb?
            hactl: 2 errors, nothing was applied

            """);
        run.Out.ShouldStartWith("""
            {
              "dry_run": false,
              "changes": [],
              "errors": [
                {
                  "file": "stdin",
                  "line": 3,
                  "field": "groups[0].members[0].priority",
                  "value": "0",
                  "message": "a member's priority is 1 to 255"
                },
            """);
        run.Code.ShouldBe(2);
        plane.Admin.Asked.ShouldAllBe(asked => asked is ListHostsRequest || asked is ListGroupsRequest || asked is ListProgramsRequest);
    }

    [Fact]
    public async Task An_unknown_program_to_wait_for_is_told_together_with_the_cycle_beside_it()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "a" } } } };
        plane.Admin.OnGroups = () => new() { Groups = { new GroupStatus { Group = new() { Name = "web", Members = { new Member { Host = "a", Priority = 100 } } } } } };
        // Several members run it: a line for each.
        plane.Admin.OnPrograms = _ => new()
        {
            Programs =
            {
                new ProgramLine { Program = new() { Group = "web", Name = "database", Command = "/bin/x" }, Host = "a" },
                new ProgramLine { Program = new() { Group = "web", Name = "database", Command = "/bin/x" }, Host = "b" },
            },
        };
        const string Manifest = """
            programs:
            - {group: web, name: one, command: /bin/x, after: [two]}
            - {group: web, name: two, command: /bin/x, after: [one, databse, database]}
            """;

        var run = await FakeControlPlane.RunAtAsync(plane.Url, Manifest, "apply", "-f", "-");
        run.Error.ShouldBe("""
            stdin:2: programs[0].after: two: waits for itself: one -> two -> one
            stdin:3: programs[1].after[1]: databse: unknown program of group web; did you mean database?
            hactl: 2 errors, nothing was applied

            """);

        // What is registered goes with --prune, so that nothing can wait for it.
        var pruned = await FakeControlPlane.RunAtAsync(plane.Url, Manifest, "apply", "--prune", "-f", "-");
        pruned.Error.ShouldContain("stdin:3: programs[1].after[1]: databse: unknown program of group web\n");
        pruned.Error.ShouldContain("stdin:3: programs[1].after[2]: database: unknown program of group web\n");
    }

    [Fact]
    public async Task Files_and_directories_are_read_in_order()
    {
        var directory = Directory.CreateTempSubdirectory("hactl-apply-");
        try
        {
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "b.yml"), "hosts: [{name: b}]");
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "a.yaml"), "hosts: [{name: a}]");
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, "note.txt"), "not: [yaml");
            await using var plane = await FakeControlPlane.StartAsync();
            var run = await FakeControlPlane.RunAtAsync(
                plane.Url, "hosts: [{name: c}]", "apply", "-f", directory.FullName, "-f", "-");
            run.Code.ShouldBe(0);
            plane.Admin.Asked.ShouldHaveSingleItem().ShouldBeOfType<ApplyRequest>()
                .Hosts.Select(host => host.Name).ShouldBe(["a", "b", "c"]);
            var missing = await plane.RunAsync("apply", "-f", "/nonexistent.yaml");
            missing.Error.ShouldStartWith("/nonexistent.yaml: no such file\n");
            missing.Code.ShouldBe(2);
            // --prune would delete what is in a folder that is left out.
            directory.CreateSubdirectory(".git/x").CreateSubdirectory("y");
            await File.WriteAllTextAsync(Path.Combine(directory.FullName, ".git", "x", "c.yaml"), "hosts: [{name: d}]");
            (await plane.RunAsync("apply", "-f", directory.FullName)).Code.ShouldBe(0);
            var deep = directory.CreateSubdirectory("more/deep");
            await File.WriteAllTextAsync(Path.Combine(deep.FullName, "c.yaml"), "hosts: [{name: d}]");
            var below = await plane.RunAsync("apply", "-f", directory.FullName);
            below.Error.ShouldStartWith($"{directory.FullName}/more: has manifests, which are not read with the directory above: ");
            below.Code.ShouldBe(2);
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Nobody_there_is_exit_code_7_for_a_good_manifest_and_2_for_a_bad_one()
    {
        var good = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", Good, "apply", "-f", "-");
        good.Code.ShouldBe(7);
        var bad = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "hots: []", "apply", "-f", "-");
        bad.Code.ShouldBe(2);
        bad.Error.ShouldContain("what the manifest refers to outside of itself was not checked: ");
    }
}
