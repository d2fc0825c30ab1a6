using System.Collections.Immutable;
using HaGrpc.Core.Rehearsal;
using HaGrpc.Linux;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>What the network namespace of the calling thread is like. Nothing here waits for anything but the kernel.</summary>
/// <param name="Links">Its interfaces.</param>
/// <param name="Addresses">Its addresses.</param>
/// <param name="Listening">TCP sockets that listen.</param>
internal sealed record NetworkLook(
    ImmutableArray<LinkFact> Links, ImmutableArray<AddressFact> Addresses, IReadOnlyList<ListeningSocket> Listening)
{
    /// <summary>Looks.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel gives no rtnetlink socket.</exception>
    /// <exception cref="HaGrpc.Linux.Netlink.NetlinkException">The kernel refuses.</exception>
    /// <exception cref="IOException">/proc cannot be read.</exception>
    public static NetworkLook Now()
    {
        using var route = new RouteNetlink();
        var links = route.DumpLinks();
        var names = links.ToDictionary(l => l.Index, l => l.Name);
        return new(
            [.. links.Select(l => new LinkFact(l.Name, l.IsOperational))],
            [.. route.DumpAddresses().Select(a => new AddressFact(a.Address, names.GetValueOrDefault(a.InterfaceIndex, "")))],
            ListeningSocket.All());
    }
}
