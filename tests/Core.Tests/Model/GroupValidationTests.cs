using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class GroupValidationTests
{
    [Fact]
    public void The_sample_is_correct() => Sample.Errors(Sample.Set()).ShouldBeEmpty();

    [Theory]
    [InlineData("", "groups[0].name: a group needs a name")]
    [InlineData("a b", "groups[0].name: a b: the name of a group must not contain white space")]
    [InlineData("a:b", "groups[0].name: a:b: the name of a group must not contain ':'")]
    [InlineData("a/b", "groups[0].name: a/b: the name of a group must not contain '/'")]
    [InlineData("..", "groups[0].name: ..: the name of a group must not begin with '.' (it is a directory name and an argument)")]
    [InlineData("-x", "groups[0].name: -x: the name of a group must not begin with '-' (it is a directory name and an argument)")]
    [InlineData("a\u0007", "groups[0].name: a\u0007: the name of a group must not contain control characters")]
    [InlineData("all", "groups[0].name: all: 'all' selects every program: choose another name")]
    public void A_bad_name_is_refused(string name, string error) => Sample
        .Errors(new ModelSet([new("a"), new("b")], [Sample.Group with { Name = name }], []))
        .ShouldBe([error]);

    [Fact]
    public void A_name_has_at_most_63_bytes()
    {
        Sample.Errors(new ModelSet([new(new string('x', 63))], [], [])).ShouldBeEmpty();
        Sample.Errors(new ModelSet([new("主" + new string('x', 61))], [], [])).Single()
            .ShouldEndWith("the name of a host has at most 63 bytes, this one has 64");
    }

    [Fact]
    public void A_group_needs_a_member() => Sample.Errors(Sample.Group with { Members = [] })
        .ShouldBe(["groups[0].members: a group needs at least one member: {host: NAME, priority: 1 to 255}"]);

    [Fact]
    public void Members_differ_in_host_and_priority_and_every_error_is_told() =>
        Sample.Errors(Sample.Group with { Members = [new("a", 100), new("b", 100), new("a", 256), new("c", 0)] })
            .ShouldBe([
                "groups[0].members[1].priority: 100: the priorities of a group's members differ; a has this one already",
                "groups[0].members[2].priority: 256: a member's priority is 1 to 255",
                "groups[0].members[2].host: a: this host is a member already",
                "groups[0].members[3].priority: 0: a member's priority is 1 to 255",
                "groups[0].members[3].host: c: unknown host; known: a, b",
            ]);

    [Theory]
    [InlineData("", "the address is missing, for example 192.0.2.10/32")]
    [InlineData("10.0.0.100", "10.0.0.100: the prefix length is missing: write 10.0.0.100/32, or the length of the interface's network")]
    [InlineData("2001:db8::1", "2001:db8::1: the prefix length is missing: write 2001:db8::1/128, or the length of the interface's network")]
    [InlineData("10.0.1/24", "10.0.1/24: not an address with a prefix length, for example 192.0.2.10/32 or 2001:db8::10/128")]
    [InlineData("10.0.0.1/33", "10.0.0.1/33: not an address with a prefix length, for example 192.0.2.10/32 or 2001:db8::10/128")]
    [InlineData("10.0.0.0/24", "10.0.0.0/24: this is the network's own address (host bits are zero); a host address in 10.0.0.0/24 is needed")]
    [InlineData("10.0.0.255/24", "10.0.0.255/24: this is the network's broadcast address")]
    [InlineData("224.0.0.1/32", "224.0.0.1/32: a multicast or reserved address cannot be a virtual IP")]
    [InlineData("ff02::1/128", "ff02::1/128: a multicast or reserved address cannot be a virtual IP")]
    [InlineData("10.0.0.1/0", "10.0.0.1/0: prefix length 0 is the whole Internet; use the length of the interface's network")]
    public void A_bad_address_is_refused(string address, string error) => Sample
        .Errors(Sample.Group with { Vips = [new(address, "eth0")] })
        .ShouldBe([$"groups[0].vips[0].address: {error}"]);

    [Theory]
    [InlineData("10.0.0.9/32", "eth0", "eth1:x", "eth1:x: a label begins with the interface's name and a colon: eth0:…")]
    [InlineData("10.0.0.9/32", "eth0", "eth0:", "eth0:: the label ends after the colon; for example eth0:vip")]
    [InlineData("10.0.0.9/32", "interface0", "interface0:virtual", "interface0:virtual: a label has at most 15 bytes, this one has 18")]
    [InlineData("2001:db8::9/128", "eth0", "eth0:x", "eth0:x: an IPv6 address has no label; leave it out")]
    public void A_bad_label_is_refused(string address, string link, string label, string error) => Sample
        .Errors(Sample.Group with { Vips = [new(address, link, label)] })
        .ShouldBe([$"groups[0].vips[0].label: {error}"]);

    [Theory]
    [InlineData("", "the name of the network interface is missing, for example eth0")]
    [InlineData("abcdefghijklmnop", "abcdefghijklmnop: an interface's name has at most 15 bytes")]
    [InlineData("eth0:1", "eth0:1: not an interface's name: no slash, colon or white space (a label goes into 'label')")]
    public void A_bad_interface_is_refused(string link, string error) => Sample
        .Errors(Sample.Group with { Vips = [new("10.0.0.9/32", link)] })
        .ShouldBe([$"groups[0].vips[0].interface: {error}"]);

    [Theory]
    [InlineData("", "10.0.0.1", "", "destination: the destination is missing: a prefix such as 198.51.100.0/24, or default")]
    [InlineData("10.20.0.5/16", "10.0.0.1", "", "destination: 10.20.0.5/16: bits behind the prefix are set; write 10.20.0.0/16")]
    [InlineData("10.20.0.0", "10.0.0.1", "", "destination: 10.20.0.0: not a prefix such as 198.51.100.0/24 or 2001:db8::/32, and not default")]
    [InlineData("10.20.0.0/16", "2001:db8::1", "", "gateway: 2001:db8::1: an IPv6 address in an IPv4 route")]
    [InlineData("default", "10.0.0.1", "2001:db8::1", "source: 2001:db8::1: an IPv6 address in an IPv4 route")]
    [InlineData("default", "10.0.0.1/24", "", "gateway: 10.0.0.1/24: not an address without prefix length: the next hop, for example 192.0.2.1")]
    [InlineData("default", "10.0.0.1", "vip", "source: vip: not an address without prefix length: the preferred source, for example 192.0.2.10")]
    [InlineData("default", "0.0.0.0", "", "gateway: 0.0.0.0: the unspecified address is not usable; leave it out, or write the next hop, for example 192.0.2.1")]
    public void A_bad_route_is_refused(string to, string via, string source, string error) => Sample
        .Errors(Sample.Group with { Routes = [new(to, via, "eth0", source)] })
        .ShouldBe([$"groups[0].routes[0].{error}"]);

    [Fact]
    public void A_routes_source_need_not_be_a_vip() => Sample
        .Errors(Sample.Group with { Routes = [new("10.9.0.0/16", "", "eth0", "10.0.0.7")] }).ShouldBeEmpty();

    [Fact]
    public void Two_routes_to_one_destination_are_refused() => Sample
        .Errors(Sample.Group with { Routes = [new("default", "10.0.0.1", "eth0"), new("0.0.0.0/0", "10.0.0.2", "eth0")] })
        .ShouldBe(["groups[0].routes[1].destination: 0.0.0.0/0: routes[0] of this group has the same destination"]);

    [Theory]
    [InlineData("claim-vip", "claim-vip: must be an absolute path, for example /usr/local/sbin/claim-vip: nothing is searched for, and it has no arguments of its own")]
    [InlineData("", null)]
    [InlineData("/usr/local/sbin/claim-vip", null)]
    public void The_script_of_a_vip_is_an_absolute_path(string script, string? error) => Sample
        .Errors(Sample.Group with { Vips = [new("10.0.0.9/32", "eth0", Script: script)] })
        .ShouldBe(error is null ? (string[])[] : [$"groups[0].vips[0].script: {error}"]);

    [Fact]
    public void Vips_are_announced_by_the_clock_not_too_often_and_not_too_seldom()
    {
        foreach (var right in (double[])[0, 0.1, 60, 3600])
            Sample.Errors(Sample.Group with { AnnounceInterval = TimeSpan.FromSeconds(right) }).ShouldBeEmpty();
        foreach (var (wrong, text) in ((double, string)[])[(0.05, "50ms"), (7200, "2h")])
        {
            Sample.Errors(Sample.Group with { AnnounceInterval = TimeSpan.FromSeconds(wrong) })
                .ShouldBe([$"groups[0].announce_interval: {text}: must be 100ms to 1h, or 0s for none by the clock"]);
        }
    }

    [Fact]
    public void The_owner_asks_for_duplicates_not_too_often_and_not_too_seldom()
    {
        foreach (var right in (double[])[0, 0.1, 0.9, 3600])
            Sample.Errors(Sample.Group with { DuplicateProbeInterval = TimeSpan.FromSeconds(right) }).ShouldBeEmpty();
        foreach (var (wrong, text) in ((double, string)[])[(0.099, "99ms"), (7200, "2h")])
        {
            Sample.Errors(Sample.Group with { DuplicateProbeInterval = TimeSpan.FromSeconds(wrong) })
                .ShouldBe([$"groups[0].duplicate_probe_interval: {text}: must be 100ms to 1h, or 0s for none by the clock"]);
        }
    }

    [Fact]
    public void Failback_has_a_window_only_when_automatic_and_a_right_one()
    {
        Errors(FailbackMode.Automatic, new(120, 240)).ShouldBeEmpty();
        Errors(FailbackMode.Automatic, new(1320, 60, "", WeekDays.Sunday)).ShouldBeEmpty("it may go over midnight");
        Errors(FailbackMode.Manual, new(120, 240))
            .ShouldBe(["groups[0].failback.window: 02:00-04:00 in UTC: manual failback has no window: leave it out, or use mode automatic"]);
        Errors(FailbackMode.Automatic, new(120, 1440)).Single().ShouldEndWith("times of day are 00:00 to 23:59");
        Errors(FailbackMode.Automatic, new(120, 120)).Single().ShouldContain("opens and shuts at the same time");
        Errors(FailbackMode.Automatic, new(120, 240, "Nowhere/Land", WeekDays.None)).ShouldBe(
            [
                "groups[0].failback.window: 02:00-04:00 on None in Nowhere/Land: opens on one day of the week or more",
                "groups[0].failback.window.zone: Nowhere/Land: not a time zone that this machine knows: write one such as Asia/Shanghai, or leave it out for UTC",
            ]);

        static string[] Errors(FailbackMode mode, FailbackWindow window) =>
            [.. Sample.Errors(Sample.Group with { Failback = new(mode, TimeSpan.Zero) { Window = window } })];
    }

    [Fact]
    public void Failback_has_a_delay_only_when_automatic()
    {
        Sample.Errors(Sample.Group with { Failback = new(FailbackMode.Automatic, TimeSpan.FromMinutes(5)) }).ShouldBeEmpty();
        Sample.Errors(Sample.Group with { Failback = new(FailbackMode.Manual, TimeSpan.FromMinutes(5)) })
            .ShouldBe(["groups[0].failback.delay: 5m: manual failback has no delay: leave it out, or use mode automatic"]);
        Sample.Errors(Sample.Group with { Failback = new(FailbackMode.Automatic, TimeSpan.FromDays(2)) })
            .ShouldBe(["groups[0].failback.delay: 48h: must be 0s to 24h"]);
    }
}
