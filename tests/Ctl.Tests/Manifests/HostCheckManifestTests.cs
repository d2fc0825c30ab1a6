using HaGrpc.Contracts;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Manifests;

public sealed class HostCheckManifestTests
{
    [Fact]
    public void Checks_arrive_in_their_order_with_their_defaults()
    {
        var manifest = Read.Text("""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 120}]
                checks:
                  - {name: gateway, ping: 10.0.0.1, interval: 500ms, timeout: 300ms, rise: 1, fall: 4, init_fail: true}
                  - {name: disk, exec: [/usr/local/bin/check-disk, /srv/a b], weight: -20, user: apps}
                  - {name: split, exec: "/bin/test -e '/a b'", reverse: true}
                  - {name: uplink, link: eth0, weight: 10}
            """);
        Read.Errors(manifest).ShouldBe("");
        manifest.Request.Groups.Single().ToModel().Checks.Select(Words).ShouldBe(
        [
            "gateway: ping 10.0.0.1 [] link   500ms 300ms 1 4  False True",
            "disk: ping  [/usr/local/bin/check-disk|/srv/a b] link  apps 1s 1s 2 3 -20 False False",
            "split: ping  [/bin/test|-e|/a b] link   1s 1s 2 3  True False",
            "uplink: ping  [] link eth0  1s 1s 2 3 10 False False",
        ]);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_its_line() =>
        Read.Errors("""
            hosts: [{name: a}]
            groups:
              - name: web
                members: [{host: a, priority: 120}]
                track_script: [disk]
                checks:
                  - {name: one, ping: gw, link: eth0}
                  - {name: one, exec: check, weight: heavy}
                  - {name: two}
                  - {name: three, link: eth0, interval: 2s, script: /x}
            """).ShouldBe("""
            m.yaml:5: groups[0].track_script: unknown field; it is called checks here: exec, and weight where it is to count
            m.yaml:7: groups[0].checks[0]: must say one of ping, exec and link
            m.yaml:7: groups[0].checks[0].ping: gw: must be an IP address, for example 10.0.0.1 or 2001:db8::1; names are not looked up
            m.yaml:8: groups[0].checks[1].weight: heavy: must be a whole number
            m.yaml:8: groups[0].checks[1].exec: check: must begin with an absolute path: nothing is searched for, and no shell reads it
            m.yaml:8: groups[0].checks[1].name: one: duplicate name: checks[0] of this group is called so too
            m.yaml:9: groups[0].checks[2]: must say one of ping, exec and link
            m.yaml:10: groups[0].checks[3].script: unknown field; known here: exec, fall, init_fail, interval, link, name, ping, reverse, rise, timeout, user, weight
            m.yaml:10: groups[0].checks[3].interval: 2s: leave it out: the kernel tells of a link at once, and nothing is asked or counted
            """);

    private static string Words(HostCheck check) =>
        $"{check.Name}: ping {check.Ping} [{string.Join('|', check.Exec)}] link {check.Link} {check.User} {DurationText.Format(check.Interval)} "
        + $"{DurationText.Format(check.Timeout)} {check.Rise} {check.Fall} {check.Weight} {check.Reverse} {check.InitFail}";
}
