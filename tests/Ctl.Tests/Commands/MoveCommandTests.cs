using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>history and why: who had a group, and how it came to where it is.</summary>
public sealed class MoveCommandTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task The_history_is_a_table_of_owners()
    {
        await using var plane = await WithHistoryAsync();
        var run = await plane.RunAsync("history", "web", "-n", "2");
        run.Out.ShouldBe("""
            SINCE                    EPOCH  OWNER  FROM  HELD     BY   WHY
            2026-11-23 09:00:11.800  2      b      a     0:01:08  -    a has been silent for 1.70 s
            2026-11-23 09:01:20.000  3      a      b     0:28:40  eve  back home

            """);
        run.Code.ShouldBe(0);
        plane.Admin.Asked.ShouldHaveSingleItem()
            .ShouldBe(new ListEventsRequest { Filter = new() { Group = "web", Kinds = { "OwnerPromoted" }, AllowUnknownKinds = true }, Limit = 3 });
    }

    [Fact]
    public async Task The_history_is_told_to_machines()
    {
        await using var plane = await WithHistoryAsync();
        var run = await plane.RunAsync("history", "web", "-n", "1", "-o", "json");
        run.Out.ShouldBe("""
            {
              "moves": [
                {
                  "group": "web",
                  "epoch": 3,
                  "from": "b",
                  "to": "a",
                  "at": "2026-11-23T09:01:20.000000Z",
                  "until": null,
                  "reason": "back home",
                  "actor": "eve",
                  "event_id": 40
                }
              ]
            }

            """);
    }

    [Fact]
    public async Task A_failover_is_explained_by_what_led_to_it_and_what_it_took()
    {
        await using var plane = await WithHistoryAsync();
        var run = await plane.RunAsync("why", "web", "--epoch", "2");
        run.Out.ShouldBe("""
            web moved from a to b at 2026-11-23 09:00:11.800, epoch 2: a has been silent for 1.70 s.
            Nobody asked for it: the control plane decided.
            Back again, a said: the agent did not run for 5.00 s: it was stopped, or got no processor.

            2026-11-23 09:00:10.600  HostSuspected         -                     a           no heartbeat for 0.60 s
            2026-11-23 09:00:11.400  LeaseLapsed           web                   a           no renewal came before the lease ended [epoch 1]
            2026-11-23 09:00:11.700  HostLost              -                     a           no heartbeat for 1.70 s
            2026-11-23 09:00:11.800  OwnerPromoted         web                   b           b shall own web: a has been silent for 1.70 s [epoch 2]
            2026-11-23 09:00:11.820  OwnershipTaken        web                   b           a has been silent for 1.70 s [epoch 2]
                +   0.001     0.004  gate
            2026-11-23 09:00:15.500  HostReturned          -                     a           the agent did not run for 5.00 s: it was stopped, or got no processor

            Now: Owned, a, epoch 3
              b could not take over now: silent for 3.00 s

            """);
        run.Code.ShouldBe(0);
    }

    [Fact]
    public async Task A_planned_change_names_who_asked_and_what_came_before_stays_away()
    {
        await using var plane = await WithHistoryAsync();
        var run = await plane.RunAsync("why", "web");
        run.Out.ShouldStartWith("""
            web moved from b to a at 2026-11-23 09:01:20.000, epoch 3: back home.
            eve asked for it.

            2026-11-23 09:01:19.000  SwitchoverStarted     web                   b           to a: back home [epoch 2] (by eve)
            """);
        run.Out.ShouldNotContain("HostSuspected");
        run.Out.ShouldNotContain("LeaseLapsed");
        run.Out.ShouldNotContain("Back again");
    }

    [Fact]
    public async Task Whoever_asks_for_what_is_not_there_is_told()
    {
        await using var plane = await WithHistoryAsync();
        var unknownEpoch = await plane.RunAsync("why", "web", "--epoch", "9");
        unknownEpoch.Error.ShouldBe("web: ERROR (epoch 9 is none of its last 1000 changes of owner; see 'hactl history web')\n");
        plane.Admin.OnGroups = () => new();
        plane.Admin.OnEvents = _ => new();
        var (history, why) = (await plane.RunAsync("history", "nope"), await plane.RunAsync("why", "nope"));
        (history.Error, why.Error).ShouldBe(("nope: ERROR (no such group)\n", "nope: ERROR (no such group)\n"));
        (unknownEpoch.Code, history.Code, why.Code).ShouldBe((1, 1, 1));
        (await plane.RunAsync("why", "web", "--epoch", "-1")).Error.ShouldContain("--epoch -1: must be a number above 0");
    }

    [Fact]
    public async Task A_group_that_waits_for_its_first_owner_says_for_what()
    {
        await using var plane = await WithHistoryAsync();
        plane.Admin.OnEvents = _ => new();
        plane.Admin.OnGroups = () => new()
        {
            Groups = { new GroupStatus { Group = new() { Name = "web" }, Phase = "Unowned", Detail = "no member can take over (a: never heard)" } },
        };
        var run = await plane.RunAsync("why", "web");
        run.Out.ShouldBe("web has never had an owner.\n\nNow: Unowned: no member can take over (a: never heard)\n");
        run.Code.ShouldBe(0);
    }

    private static async Task<FakeControlPlane> WithHistoryAsync()
    {
        var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnGroups = () => new()
        {
            Groups =
            {
                new GroupStatus
                {
                    Group = new() { Name = "web" },
                    Owner = "a",
                    Epoch = 3,
                    Phase = "Owned",
                    Backups = { new BackupStatus { Host = "b", Obstacle = "silent for 3.00 s" } },
                },
            },
        };
        Event[] all =
        [
            Of(10, 0, "OwnerPromoted", "web", "a", 1, "a shall own web: first owner"),
            Of(11, 20, "OwnershipTaken", "web", "a", 1, "first owner"),
            Of(20, 10_600, "HostSuspected", "", "a", 0, "no heartbeat for 0.60 s"),
            Of(21, 11_700, "HostLost", "", "a", 0, "no heartbeat for 1.70 s"),
            Of(22, 11_800, "OwnerPromoted", "web", "b", 2, "b shall own web: a has been silent for 1.70 s"),
            Of(23, 11_820, "OwnershipTaken", "web", "b", 2, "a has been silent for 1.70 s"),
            // What the former owner tells when it is back.
            Of(30, 11_400, "LeaseLapsed", "web", "a", 1, "no renewal came before the lease ended"),
            Of(31, 15_500, "HostReturned", "", "a", 0, "the agent did not run for 5.00 s: it was stopped, or got no processor"),
            // Of another day: it is no word about the loss.
            Of(32, 60_000, "AgentStarted", "", "a", 0, "the agent started again; the one before it had ended as it was asked to"),
            Of(39, 79_000, "SwitchoverStarted", "web", "b", 2, "to a: back home", "eve"),
            Of(40, 80_000, "OwnerPromoted", "web", "a", 3, "a shall own web: back home", "eve"),
        ];
        all[5].Steps.Add(new Step { Name = "gate", Offset = TimeSpan.FromMilliseconds(1).ToProto(), Duration = TimeSpan.FromMilliseconds(4).ToProto() });
        plane.Admin.OnEvents = request => new()
        {
            Events =
            {
                all.Where(e => (request.Filter.Group.Length == 0 || e.Group == request.Filter.Group)
                    && (request.Filter.Host.Length == 0 || e.Host == request.Filter.Host)
                    && (request.Filter.Kinds.Count == 0 || request.Filter.Kinds.Contains(e.Kind))
                    && (request.Filter.Since is null || e.At >= request.Filter.Since)).TakeLast(request.Limit),
            },
        };
        return plane;
    }

    private static Event Of(long id, int at, string kind, string group, string host, long epoch, string message, string actor = "") => new()
    {
        Id = id,
        At = Timestamp.FromDateTimeOffset(Start.AddMilliseconds(at)),
        Kind = kind,
        Group = group,
        Host = host,
        Epoch = epoch,
        Message = message,
        Actor = actor,
    };
}
