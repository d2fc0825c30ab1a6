using System.Text;
using HaGrpc.Lab.World;

namespace HaGrpc.Lab.Cluster;

/// <summary>What the lab asks the control plane for: hosts A and B, a group with a VIP, five programs in order.</summary>
internal static class Manifest
{
    public const string Group = "shop";

    /// <summary>Start order of the set; the last one answers the client.</summary>
    public static readonly string[] Programs = ["store", "queue", "worker", "metrics", "http"];

    /// <summary>What the worker starts by itself.</summary>
    public const string Child = "leaf";

    /// <param name="binaries">Where the set's program is.</param>
    /// <param name="profile">The group's times.</param>
    /// <param name="extraPrograms">Idle programs beside the set.</param>
    public static string Write(Binaries binaries, Profile profile, int extraPrograms = 0)
    {
        var text = new StringBuilder($"""
            hosts:
              - name: A
              - name: B
            groups:
              - name: {Group}
                timing: {profile.Name}
                members:
                  - host: A
                    priority: 120
                  - host: B
                    priority: 80
                vips:
                  - address: {Topology.Vip4}/32
                    interface: eth0
                  - address: {Topology.Vip6}/128
                    interface: eth0
                programs:

            """);
        var priority = 100;
        foreach (var program in Programs)
        {
            text.AppendLine(Program(binaries, program, $"{program} --dir {LabHost.Local}/data", priority));
            priority += 100;
        }
        for (var i = 0; i < extraPrograms; i++)
            text.AppendLine(Program(binaries, $"idle{i}", "leaf", 10 + i));
        return text.ToString();
    }

    private static string Program(Binaries binaries, string name, string arguments, int priority) => $"""
              - name: {name}
                command: {binaries.LabProgram} {arguments}
                priority: {priority}
                start_time: 0s
                stdout_logfile: {LabHost.Local}/{name}.log
                redirect_stderr: true
                environment:
                  HAGRPC_LAB_OBSERVER: {LabHost.Local}/observer.sock
        """;
}
