using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Ownership;

internal static class TestGroup
{
    public static Group Pair(string name) => new(
        name,
        [new Member("a", 120), new Member("b", 80)],
        [new Vip("192.0.2.1/32", "eth0")],
        [],
        GroupTiming.Default,
        new Failback(FailbackMode.Manual, TimeSpan.Zero));
}
