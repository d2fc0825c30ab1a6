using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.Core.Audit;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class AuditCommandTests
{
    [Fact]
    public async Task A_list_tells_who_asked_for_what_and_what_came_of_it()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Audit.Entries.Add(new()
        {
            Id = 2,
            At = "2026-11-23T09:00:03.000000Z",
            Kind = "ended",
            Actor = "CN=eve",
            Address = "10.0.0.7:51022",
            Call = "AdminService/Switchover",
            Objects = { "group/web" },
            Result = "OK",
            Reason = "new kernel",
        });
        plane.Audit.Entries.Add(new() { Id = 4, At = "what is this", Kind = "asked", Actor = "a", Call = "AdminService/Apply", Objects = { "group/a", "group/b", "group/c", "group/d" } });
        (await plane.RunAsync("audit", "list")).Out.ShouldBe("""
            ID  AT                   ACTOR  FROM            CALL        OBJECTS                      RESULT        REASON
            2   2026-11-23 09:00:03  eve    10.0.0.7:51022  Switchover  group/web                    OK            new kernel
            4   what is this         a      -               Apply       group/a, group/b and 2 more  no end known  -

            """);
        var lines = (await plane.RunAsync("audit", "list", "-o", "jsonl")).Out.TrimEnd().Split('\n');
        lines.Length.ShouldBe(2);
        lines[0].ShouldStartWith("{\"id\":2,\"at\":\"2026-11-23T09:00:03.000000Z\",\"kind\":\"ended\",");
        (await plane.RunAsync("audit", "list", "-o", "json")).Out.ShouldStartWith("{\n  \"entries\": [");
    }

    [Fact]
    public async Task Filters_are_asked_for()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        (await plane.RunAsync(
            "audit", "list", "--actor", "CN=eve", "--call", "Apply", "--object", "group/web", "--result", "permission_denied", "--since", "2h", "--until", "2026-11-23T09:00:00Z",
            "-n", "7")).Code.ShouldBe(0);
        plane.Audit.Asked.ShouldHaveSingleItem().ShouldBe(new ReadAuditRequest
        {
            Filter = new()
            {
                Actor = "CN=eve",
                Call = "Apply",
                Object = "group/web",
                Result = "PERMISSION_DENIED",
                Since = Timestamp.FromDateTimeOffset(FakeControlPlane.Time.GetUtcNow().AddHours(-2)),
                Until = Timestamp.FromDateTimeOffset(new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero)),
                Calls = true,
            },
            Newest = 7,
        });
    }

    [Theory]
    [InlineData("audit list --since soon", "--since soon: must be a time ago such as 2h")]
    [InlineData("audit list -n 0", "-n 0: must be 1 to 10000")]
    [InlineData("audit verify --head nope", "--head nope: must be a number, a colon and 64 hexadecimal digits")]
    [InlineData("audit verify --file /nonexistent", "--file /nonexistent: cannot be read")]
    [InlineData("status -o jsonl", "--output jsonl: only audit list has it")]
    public async Task What_is_wrong_is_told_and_nothing_is_asked(string line, string error)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync(line.Split(' '));
        run.Error.ShouldContain(error);
        (run.Code, plane.Audit.Asked.Count).ShouldBe((2, 0));
    }

    [Fact]
    public async Task A_chain_is_computed_again_from_the_control_plane_and_from_an_export()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var empty = await plane.RunAsync("audit", "verify");
        (empty.Code, empty.Out).ShouldBe((0, "unbroken: there are no entries\n"));
        Chain(plane.Audit);
        var head = (await plane.RunAsync("audit", "head")).Out.Trim();
        head.ShouldStartWith("3:");
        (await plane.RunAsync("audit", "verify", "--head", head)).Out.ShouldBe($"unbroken: entries 1 to 3; head {head}\n");
        var export = (await plane.RunAsync("audit", "export")).Out;
        (await plane.RunAsync("audit", "export", "--after", "2")).Out.ShouldBe(export.Split('\n')[2] + "\n");
        var nobody = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", export, "audit", "verify", "--file", "-");
        (nobody.Code, nobody.Out).ShouldBe((0, $"unbroken: entries 1 to 3; head {head}\n"));

        plane.Audit.Entries[1].Reason = "something else";
        var broken = await plane.RunAsync("audit", "verify", "-o", "json");
        broken.Code.ShouldBe(1);
        broken.Out.ShouldContain("\"unbroken\": false");
        var told = await plane.RunAsync("audit", "verify");
        told.Out.ShouldStartWith("BROKEN: entry 2 was changed");
        told.Out.ShouldEndWith("Entries 1 to 1 are as they were written.\n");
        (await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "{}\n", "audit", "verify", "--file", "-")).Error.ShouldStartWith("hactl: -:1: no entry of an audit");
    }

    private static void Chain(FakeAudit audit)
    {
        var previous = AuditHash.Origin;
        for (var id = 1; id <= 3; id++)
        {
            HaGrpc.Core.Audit.AuditEntry entry = new()
            {
                Id = id,
                At = "2026-11-23T09:00:00.000000Z",
                Kind = "ended",
                Actor = "a",
                ActorKind = "address",
                Address = "1:1",
                Call = "AdminService/Apply",
                Objects = ["group/web"],
                Result = "OK",
                PreviousHash = previous,
            };
            previous = AuditHash.Of(entry);
            audit.Entries.Add((entry with { Hash = previous }).ToProto());
        }
    }
}
