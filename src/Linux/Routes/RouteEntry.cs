using System.Net;
using System.Net.Sockets;

namespace HaGrpc.Linux.Routes;

/// <summary>A unicast route of the main table.</summary>
/// <param name="Destination">Network; <c>0.0.0.0</c> or <c>::</c> with prefix length 0 is the default route.</param>
/// <param name="PrefixLength">Its prefix length.</param>
/// <param name="Gateway">Next hop; null: on-link.</param>
/// <param name="InterfaceIndex">Outgoing interface.</param>
/// <param name="Source">Preferred source address; null: the kernel's choice.</param>
public sealed record RouteEntry(
    IPAddress Destination, int PrefixLength, IPAddress? Gateway, int InterfaceIndex, IPAddress? Source)
{
    /// <summary>Metric of our IPv6 routes: before those of the kernel (256) and of iproute2 (1024), and never one of their
    /// multipath next hops.</summary>
    public const uint IPv6Metric = 128;

    /// <summary>True for an IPv6 route.</summary>
    public bool IsIPv6 => Destination.AddressFamily == AddressFamily.InterNetworkV6;
}
