using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class DiffCommandTests
{
    private const string Manifest = """
        hosts: [{name: a}, {name: c}]
        groups:
        - name: web
          members: [{host: a, priority: 120}, {host: c, priority: 80}]
          timing: {ttl: 2s, heartbeat: 400ms, takeover_margin: 200ms}
          programs:
          - {name: http, command: /bin/http --new, stop_timeout: 30s, desired: stopped}
        """;

    [Fact]
    public async Task Fields_are_shown_with_what_stands_and_what_would()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Registry.OnExport = _ => Stored();
        plane.Admin.OnApply = _ => new()
        {
            Changes =
            {
                new Change { Kind = ChangeKind.Unchanged, Object = "host/a" },
                new Change { Kind = ChangeKind.Created, Object = "host/c" },
                new Change { Kind = ChangeKind.Updated, Object = "group/web" },
                new Change { Kind = ChangeKind.Removed, Object = "program/web:old" },
                new Change { Kind = ChangeKind.Updated, Object = "program/web:http", RestartedFor = { "command" } },
            },
        };
        plane.Admin.OnPrograms = _ => new()
        {
            Programs =
            {
                new ProgramLine { Program = new() { Group = "web", Name = "http" }, Host = "a", Status = new() { Pid = 7 } },
                new ProgramLine { Program = new() { Group = "web", Name = "old" }, Host = "a" },
            },
        };
        var run = await FakeControlPlane.RunAtAsync(plane.Url, Manifest, "diff", "-f", "-");
        run.Error.ShouldBe("");
        run.Out.ShouldBe("""
            host/c: would be created
              name: c
            group/web: would be updated
              members: [a, b] -> [a, c]
              members[c].host: (none) -> c
              members[c].priority: (none) -> 80
              timing.ttl: (none) -> 2s
              timing.heartbeat: (none) -> 400ms
              timing.takeover_margin: (none) -> 200ms
              members[b].host: b -> (none)
              members[b].priority: 80 -> (none)
              timing: default -> (none)
            program/web:old: would be removed
            program/web:http: would be updated, would be restarted on a for command
              command: /bin/http -> /bin/http --new
              stop_timeout: 10s -> 30s
              desired: running -> stopped

            """);
        run.Code.ShouldBe(1);
        plane.Admin.Asked.OfType<ApplyRequest>().ShouldHaveSingleItem().DryRun.ShouldBeTrue();
    }

    [Fact]
    public async Task Nothing_to_change_is_exit_code_0_and_a_bad_manifest_2()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Registry.OnExport = _ => Stored();
        plane.Admin.OnApply = _ => new() { Changes = { new Change { Kind = ChangeKind.Unchanged, Object = "host/a" } } };
        var same = await FakeControlPlane.RunAtAsync(plane.Url, "hosts: [{name: a}]", "diff", "-f", "-");
        (same.Code, same.Out).ShouldBe((0, ""));
        (await FakeControlPlane.RunAtAsync(plane.Url, "hots: []", "diff", "-f", "-")).Code.ShouldBe(2);
        (await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "hosts: [{name: a}]", "diff", "-f", "-")).Code.ShouldBe(7);
        var json = await FakeControlPlane.RunAtAsync(plane.Url, "hosts: [{name: a}]", "diff", "-f", "-", "-o", "json");
        json.Out.ShouldBe("{\n  \"changes\": []\n}\n");
    }

    [Fact]
    public async Task An_export_goes_to_a_file_or_to_standard_output()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Registry.OnExport = _ => Stored();
        var shown = await plane.RunAsync("export");
        shown.Out.ShouldStartWith("hosts:\n  - {name: a}\n");
        shown.Code.ShouldBe(0);
        var file = Path.GetTempFileName();
        try
        {
            (await plane.RunAsync("export", "web", "-o", file)).Code.ShouldBe(0);
            (await File.ReadAllTextAsync(file)).ShouldBe(shown.Out);
        }
        finally
        {
            File.Delete(file);
        }
        var unknown = await plane.RunAsync("export", "wbe");
        (unknown.Code, unknown.Error).ShouldBe((1, "hactl: no group is called 'wbe'; did you mean 'web'?\n"));
        (await plane.RunAsync("export", "-o", "/nonexistent/x")).Code.ShouldBe(2);
    }

    private static ExportResponse Stored()
    {
        var group = new HaGrpc.Core.Model.Group(
            "web", [new("a", 120), new("b", 80)], [], [], HaGrpc.Core.Model.GroupTiming.Default, new(HaGrpc.Core.Model.FailbackMode.Manual, TimeSpan.Zero));
        var http = new HaGrpc.Core.Model.Program { Name = new("web", "http"), Template = "http", Command = "/bin/http" };
        return new()
        {
            Hosts = { new Host { Name = "a" }, new Host { Name = "b" } },
            Groups = { Contracts.GroupMapping.ToProto(group) },
            Programs = { Contracts.ProgramMapping.ToProto(http) },
        };
    }
}
