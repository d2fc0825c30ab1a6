using System.Text.Json;
using Google.Protobuf.WellKnownTypes;
using HaGrpc.Contracts;
using HaGrpc.V1;
using GroupTiming = HaGrpc.Core.Model.GroupTiming;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary><c>hactl groups -v</c>.</summary>
public sealed class WholeGroupTests
{
    private static readonly Timestamp Start = Timestamp.FromDateTimeOffset(new(2026, 11, 23, 9, 0, 0, 250, TimeSpan.Zero));

    [Fact]
    public async Task Each_group_is_printed_with_all_that_is_registered_of_it()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnGroups = () => new() { Groups = { Shop(), new GroupStatus { Group = new() { Name = "bare", Locked = true }, Phase = "Unowned" } } };
        var run = await plane.RunAsync("groups", "-v");
        run.Out.ShouldBe("""
            bare
              owner                     none
              phase                     Unowned
              locked                    by its manifest (locked: true)
              members                   none
              vips                      none
              routes                    none
              timing                    default: ttl 1.5s, heartbeat 300ms, takeover_margin 200ms, solo_ttl 10m
              sync_group                none
              checks                    none
              directories               none
              failback                  manual
              fencing                   off
              flap_budget               none
              announce_interval         1m
              duplicate_probe_interval  900ms
              drop_connections          no
              hooks                     none

            shop
              owner                     a, epoch 3, since 2026-11-23 09:00:00: first owner
              phase                     Owned: it is drained
              locked                    everything, by eve until 2026-11-23 09:00:00: freeze
                                        group shop, by wu, until it is unlocked
              members                   a(120, now 90 by its checks): owner
                                        b(80): 90 % ready: web path: /srv is missing
              vips                      10.0.0.50/32 on eth0
                                        10.0.0.51/32 on eth0, label eth0:shop, script /usr/local/sbin/claim-vip
              routes                    default via 10.0.0.1 on eth0, from 10.0.0.50
                                        10.9.0.0/16 on eth1
              timing                    ttl 5s, heartbeat 1s, takeover_margin 700ms, solo_ttl 20m
              sync_group                front
              checks                    gateway: ping 10.0.0.1 (a bad one makes its host unfit, every 1s, timeout 1s, rise 2, fall 3)
                                        uplink: link eth1 (weight -30, rise 2, fall 3)
                                        app: /bin/app check 'one two' (weight 5, every 2s, timeout 500ms, rise 1, fall 1, user www, reverse, init_fail)
              directories               /srv/shop (max_lag 30m, exclude '*.log' cache/)
                                        /srv/www (max_lag 10m)
              failback                  automatic, after 1m, 22:30-04:00 Asia/Shanghai, sat, sun
              fencing                   required
              flap_budget               3 moves in 10m
              announce_interval         never by the clock
              duplicate_probe_interval  at takeovers and with announcements
              drop_connections          yes
              hooks                     tell, after promote, demote: /bin/tell --up 'rack 2' 'it'\''s^[' (timeout 5s, user www)
                                        old, before promote: /etc/notify.sh (timeout 10s, style keepalived)

            """);
        run.Code.ShouldBe(0);
    }

    [Fact]
    public async Task An_unknown_one_is_told_and_nothing_is_printed()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync("groups", "--verbose", "nope");
        (run.Out, run.Error, run.Code).ShouldBe(("", "nope: ERROR (no such group)\n", 1));
    }

    [Fact]
    public async Task Machines_get_all_of_it_anyway()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnGroups = () => new() { Groups = { Shop() } };
        var run = await plane.RunAsync("groups", "-o", "json");
        (await plane.RunAsync("groups", "-v", "-o", "json")).Out.ShouldBe(run.Out);
        var group = JsonDocument.Parse(run.Out).RootElement.GetProperty("groups")[0];
        group.GetProperty("solo_ttl_seconds").GetDouble().ShouldBe(1200);
        group.GetProperty("failback_delay_seconds").GetDouble().ShouldBe(60);
        group.GetProperty("announce_interval_seconds").GetDouble().ShouldBe(0);
        group.GetProperty("duplicate_probe_interval_seconds").GetDouble().ShouldBe(0);
        group.GetProperty("failback_window").GetString().ShouldBe("22:30-04:00 Asia/Shanghai, sat, sun");
        (group.GetProperty("fencing").GetString(), group.GetProperty("drop_connections").GetBoolean()).ShouldBe(("required", true));
        group.GetProperty("members").EnumerateArray().Select(Text).ShouldBe(
            ["""{"host":"b","priority":80,"effective_priority":80}""", """{"host":"a","priority":120,"effective_priority":90}"""]);
        Text(group.GetProperty("checks")[1]).ShouldBe(
            """{"name":"uplink","ping":"","exec":[],"link":"eth1","user":"","interval_seconds":1,"timeout_seconds":1,"rise":2,"fall":3,"weight":-30,"reverse":false,"init_fail":false}""");
        Text(group.GetProperty("flap_budget")).ShouldBe("""{"moves":3,"window_seconds":600}""");
        Text(group.GetProperty("hooks")[0]).ShouldStartWith("""{"name":"tell","events":["promote","demote"],"phase":"after","command":["/bin/tell","--up","rack 2",""");
        Text(group.GetProperty("hooks")[1]).ShouldBe(
            """{"name":"old","events":["promote"],"phase":"before","command":["/etc/notify.sh"],"timeout_seconds":10,"user":"","style":"keepalived"}""");
    }

    private static string Text(JsonElement element) => JsonSerializer.Serialize(element);

    private static GroupStatus Shop() => new()
    {
        Group = new()
        {
            Name = "shop",
            Members = { new Member { Host = "b", Priority = 80 }, new Member { Host = "a", Priority = 120 } },
            Vips = { new Vip { Address = "10.0.0.50/32", Interface = "eth0" }, new Vip { Address = "10.0.0.51/32", Interface = "eth0", Label = "eth0:shop", Script = "/usr/local/sbin/claim-vip" } },
            Routes =
            {
                new Route { Destination = "default", Gateway = "10.0.0.1", Interface = "eth0", Source = "10.0.0.50" },
                new Route { Destination = "10.9.0.0/16", Interface = "eth1" },
            },
            Timing = (GroupTiming.Calm with { TakeoverMargin = TimeSpan.FromMilliseconds(700), SoloTtl = TimeSpan.FromMinutes(20) }).ToProto(),
            SyncGroup = "front",
            Checks =
            {
                new HostCheck { Name = "gateway", Ping = "10.0.0.1" },
                new HostCheck { Name = "uplink", Link = "eth1", Weight = -30 },
                new HostCheck
                {
                    Name = "app",
                    Exec = { "/bin/app", "check", "one two" },
                    User = "www",
                    Interval = TimeSpan.FromSeconds(2).ToProto(),
                    Timeout = TimeSpan.FromMilliseconds(500).ToProto(),
                    Rise = 1,
                    Fall = 1,
                    Weight = 5,
                    Reverse = true,
                    InitFail = true,
                },
            },
            Directories =
            {
                new GroupDirectory { Path = "/srv/shop", Exclude = { "*.log", "cache/" }, MaxLag = TimeSpan.FromMinutes(30).ToProto() },
                new GroupDirectory { Path = "/srv/www" },
            },
            Failback = new()
            {
                Mode = FailbackMode.Automatic,
                Delay = TimeSpan.FromMinutes(1).ToProto(),
                Window = new() { FromMinute = 1350, ToMinute = 240, Zone = "Asia/Shanghai", Days = { WeekDay.Saturday, WeekDay.Sunday } },
            },
            Fencing = Fencing.Required,
            DropConnections = true,
            DuplicateProbeInterval = TimeSpan.Zero.ToProto(),
            FlapBudget = new() { Moves = 3, Window = TimeSpan.FromMinutes(10).ToProto() },
            AnnounceInterval = TimeSpan.Zero.ToProto(),
            Hooks =
            {
                new Hook
                {
                    Name = "tell",
                    Events = { HookEvent.Promote, HookEvent.Demote },
                    Phase = HookPhase.After,
                    Command = { "/bin/tell", "--up", "rack 2", "it's\e" },
                    Timeout = TimeSpan.FromSeconds(5).ToProto(),
                    User = "www",
                    Style = HookStyle.Plain,
                },
                new Hook { Name = "old", Events = { HookEvent.Promote }, Phase = HookPhase.Before, Command = { "/etc/notify.sh" }, Style = HookStyle.Keepalived },
            },
        },
        Owner = "a",
        EffectivePriorities = { ["a"] = 90, ["b"] = 80 },
        Epoch = 3,
        Phase = "Owned",
        Detail = "it is drained",
        OwnedSince = Start,
        LastReason = "first owner",
        Backups =
        {
            new BackupStatus { Host = "b", Readiness = new() { Score = 90, Failing = { new Finding { Subject = "web", What = "path", Value = "/srv is missing" } } } },
        },
        Locks =
        {
            new OperatorLock { Target = new() { Scope = LockScope.Everything }, LockedBy = "eve", LockedAt = Start, ExpiresAt = Start, Reason = "freeze" },
            new OperatorLock { Target = new() { Scope = LockScope.Group, Name = "shop" }, LockedBy = "wu", LockedAt = Start },
        },
    };
}
