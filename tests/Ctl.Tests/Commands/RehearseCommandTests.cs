using System.Text.Json;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class RehearseCommandTests
{
    [Fact]
    public async Task What_fails_comes_first_and_ends_with_the_code_of_a_refusal()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnRehearse = _ => new() { Hosts = { B(), new HostRehearsal { Host = "c", Score = 100, Findings = { Ok() } } } };
        var run = await plane.RunAsync("rehearse", "web");
        run.Out.ShouldBe("""
            HOST  VERDICT  CHECK    OF        FOUND                         RIGHT WOULD BE
            b     fails    command  web:http  can't find command 'x'        install it
            b     warning  address  web       192.0.2.1 is on eth0 already  -
            b     ok       user     web:http  www                           -
            c     ok       user     web:http  www                           -

            b: could not take web over now: 1 of 3 checks fails
            c: could take web over now: 1 check

            """);
        run.Code.ShouldBe(1);
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBe(new RehearseRequest { Group = "web" });
    }

    [Fact]
    public async Task A_warning_is_no_refusal()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var b = B();
        b.Findings.RemoveAt(1);
        plane.Admin.OnRehearse = _ => new() { Hosts = { b } };
        var run = await plane.RunAsync("rehearse", "web", "--to", "b");
        run.Out.ShouldEndWith("\n\nb: could take web over now: 2 checks, with a warning\n");
        run.Code.ShouldBe(0);
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBe(new RehearseRequest { Group = "web", Host = "b" });
    }

    [Fact]
    public async Task Machines_get_every_finding()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnRehearse = _ => new() { Hosts = { B() } };
        var run = await plane.RunAsync("rehearse", "web", "-o", "json");
        using var json = JsonDocument.Parse(run.Out);
        json.RootElement.GetProperty("group").GetString().ShouldBe("web");
        var host = json.RootElement.GetProperty("hosts")[0];
        (host.GetProperty("host").GetString(), host.GetProperty("ready").GetBoolean(), host.GetProperty("score").GetInt32()).ShouldBe(("b", false, 66));
        host.GetProperty("findings").EnumerateArray().Select(f => f.GetRawText().Replace("\n", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal)).ShouldBe([
            """{"check":"user","subject":"web:http","verdict":"ok","found":"www","right":null}""",
            """{"check":"command","subject":"web:http","verdict":"fails","found":"can'tfindcommand'x'","right":"installit"}""",
            """{"check":"address","subject":"web","verdict":"warning","found":"192.0.2.1isoneth0already","right":null}"""]);
        run.Code.ShouldBe(1);
    }

    [Fact]
    public async Task Groups_show_the_first_thing_that_a_backup_lacks()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnGroups = () => new()
        {
            Groups =
            {
                new GroupStatus
                {
                    Group = new() { Name = "web" },
                    Backups =
                    {
                        new BackupStatus { Host = "b", Readiness = new() { Group = "web", Score = 66, More = 1, Failing = { B().Findings[1] } } },
                        new BackupStatus { Host = "c", Readiness = new() { Group = "web", Score = 100 } },
                    },
                },
            },
        };
        (await plane.RunAsync("groups")).Out.ShouldContain("  b: 66 % ready: web:http command: can't find command 'x' and 1 more, c: ready  ");
        using var json = JsonDocument.Parse((await plane.RunAsync("groups", "-o", "json")).Out);
        var backups = json.RootElement.GetProperty("groups")[0].GetProperty("backups");
        (backups[0].GetProperty("score").GetInt32(), backups[0].GetProperty("ready").GetBoolean(), backups[0].GetProperty("more_failing").GetInt32()).ShouldBe((66, true, 1));
        backups[0].GetProperty("failing")[0].GetProperty("check").GetString().ShouldBe("command");
        (backups[1].GetProperty("score").GetInt32(), backups[1].GetProperty("failing").GetArrayLength()).ShouldBe((100, 0));
    }

    private static Finding Ok() => new() { What = "user", Subject = "web:http", Verdict = Verdict.Ok, Value = "www" };

    private static HostRehearsal B() => new()
    {
        Host = "b",
        Score = 66,
        Findings =
        {
            Ok(),
            new Finding { What = "command", Subject = "web:http", Verdict = Verdict.Fails, Value = "can't find command 'x'", Right = "install it" },
            new Finding { What = "address", Subject = "web", Verdict = Verdict.Warning, Value = "192.0.2.1 is on eth0 already" },
        },
    };
}
