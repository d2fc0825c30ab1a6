using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Import;

/// <summary>Groups from keepalived's instances.</summary>
public sealed class KeepalivedTests
{
    [Fact]
    public void What_stands_behind_the_one_value_of_an_option_is_lost_and_named()
    {
        var run = ImportedFiles.Keepalived("""
            vrrp_instance VI_1 {
                interface eth0 nopreempt
                priority 120 advert_int 2
            }
            """);
        run.Lost.ShouldBe([
            "keepalived.conf:2: vrrp_instance VI_1 interface: nopreempt: stands behind the one value of interface, and is not read",
            "keepalived.conf:3: vrrp_instance VI_1 priority: advert_int 2: stands behind the one value of priority, and is not read"]);
        run.Group.Members[0].Priority.ShouldBe(120);
    }

    [Fact]
    public void An_instance_is_a_group()
    {
        var run = ImportedFiles.Keepalived("""
            ! Configuration
            global_defs {
                router_id R1
                script_user apps
            }
            vrrp_instance VI_1 {   # one
                state BACKUP
                interface bond0
                virtual_router_id 140
                priority 120
                advert_int 1
                nopreempt
                authentication {
                    auth_type PASS
                    auth_pass geheim
                }
                virtual_ipaddress {
                    192.168.9.112/24 dev eth2 label eth2:vip
                    10.9.0.112/24 dev bond0 label bond0:vip scope global
                    10.9.0.113
                }
                virtual_ipaddress_excluded {
                    2001:db8::1/64 dev eth2 -nodad
                }
                virtual_routes {
                    10.9.0.0/24 dev bond0 src 10.9.0.112
                    src 10.9.0.112 to 10.8.1.0/24 via 10.9.0.254 dev bond0
                    default gw 10.9.0.254
                }
                notify_master "/etc/keepalived/run.sh all 'a b'"
                notify /etc/keepalived/notify.sh root
                garp_master_refresh 60
            }
            """);
        run.Lost.ShouldBeEmpty();
        var group = run.Group;
        group.Name.ShouldBe("VI_1");
        group.Members.ShouldBe([new("a", 120), new("b", 80)]);
        group.Vips.ShouldBe([
            new("192.168.9.112/24", "eth2", "eth2:vip"), new("10.9.0.112/24", "bond0", "bond0:vip"), new("10.9.0.113/32", "bond0"), new("2001:db8::1/64", "eth2"),
        ]);
        group.Routes.ShouldBe([
            new("10.9.0.0/24", "", "bond0", "10.9.0.112"), new("10.8.1.0/24", "10.9.0.254", "bond0", "10.9.0.112"), new("default", "10.9.0.254", "bond0"),
        ]);
        group.Failback.ShouldBe(new(FailbackMode.Manual, TimeSpan.Zero));
        group.Timing.ShouldBe(GroupTiming.Default);
        group.AnnounceInterval.ShouldBe(TimeSpan.FromSeconds(60));
        var (master, notify) = (group.Hooks[0], group.Hooks[1]);
        (master.Name, master.Style, master.User, master.Timeout).ShouldBe(("notify_master", HookStyle.KeepalivedState, "apps", TimeSpan.FromMinutes(5)));
        master.Events.ShouldBe([HookEvent.Promote]);
        master.Command.ShouldBe(["/etc/keepalived/run.sh", "all", "a b"]);
        (notify.Style, notify.User).ShouldBe((HookStyle.Keepalived, "root"));
        notify.Events.ShouldBe([HookEvent.Promote, HookEvent.Demote, HookEvent.Fault, HookEvent.Stop]);
        run.Text.ShouldNotContain("geheim");
        run.Notes.ShouldContain("keepalived.conf:10: vrrp_instance VI_1 priority: the priority of b stands in its own configuration and was made up: --peer b=PRIORITY says it");
        run.Notes.ShouldContain("keepalived.conf:11: vrrp_instance VI_1 advert_int: a host that is lost was replaced after 3.53 s; with timing: default it is after about 1.7 s");
    }

