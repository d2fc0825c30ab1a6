using System.Text;
using HaGrpc.Contracts;

namespace HaGrpc.Ctl.Tests.Manifests;

/// <summary>
/// The shape of a real host that ran keepalived and Supervisor: two virtual IPs with labels on two interfaces, routes
/// with a source, an on-link route among them, priorities 120/80, no preemption, 36 programs at priorities 333 to 999,
/// commands of 700 characters.
/// </summary>
public sealed class LegacyShapeTests
{
    [Fact]
    public void A_real_hosts_shape_fits()
    {
        var manifest = Read.Text(Text());
        Read.Errors(manifest).ShouldBe("");
        var group = manifest.Request.Groups.Single().ToModel();
        group.Vips.Select(vip => vip.Label).ShouldBe(["eth2:vip", "bond0:vip"]);
        group.Routes.Length.ShouldBe(3);
        group.Routes[0].Gateway.ShouldBe("");
        group.Members.Select(member => member.Priority).ShouldBe([120, 80]);
        group.Failback.Mode.ShouldBe(Core.Model.FailbackMode.Manual);
        var programs = manifest.Request.Programs.Select(program => program.ToModel()).ToArray();
        programs.Length.ShouldBe(36);
        programs.Count(program => program.Priority == 333).ShouldBe(2);
        programs.Max(program => program.Command.Length).ShouldBeGreaterThan(700);
        programs[2].Restart.ShouldBe(Core.Model.RestartPolicy.Always);
    }

    private static string Text()
    {
        var text = new StringBuilder("""
            hosts: [{name: host-140}, {name: host-131}]
            groups:
              - name: VI_140
                members: [{host: host-140, priority: 120}, {host: host-131, priority: 80}]
                vips:
                  - {address: 192.168.22.112/24, interface: eth2, label: "eth2:vip"}
                  - {address: 10.22.10.112/24, interface: bond0, label: "bond0:vip"}
                routes:
                  - {destination: 10.22.10.0/24, interface: bond0, source: 10.22.10.112}
                  - {destination: 10.20.10.0/24, gateway: 10.22.10.254, interface: bond0, source: 10.22.10.112}
                  - {destination: 10.21.10.0/24, gateway: 10.22.10.254, interface: bond0, source: 10.22.10.112}
                failback: manual
                programs:

            """);
        for (var i = 0; i < 36; i++)
        {
            var priority = i switch { < 2 => 333, 2 => 444, _ => 999 };
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $$"""
                      - name: OrderReceiver_70{{i:00}}
                        directory: /usr/local/apps/OrderReceiver_70{{i:00}}
                        command: java -jar -Xmx256M {{string.Concat(Enumerable.Repeat("-XX:+UseConcMarkSweepGC ", 30))}}receiver.jar
                        start_time: 5s
                        restart: always
                        start_retries: 3
                        user: apps
                        priority: {{priority}}
                        stdout_logfile: NONE

                """);
        }
        return text.ToString();
    }
}
