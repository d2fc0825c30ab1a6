using HaGrpc.Contracts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane.Parts;

/// <summary>What tests register.</summary>
internal static class Models
{
    /// <summary>Hosts a and b, group web (a before b, fast), programs web:http and web:db.</summary>
    public static ApplyRequest Web() => new()
    {
        Hosts = { new Host { Name = "a" }, new Host { Name = "b" } },
        Groups = { Group("web", new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 80 }) },
        Programs = { Program("web", "http"), Program("web", "db") },
    };

    /// <summary>Times of a group that outlives a change of the leader without hearing from anybody.</summary>
    public static Timing Calm() => new()
    {
        Ttl = TimeSpan.FromSeconds(6).ToProto(),
        Heartbeat = TimeSpan.FromSeconds(1).ToProto(),
        TakeoverMargin = TimeSpan.FromMilliseconds(500).ToProto(),
    };

    public static Group Group(string name, params Member[] members) => new()
    {
        Name = name,
        Members = { members },
        Timing = new()
        {
            Ttl = TimeSpan.FromSeconds(1.5).ToProto(),
            Heartbeat = TimeSpan.FromMilliseconds(300).ToProto(),
            TakeoverMargin = TimeSpan.FromMilliseconds(200).ToProto(),
        },
    };

    public static HaGrpc.V1.Program Program(string group, string name) => new()
    {
        Group = group,
        Name = name,
        Command = "/bin/true",
        StartTime = TimeSpan.Zero.ToProto(),
        StopTimeout = TimeSpan.Zero.ToProto(),
    };
}
