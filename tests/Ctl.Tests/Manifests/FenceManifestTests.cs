using HaGrpc.Contracts;
using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Tests.Manifests;

public sealed class FenceManifestTests
{
    [Fact]
    public void A_device_arrives_with_its_defaults_and_a_group_with_what_it_requires()
    {
        var manifest = Read.Text("""
            hosts:
              - {name: a, fence: {agent: fence_ipmilan, options: {ip: 10.0.0.9, lanplus: 1, password_script: /etc/ha/pw.sh}}}
              - {name: b, fence: {agent: fence_virsh, action: reboot, timeout: 90s}}
              - name: c
            groups:
              - {name: web, fencing: required, members: [{host: a, priority: 120}, {host: b, priority: 80}]}
              - {name: db, members: [{host: c, priority: 120}]}
            """);
        Read.Errors(manifest).ShouldBe("");
        var hosts = manifest.Request.Hosts.Select(h => h.ToModel()).ToArray();
        var first = hosts[0].Fence!;
        (first.Agent, first.Action, first.Timeout).ShouldBe(("fence_ipmilan", FenceAction.Off, TimeSpan.FromMinutes(1)));
        first.Options.Select(o => $"{o.Key}={o.Value}").ShouldBe(["ip=10.0.0.9", "lanplus=1", "password_script=/etc/ha/pw.sh"]);
        (hosts[1].Fence!.Action, hosts[1].Fence!.Timeout).ShouldBe((FenceAction.Reboot, TimeSpan.FromSeconds(90)));
        hosts[2].Fence.ShouldBeNull();
        manifest.Request.Groups.Select(g => g.ToModel().Fencing).ShouldBe([Fencing.Required, Fencing.Off]);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once_with_its_line() =>
        Read.Errors("""
            hosts:
              - name: a
                fence:
                  agent: ipmilan
                  action: on
                  timeout: 30
                  options: {password: hunter2, ip: [10.0.0.9]}
                  password_script: /etc/ha/pw.sh
              - {name: b, fence: {action: off}}
            groups:
              - {name: web, fencing: maybe, members: [{host: a, priority: 120}]}
            """).ShouldBe("""
            m.yaml:4: hosts[0].fence.agent: ipmilan: must be the bare name of a fence agent: fence_ and then a to z, 0 to 9 and _, such as fence_ipmilan
            m.yaml:5: hosts[0].fence.action: on: must be one of off, reboot
            m.yaml:6: hosts[0].fence.timeout: 30: a duration needs its unit: 30s or 30ms
            m.yaml:7: hosts[0].fence.options.ip: a list: must be a text
            m.yaml:7: hosts[0].fence.options.password: a secret must not lie in the database: give password_script (or passwd_script), a script on the control plane's host that prints the password
            m.yaml:8: hosts[0].fence.password_script: unknown field; known here: action, agent, options, timeout
            m.yaml:9: hosts[1].fence.agent: missing: the name of the fence agent, such as fence_ipmilan
            m.yaml:11: groups[0].fencing: maybe: must be one of off, required
            """);
}