    [Theory]
    [InlineData("state MASTER", FailbackMode.Automatic, 0)]
    [InlineData("state BACKUP\npreempt_delay 300", FailbackMode.Automatic, 300)]
    [InlineData("state BACKUP\nnopreempt", FailbackMode.Manual, 0)]
    [InlineData("state MASTER\nnopreempt", FailbackMode.Automatic, 0)]
    [InlineData("", FailbackMode.Automatic, 0)]
    public void Preemption_is_failback(string lines, FailbackMode mode, int delay)
    {
        var run = Instance(lines);
        run.Group.Failback.ShouldBe(new(mode, TimeSpan.FromSeconds(delay)));
        run.Lost.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("0.1", "fast")]
    [InlineData("1", "default")]
    [InlineData("5", "calm")]
    public void Advertisements_are_timing(string interval, string profile)
    {
        var expected = profile switch { "fast" => GroupTiming.Fast, "calm" => GroupTiming.Calm, _ => GroupTiming.Default };
        Instance($"advert_int {interval}").Group.Timing.ShouldBe(expected);
    }

    [Fact]
    public void Members_have_the_priorities_that_are_given()
    {
        var target = new HaGrpc.Ctl.Import.ImportTarget(new("a", null), [new("b", 50), new("c", null), new("d", null)], null);
        Instance("priority 90", target).Group.Members.ShouldBe([new("a", 90), new("b", 50), new("c", 130), new("d", 129)]);
        Instance("priority 90", ImportedFiles.Pair with { Host = new("a", 10) }).Group.Members.ShouldBe([new("a", 10), new("b", 50)]);
    }

    [Theory]
    [InlineData("virtual_ipaddress {\n10.0.0.9 brd 10.0.0.255\n}", "virtual_ipaddress: 10.0.0.9: brd 10.0.0.255 is not set on a VIP")]
    [InlineData("virtual_ipaddress {\n10.0.0.9 scope link\n}", "virtual_ipaddress: 10.0.0.9: scope link is not set on a VIP")]
    [InlineData("virtual_ipaddress {\n10.0.0.1 label eth0:1\n}", "virtual_ipaddress: 10.0.0.1/32: is there already, from line 5")]
    [InlineData("virtual_ipaddress {\n10.0.0.0/24\n}", "virtual_ipaddress: 10.0.0.0/24: this is the network's own address (host bits are zero); a host address in 10.0.0.0/24 is needed; the whole vip is left out")]
    [InlineData("virtual_routes {\nblackhole 10.1.0.0/16\n}", "virtual_routes: blackhole 10.1.0.0/16: a route of a group is an ordinary one of the main table")]
    [InlineData("virtual_routes {\n10.1.0.0/16 via 10.0.0.2 table 100\n}", "virtual_routes: 10.1.0.0/16 via 10.0.0.2 table 100: a route of a group is an ordinary one")]
    [InlineData("virtual_routes {\n10.1.0.0/16 via 10.0.0.2 dev eth0 metric 5\n}", "virtual_routes: 10.1.0.0/16 via 10.0.0.2 dev eth0 metric 5: metric 5 is not set on a route")]
    [InlineData("virtual_rules {\nfrom 10.0.0.0/24 table 2\n}", "virtual_rules: from 10.0.0.0/24 table 2: a group has no rules of routing")]
    [InlineData("track_script {\nnope\n}", "track_script: nope: no such vrrp_script")]
    [InlineData("track_process {\nhaproxy\n}", "track_process: haproxy: is not watched")]
    [InlineData("\nsmtp_alert", "smtp_alert: no mail and no pipe")]
    [InlineData("\nuse_vmac vrrp1", "use_vmac: a VIP has its interface's own hardware address")]
    [InlineData("\nnotify_deleted /bin/x", "notify_deleted: /bin/x: there is no such occasion")]
    [InlineData("\nnotify_master relative.sh", "notify_master: relative.sh: must begin with an absolute path: nothing is searched for, and no shell reads it; the whole hook is left out")]
    [InlineData("\nwhatever 1 2", "whatever: 1 2: a group has nothing of that kind")]
    public void What_cannot_be_carried_over_is_told_with_its_line(string lines, string message)
    {
        var run = Instance(lines);
        run.Group.Name.ShouldBe("VI_1");
        run.Lost.ShouldContain(lost => lost.StartsWith($"keepalived.conf:8: vrrp_instance VI_1 {message}", StringComparison.Ordinal));
    }

