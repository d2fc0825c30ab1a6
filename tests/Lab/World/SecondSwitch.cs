namespace HaGrpc.Lab.World;

/// <summary>A second switch of the lab, with a cable to the first one that can be pulled: what a network is split into.</summary>
internal static class SecondSwitch
{
    private const string Bridge = "br1", Near = "trunk0", Far = "trunk1";

    /// <summary>These hosts hear each other, and nobody else does; every carrier stays.</summary>
    public static Task Split(params LabHost[] hosts) => Command.Run(
        $"""
        link add {Bridge} type bridge
        link set {Bridge} up
        link add {Near} type veth peer name {Far}
        link set {Near} master br0
        link set {Far} master {Bridge} up
        {string.Join('\n', hosts.Select(h => $"link set {Topology.Port(h)} master {Bridge}"))}
        """,
        ["ip", "-batch", "-"]);

    /// <summary>The cable between the two switches is plugged in.</summary>
    public static Task Join() => Command.Run("ip", "link", "set", Near, "up");

    /// <summary>Everybody is at the first switch again.</summary>
    public static Task Remove(params LabHost[] hosts) => Command.Run(
        $"""
        {string.Join('\n', hosts.Select(h => $"link set {Topology.Port(h)} master br0"))}
        link del {Near}
        link del {Bridge}
        """,
        ["ip", "-batch", "-"]);
}
