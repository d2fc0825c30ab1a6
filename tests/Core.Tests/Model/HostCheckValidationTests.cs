using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class HostCheckValidationTests
{
    private static readonly HostCheck Ping = new("gateway") { Ping = "10.0.0.1" };
    private static readonly HostCheck Exec = new("disk") { Exec = ["/usr/local/bin/check-disk", "/srv"], User = "apps" };
    private static readonly HostCheck Link = new("uplink") { Link = "eth0" };

    [Fact]
    public void A_correct_one_is_taken_at_its_bounds_too()
    {
        Errors(Ping, Exec, Link).ShouldBeEmpty();
        Errors(Ping with { Ping = "2001:db8::1", Weight = 253 }, Exec with { Weight = -253, Reverse = true }, Link with { Weight = 1 }).ShouldBeEmpty();
        Errors(Ping with { Interval = TimeSpan.FromMilliseconds(100), Timeout = TimeSpan.FromMilliseconds(10), Rise = 1, Fall = 1 }).ShouldBeEmpty();
        Errors(Ping with { Interval = TimeSpan.FromHours(1), Timeout = TimeSpan.FromHours(1), Rise = 100, Fall = 100, InitFail = true }).ShouldBeEmpty();
        Errors([.. Enumerable.Range(1, 32).Select(i => Link with { Name = $"c{i}" })]).ShouldBeEmpty();
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once() =>
        Errors(
            new HostCheck(""),
            Ping with { Ping = "router", Interval = TimeSpan.FromMilliseconds(99), Timeout = TimeSpan.Zero, Rise = 0, Fall = 101 },
            Ping with { Link = "eth0/1", Weight = 0 },
            Exec with { Exec = ["check"], User = "a b", Weight = 254 },
            Link with { User = "apps", Weight = -254, Interval = TimeSpan.FromSeconds(2), Timeout = TimeSpan.FromSeconds(2), Rise = 1, Fall = 1, InitFail = true })
            .ShouldBe(
            [
                "groups[0].checks[0].name: a check needs a name",
                "groups[0].checks[0]: must say one of ping, exec and link",
                "groups[0].checks[1].ping: router: must be an IP address, for example 10.0.0.1 or 2001:db8::1; names are not looked up",
                "groups[0].checks[1].interval: 99ms: must be 100ms to 1h",
                "groups[0].checks[1].timeout: 0s: must be 10ms to 1h",
                "groups[0].checks[1].rise: 0: must be 1 to 100",
                "groups[0].checks[1].fall: 101: must be 1 to 100",
                "groups[0].checks[2]: must say one of ping, exec and link",
                "groups[0].checks[2].link: eth0/1: not an interface's name: no slash, colon or white space (a label goes into 'label')",
                "groups[0].checks[2].weight: 0: must be -253 to 253 and not 0; leave it out when the host cannot run the group without this",
                "groups[0].checks[2].name: gateway: duplicate name: checks[1] of this group is called so too",
                "groups[0].checks[3].exec: check: must begin with an absolute path: nothing is searched for, and no shell reads it",
                "groups[0].checks[3].user: a b: not a user's name: no colon, slash or white space (the user's groups are set by themselves)",
                "groups[0].checks[3].weight: 254: must be -253 to 253 and not 0; leave it out when the host cannot run the group without this",
                "groups[0].checks[4].user: apps: only a command runs as a user",
                "groups[0].checks[4].interval: 2s: leave it out: the kernel tells of a link at once, and nothing is asked or counted",
                "groups[0].checks[4].timeout: 2s: leave it out: the kernel tells of a link at once, and nothing is asked or counted",
                "groups[0].checks[4].rise: 1: leave it out: the kernel tells of a link at once, and nothing is asked or counted",
                "groups[0].checks[4].fall: 1: leave it out: the kernel tells of a link at once, and nothing is asked or counted",
                "groups[0].checks[4].init_fail: true: leave it out: the kernel tells of a link at once, and nothing is asked or counted",
                "groups[0].checks[4].weight: -254: must be -253 to 253 and not 0; leave it out when the host cannot run the group without this",
            ]);

    [Theory]
    [InlineData("0.0.0.0", "must be the address of one machine")]
    [InlineData("::", "must be the address of one machine")]
    [InlineData("224.0.0.1", "must be the address of one machine")]
    [InlineData("255.255.255.255", "must be the address of one machine")]
    [InlineData("ff02::1", "must be the address of one machine")]
    [InlineData("fe80::1", "a link-local address needs an interface, which cannot be said here: use exec with ping(8)")]
    public void An_address_that_is_none_of_one_machine_is_refused(string address, string why) =>
        Errors(Ping with { Ping = address }).ShouldBe([$"groups[0].checks[0].ping: {address}: {why}"]);

    [Fact]
    public void There_are_32_at_most() =>
        Errors([.. Enumerable.Range(1, 33).Select(i => Link with { Name = $"c{i}" })]).ShouldBe(["groups[0].checks: 33: a group has at most 32 checks"]);

    private static ImmutableArray<string> Errors(params HostCheck[] checks) => Sample.Errors(Sample.Group with { Checks = [.. checks] });
}