    [Fact]
    public void Checks_and_sync_groups_are_carried_over()
    {
        var run = ImportedFiles.Keepalived("""
            vrrp_script chk {
                script "/usr/bin/chk --all"
                interval 2
                weight -4
                fall 2
                rise 3
                timeout 5
                user apps
                init_fail
            }
            vrrp_script unused { script "/bin/true" }
            vrrp_sync_group G1 {
                group { VI_1 VI_9 }
                notify_master /bin/both
                notify /bin/all
            }
            vrrp_instance VI_1 {
                interface eth0
                track_script { chk weight 20 reverse }
                track_interface {
                    eth1 weight -2
                    eth2
                }
                virtual_ipaddress { 10.0.0.1 }
            }
            """);
        run.Group.Hooks.ShouldHaveSingleItem().Command.ShouldBe(["/bin/both"]);
        run.Group.SyncGroup.ShouldBe("G1");
        run.Group.Checks.Select(c => (c.Name, c.Link, Weight: c.Weight ?? 0, c.Reverse, c.InitFail)).ShouldBe(
            [("chk", "", 20, true, true), ("link-eth1", "eth1", -2, false, false), ("link-eth2", "eth2", 0, false, false), ("link-eth0", "eth0", 0, false, false)]);
        var script = run.Group.Checks[0];
        script.Exec.ShouldBe(["/usr/bin/chk", "--all"]);
        (script.Interval, script.Timeout, script.Rise, script.Fall, script.User)
            .ShouldBe((TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5), 3, 2, "apps"));
        run.Lost.ShouldBe([
            "keepalived.conf:13: vrrp_sync_group G1: VI_9: no such vrrp_instance",
            "keepalived.conf:15: vrrp_sync_group G1 notify: /bin/all: it was called with GROUP and G1; there is no such call: give it to the groups themselves",
        ]);
        run.Notes.ShouldContain("keepalived.conf:11: vrrp_script: unused: nothing tracks it");
    }

    // As keepalived 2.2.7 was seen to go to FAULT: for its own interface and those of addresses and routes, not for those of virtual_ipaddress_excluded.
    [Theory]
    [InlineData("", "dev eth0", "link-eth0")]
    [InlineData("dont_track_primary", "dev eth0", "")]
    [InlineData("dont_track_primary", "dev eth1", "link-eth1")]
    [InlineData("", "dev eth1", "link-eth0 link-eth1")]
    [InlineData("", "dev eth1 no_track", "link-eth0")]
    [InlineData("virtual_routes { 10.9.0.0/16 dev eth2 }", "dev eth0", "link-eth0 link-eth2")]
    [InlineData("virtual_ipaddress_excluded { 10.9.0.1/16 dev eth2 }", "dev eth0", "link-eth0")]
    [InlineData("track_interface { eth0 }", "dev eth0", "link-eth0")]
    public void What_keepalived_tracks_without_being_told_to_is_checked(string option, string dev, string checks)
    {
        var run = ImportedFiles.Keepalived($$"""
            vrrp_instance VI_1 {
                interface eth0
                {{option}}
                virtual_ipaddress {
                    10.0.0.1/24 {{dev}}
                }
            }
            """);
        string.Join(' ', run.Group.Checks.Select(check => check.Name)).ShouldBe(checks);
        run.Lost.ShouldBeEmpty();
    }

    // Each was put before keepalived 2.2.7 with real links, one of which was cut. Without a check it stayed MASTER with its priority.
    [Theory]
    [InlineData("track_interface { eth0 weight -5 }", "dev eth0", "link-eth0 FAULT", "")]
    [InlineData("track_interface { eth0 weight 5 }", "dev eth0", "link-eth0 FAULT", "")]
    [InlineData("track_interface { eth0 weight 0 reverse }", "dev eth0", "link-eth0 FAULT", "")]
    [InlineData("dont_track_primary\ntrack_interface { eth0 weight -5 }", "dev eth0", "", "")]
    [InlineData("dont_track_primary\ntrack_interface { eth0 }", "dev eth0", "", "")]
    [InlineData("track_interface { eth1 weight -5 }", "dev eth1", "link-eth1 FAULT, link-eth0 FAULT", "")]
    [InlineData("track_interface { eth1 weight -5 }\nvirtual_routes { 10.9.0.0/16 dev eth1 }", "dev eth0", "link-eth1 FAULT, link-eth0 FAULT", "")]
    [InlineData("track_interface { eth1 weight -5 }", "dev eth1 no_track", "link-eth1 -5, link-eth0 FAULT", "")]
    [InlineData("track_interface { eth1 weight 5 reverse }", "dev eth0", "link-eth1 5 reverse, link-eth0 FAULT", "")]
    [InlineData("track_interface { eth1 weight 400 }", "dev eth0", "link-eth1 FAULT, link-eth0 FAULT",
        "weight 400: not a weight from -253 to 253; keepalived goes on as if it were not there")]
    [InlineData("track_interface {\neth1 weight -5\neth1 weight -7\n}", "dev eth0", "link-eth1 -5, link-eth0 FAULT", "")]
    [InlineData("track_interface { eth1 weight }", "dev eth0", "link-eth0 FAULT",
        "eth1 weight: keepalived ignores the line, since only 'weight NUMBER' may stand behind an interface; nothing tracks it")]
    [InlineData("track_interface { eth1 reverse }", "dev eth0", "link-eth0 FAULT",
        "eth1 reverse: keepalived ignores the line, since only 'weight NUMBER' may stand behind an interface; nothing tracks it")]
    public void A_weight_of_an_interface_counts_where_it_does_for_keepalived(string option, string dev, string checks, string lost)
    {
        var run = ImportedFiles.Keepalived($$"""
            vrrp_instance VI_1 {
                interface eth0
                {{option}}
                virtual_ipaddress {
                    10.0.0.1/24 {{dev}}
                }
            }
            """);
        string.Join(", ", run.Group.Checks.Select(check => $"{check.Name} {check.Weight?.ToString(CultureInfo.InvariantCulture) ?? "FAULT"}{(check.Reverse ? " reverse" : "")}"))
            .ShouldBe(checks);
        string.Join('\n', run.Lost.Select(line => line.Split(": ", 3)[2])).ShouldBe(lost);
        if (checks.Split(", ").All(check => check is "" || check.EndsWith("FAULT", StringComparison.Ordinal)) && option.Contains("weight -", StringComparison.Ordinal))
            run.Notes.ShouldContain(line => line.Contains("weight -5: ", StringComparison.Ordinal));
    }

    // A sync group may name the own interface of its instances: there the weight counts, unless the instance goes to FAULT by itself.
    [Theory]
    [InlineData("", "FAULT")]
    [InlineData("dont_track_primary", "-5")]
    public void A_weight_of_an_own_interface_counts_in_a_sync_group(string option, string weight)
    {
        var run = ImportedFiles.Keepalived($$"""
            vrrp_sync_group G {
                group { VI_1 }
                track_interface { eth0 weight -5 }
            }
            vrrp_instance VI_1 {
                interface eth0
                {{option}}
                virtual_ipaddress { 10.0.0.1/24 }
            }
            """);
        (run.Group.Checks.ShouldHaveSingleItem().Weight?.ToString(CultureInfo.InvariantCulture) ?? "FAULT").ShouldBe(weight);
        run.Lost.ShouldBeEmpty();
    }

    [Fact]
    public void A_file_that_includes_itself_is_read_once()
    {
        using var files = new ImportedFiles();
        files.Write("keepalived.conf", "include keepalived.conf\nvrrp_instance VI_1 {\n interface eth0\n virtual_ipaddress { 10.0.0.1 }\n}\n");
        var run = files.ImportKeepalived();
        run.Group.Name.ShouldBe("VI_1");
        run.Lost.ShouldHaveSingleItem().ShouldEndWith("keepalived.conf: is being read already, files include each other");
    }

    [Theory]
    [InlineData("", 90)]
    [InlineData("garp_master_refresh 30", 30)]
    [InlineData("garp_master_refresh 0", 60)]
    public void Announcements_are_as_often_as_the_instance_or_else_all_of_keepalived_says(string option, int seconds)
    {
        var run = ImportedFiles.Keepalived($$"""
            global_defs {
                vrrp_garp_master_refresh 90
            }
            vrrp_instance VI_1 {
                interface eth0
                {{option}}
                virtual_ipaddress {
                    10.0.0.1/24
                }
            }
            """);
        run.Group.AnnounceInterval.ShouldBe(TimeSpan.FromSeconds(seconds));
        run.Lost.ShouldBeEmpty();
    }

    [Fact]
    public void Everything_at_the_top_is_named()
    {
        var run = ImportedFiles.Keepalived("""
            global_defs {
                notification_email { root@localhost }
                smtp_server 127.0.0.1
                vrrp_garp_master_delay 1
                lvs_sync_daemon eth0 VI_1
            }
            static_routes { 10.9.0.0/16 via 10.0.0.2 dev eth0 }
            virtual_server 10.0.0.1 80 {
                lb_algo rr
                real_server 10.0.0.2 80 { weight 1 }
            }
            vrrp_instance VI_1 { interface eth0
                virtual_ipaddress { 10.0.0.1 } }
            bfd_instance x { }
            """);
        run.Group.Vips.ShouldBe([new("10.0.0.1/32", "eth0")]);
        run.Lost.Select(line => string.Join(": ", line.Split(": ")[..2])).ShouldBe([
            "keepalived.conf:2: global_defs notification_email", "keepalived.conf:3: global_defs smtp_server", "keepalived.conf:5: global_defs lvs_sync_daemon",
            "keepalived.conf:7: static_routes", "keepalived.conf:8: virtual_server", "keepalived.conf:14: bfd_instance",
        ]);
    }

    [Fact]
    public void Includes_definitions_and_lines_for_one_host_are_worked_off()
    {
        using var files = new ImportedFiles();
        files.Write("keepalived.conf", "$VIP=10.0.0.1\n$IF = \"eth0\"\ninclude conf.d/*.conf\ninclude none.conf\n");
        files.Write("conf.d/a.conf", "vrrp_instance VI_1\n{\n  interface ${IF}\n@a priority 150\n@b priority 50\n@^b state MASTER\n  virtual_ipaddress {\n    $VIP \\\n      dev eth1\n  }\n}\n");
        var run = files.ImportKeepalived();
        run.Group.Members[0].ShouldBe(new("a", 150));
        run.Group.Vips.ShouldBe([new("10.0.0.1/32", "eth1")]);
        run.Lost.ShouldBe(["keepalived.conf:4: include: none.conf: no such file here"]);
        run.Notes.ShouldContain("conf.d/a.conf:5: @b priority 50: holds for another host than a (keepalived's config id)");
    }

    [Theory]
    [InlineData("vrrp_instance VI_1 {\n", "keepalived.conf:2: a block is not closed: } is missing")]
    [InlineData("}\n", "keepalived.conf:1: a } too many")]
    public void Braces_that_do_not_match_are_no_configuration(string text, string problem)
    {
        var run = ImportedFiles.Keepalived(text);
        run.Manifest.ShouldBeNull();
        run.Problems.ShouldContain(line => line.EndsWith(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_of_two_settings_counts_and_the_group_keeps_its_comment()
    {
        var run = ImportedFiles.Keepalived("# 主机 140 的地址\nvrrp_instance VI_1 {\ninterface eth0\npriority 10\npriority 20\nvirtual_ipaddress {\n10.0.0.1\n}\n}\n");
        run.Group.Members[0].Priority.ShouldBe(20);
        run.Notes.ShouldContain("keepalived.conf:4: vrrp_instance VI_1 priority: 10: line 5 says 20, and the last one counts");
        run.Text.ShouldContain("  # 主机 140 的地址\n  - name: VI_1\n");
    }

    private static Outcome Instance(string lines, HaGrpc.Ctl.Import.ImportTarget? target = null) => ImportedFiles.Keepalived(
        $"vrrp_instance VI_1 {{\ninterface eth0\nvirtual_router_id 1\nvirtual_ipaddress {{\n10.0.0.1\n}}\n{lines}\n}}\n", target);
}
