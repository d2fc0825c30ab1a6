using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class ListCommandTests
{
    private static readonly Timestamp Start = Timestamp.FromDateTimeOffset(new(2026, 11, 23, 9, 0, 0, 250, TimeSpan.Zero));

    [Theory]
    [InlineData("hosts", "hosts")]
    [InlineData("groups", "groups")]
    [InlineData("status", "programs")]
    public async Task Where_nothing_is_registered_a_hint_says_so_and_only_to_people(string command, string what)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnHosts = () => new();
        plane.Admin.OnGroups = () => new();
        plane.Admin.OnPrograms = _ => new();
        var run = await plane.RunAsync(command);
        (run.Code, run.Error).ShouldBe((0, $"hactl: no {what} are registered: 'hactl apply' registers them\n"));
        run.Out.ShouldNotContain("registered");
        foreach (var format in new[] { "json", "yaml" })
            (await plane.RunAsync(command, "-o", format)).Error.ShouldBe("", format);
    }

    [Fact]
    public async Task Hosts_are_a_table_by_name()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnHosts = () => new()
        {
            Hosts =
            {
                new HostStatus { Host = new() { Name = "b", Description = "rack 2", Fence = new() { Agent = "fence_apc" } }, State = HostState.Unknown },
                new HostStatus { Host = new() { Name = "c" }, State = HostState.Dead, DrainedBy = "CN=eve", DrainedReason = "new kernel", Detail = "its agent is not connected" },
                new HostStatus { Host = new() { Name = "d" }, State = HostState.Dead, Revocation = new() { By = "CN=eve", At = Start, Reason = "stolen" }, Detail = "its agent is not connected" },
                new HostStatus
                {
                    Host = new() { Name = "a" },
                    State = HostState.Live,
                    LastHeartbeatAge = TimeSpan.FromMilliseconds(120).ToProto(),
                    AgentVersion = "0.1.0",
                    Address = "10.0.0.1",
                    OwnedGroups = { "web", "db" },
                },
            },
        };
        var run = await plane.RunAsync("hosts");
        run.Out.ShouldBe("""
            HOST  STATE    HEARTBEAT    OWNS    ADDRESS   AGENT  FENCE      DETAIL
            a     live     0.120 s ago  db,web  10.0.0.1  0.1.0  -          -
            b     unknown  -            -       -         -      fence_apc  rack 2
            c     dead     -            -       -         -      -          drained by eve: new kernel; its agent is not connected
            d     dead     -            -       -         -      -          revoked by eve at 2026-11-23 09:00:00: stolen; its agent is not connected

            """);
        run.Code.ShouldBe(0);
    }

    [Fact]
    public async Task Groups_are_a_table_and_an_unknown_one_is_told()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnGroups = () => new()
        {
            Groups =
            {
                new GroupStatus
                {
                    Group = new()
                    {
                        Name = "web",
                        Locked = true,
                        Members = { new Member { Host = "b", Priority = 80 }, new Member { Host = "a", Priority = 120 } },
                        Vips = { new Vip { Address = "10.0.0.100/24" } },
                    },
                    Owner = "a",
                    Epoch = 3,
                    Phase = "Owned",
                    OwnedSince = Start,
                    LastReason = "first owner",
                    Backups = { new BackupStatus { Host = "b" }, new BackupStatus { Host = "c", Obstacle = "silent for 3.00 s" } },
                },
            },
        };
        var run = await plane.RunAsync("groups", "web", "nope");
        run.Out.ShouldBe("""
            GROUP  OWNER  EPOCH  PHASE         SINCE                MEMBERS       BACKUP                          ADDRESSES      DETAIL
            web    a      3      Owned,locked  2026-11-23 09:00:00  a(120),b(80)  b: ready, c: silent for 3.00 s  10.0.0.100/24  first owner

            """);
        run.Error.ShouldBe("nope: ERROR (no such group)\n");
        run.Code.ShouldBe(1);
    }

    [Fact]
    public async Task Switchover_is_a_timeline()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnSwitchover = _ => new()
        {
            FromHost = "a",
            ToHost = "b",
            Epoch = 4,
            Took = TimeSpan.FromMilliseconds(412).ToProto(),
            Steps = { Step("program:http", 60, 300, "spawn error"), Step("claim", 50, 1) },
        };
        var run = await plane.RunAsync("switchover", "web", "--to", "b");
        run.Out.ShouldBe("""
            web: moved from a to b, epoch 4, took 0.412 s
                  at, s   took, s  step
              +   0.050     0.001  claim
              +   0.060     0.300  program:http  FAILED: spawn error

            """);
        plane.Admin.Asked.ShouldHaveSingleItem().ShouldBe(
            new SwitchoverRequest { Group = "web", TargetHost = "b", Reason = "hactl switchover by wu" });
    }

    [Fact]
    public async Task A_drain_tells_what_moved_and_what_stays()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnDrain = _ => new()
        {
            Groups =
            {
                new DrainedGroup { Group = "web", Owner = "b", Epoch = 4, Took = TimeSpan.FromMilliseconds(412).ToProto() },
                new DrainedGroup { Group = "db", Owner = "a", Epoch = 2, Detail = "the group is locked" },
            },
        };
        var run = await plane.RunAsync("drain", "a", "--reason", "new kernel");
        run.Out.ShouldBe("db: stays on a for now: the group is locked\nweb: moved to b, epoch 4, took 0.412 s\n");
        run.Code.ShouldBe(1);
        plane.Admin.OnDrain = _ => new();
        run = await plane.RunAsync("drain", "a", "--no-wait");
        run.Out.ShouldBe("a: owned nothing, and nothing comes to it until 'hactl undrain a'\n");
        (await plane.RunAsync("undrain", "a")).Out.ShouldBe("a: may own groups again\n");
        (await plane.RunAsync("undrain", "b", "-o", "json")).Out.ShouldBe("{\n  \"host\": \"b\",\n  \"groups\": []\n}\n");
        plane.Admin.Asked.RemoveAt(3);
        plane.Admin.Asked.ShouldBe<object>([
            new DrainHostRequest { Host = "a", Reason = "new kernel" },
            new DrainHostRequest { Host = "a", Reason = "hactl drain by wu", NoWait = true },
            new UndrainHostRequest { Host = "a", Reason = "hactl undrain by wu" }]);
    }

    [Fact]
    public async Task Events_are_lines_with_their_steps_below()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnEvents = _ => new() { Events = { Event() } };
        var run = await plane.RunAsync("events", "--group", "web", "-n", "5");
        run.Out.ShouldBe("""
            2026-11-23 09:00:00.250  OwnerChanged          web                   b           a was lost [epoch 4] (by wu)
                +   0.050     0.001  claim

            """);
        plane.Admin.Asked.ShouldHaveSingleItem()
            .ShouldBe(new ListEventsRequest { Filter = new() { Group = "web" }, Limit = 5 });
    }

    [Fact]
    public async Task Followed_events_are_json_lines_and_go_on_where_a_lost_stream_ended()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var streams = 0;
        plane.Admin.OnWatch = _ => ++streams switch
        {
            1 => Lost([Event(17), Event(18)]),
            2 => [], // Ended in order, before anything came.
            3 => [Event(19)],
            _ => throw new RpcException(new(StatusCode.PermissionDenied, "the certificate was withdrawn")),
        };
        var run = await plane.RunAsync("events", "--follow", "-n", "7", "-o", "json");
        var lines = run.Out.TrimEnd().Split('\n');
        lines[0].ShouldBe(
            """
            {"id":17,"at":"2026-11-23T09:00:00.250000Z","kind":"OwnerChanged","group":"web","host":"b","program":null,"epoch":4,"message":"a was lost","actor":"wu","steps":[{"name":"claim","offset_seconds":0.05,"duration_seconds":0.001,"error":null}]}
            """);
        lines.Select(line => line[..8]).ShouldBe(["{\"id\":17", "{\"id\":18", "{\"id\":19"]);
        plane.Admin.Asked.Cast<WatchEventsRequest>().Select(r => r.HasResumeAfter ? r.ResumeAfter : -1).ShouldBe([-1, 18, 18, 19]);
        run.Error.ShouldContain("cannot do it now: it is shutting down; trying again until Ctrl-C");
        run.Error.ShouldContain("again, nothing was missed");
        run.Error.ShouldEndWith("hactl: not allowed: the certificate was withdrawn\n");
        run.Code.ShouldBe(1);
    }

    [Fact]
    public async Task Whoever_cannot_follow_from_the_beginning_is_told_at_once()
    {
        var run = await FakeControlPlane.RunAtAsync("http://127.0.0.1:1", "", "events", "--follow");
        run.Error.ShouldContain("connection refused");
        run.Error.ShouldNotContain("trying again");
        run.Code.ShouldBe(7);
    }

    private static IEnumerable<Event> Lost(Event[] first)
    {
        foreach (var item in first)
            yield return item;
        throw new RpcException(new(StatusCode.Unavailable, "it is shutting down"));
    }

    private static Event Event(long id)
    {
        var item = Event();
        item.Id = id;
        return item;
    }

    private static Event Event() => new()
    {
        Id = 17,
        At = Start,
        Kind = "OwnerChanged",
        Group = "web",
        Host = "b",
        Epoch = 4,
        Message = "a was lost",
        Actor = "wu",
        Steps = { Step("claim", 50, 1) },
    };

    private static Step Step(string name, int offset, int duration, string error = "") => new()
    {
        Name = name,
        Offset = TimeSpan.FromMilliseconds(offset).ToProto(),
        Duration = TimeSpan.FromMilliseconds(duration).ToProto(),
        Error = error,
    };
}
