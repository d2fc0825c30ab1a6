using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Netlink;
using HaGrpc.Linux.Routes;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux;

/// <summary>
/// Addresses, links and routes by rtnetlink(7), in the network namespace of the thread that constructs it. Errors come
/// back as results; nothing is retried except a dump that the kernel calls interrupted. One thread at a time.
/// </summary>
public sealed class RouteNetlink : IDisposable
{
    /// <summary>Lifetime of an address that never ends.</summary>
    public const uint Forever = uint.MaxValue;

    private const int DumpAttempts = 5;
    private readonly NetlinkSocket _socket = new(NetlinkConstants.ProtocolRoute);

    /// <summary>Adds an address, or renews the lifetime of the one that is there, with our tag; IPv6 without duplicate
    /// address detection, since the lease has already decided who owns it.</summary>
    /// <param name="address">Address, prefix and (ignored here) interface name.</param>
    /// <param name="index">Interface index.</param>
    /// <param name="label">IPv4 label or empty.</param>
    /// <param name="validSeconds">Seconds until the kernel removes it, at least 1; <see cref="Forever"/>: never.</param>
    /// <param name="preferredSeconds">At most <paramref name="validSeconds"/>; 0: never chosen as a source by itself.</param>
    /// <returns>ENODEV without such an interface.</returns>
    public NetlinkResult ReplaceAddress(
        in InterfaceAddress address, int index, string label, uint validSeconds, uint preferredSeconds)
    {
        var builder = new MessageBuilder(stackalloc byte[256]);
        uint sequence = _socket.NextSequence();
        AddressMessages.WriteReplace(ref builder, sequence, address, index, label, validSeconds, preferredSeconds);
        return _socket.Transact(builder.Written, sequence, sequence);
    }

    /// <summary>Removes an address.</summary>
    /// <returns>EADDRNOTAVAIL when it is not there, ENODEV without such an interface.</returns>
    public NetlinkResult DeleteAddress(in InterfaceAddress address, int index)
    {
        var builder = new MessageBuilder(stackalloc byte[128]);
        uint sequence = _socket.NextSequence();
        AddressMessages.WriteDelete(ref builder, sequence, address, index);
        return _socket.Transact(builder.Written, sequence, sequence);
    }

    /// <summary>Every IPv4 and IPv6 address of the namespace.</summary>
    /// <exception cref="NetlinkException">The kernel refuses, or the table changes faster than it can be read.</exception>
    public IReadOnlyList<AddressEntry> DumpAddresses()
    {
        var entries = new List<AddressEntry>();
        Dump(
            "RTM_GETADDR",
            (ref MessageBuilder b, uint sequence) => AddressMessages.WriteDump(ref b, sequence),
            entries.Clear,
            (type, payload) =>
            {
                if (type == AddressMessages.New && AddressMessages.Read(payload) is { } entry)
                    entries.Add(entry);
            });
        return entries;
    }

    /// <summary>Looks an interface up by name, in this namespace (/sys shows that of the mount).</summary>
    /// <param name="name">Name.</param>
    /// <param name="result">ENODEV when there is none; ERANGE or EINVAL for what cannot be a name.</param>
    /// <returns>Null when there is none.</returns>
    public LinkEntry? FindLink(string name, out NetlinkResult result)
    {
        LinkEntry? link = null;
        var builder = new MessageBuilder(stackalloc byte[192]);
        uint sequence = _socket.NextSequence();
        LinkMessages.WriteGet(ref builder, sequence, name);
        result = _socket.Query(
            builder.Written, sequence, (_, payload) => link ??= LinkMessages.Read(payload));
        return link;
    }

    /// <summary>Every link of the namespace.</summary>
    /// <exception cref="NetlinkException">The kernel refuses, or the table changes faster than it can be read.</exception>
    public IReadOnlyList<LinkEntry> DumpLinks()
    {
        var entries = new List<LinkEntry>();
        Dump(
            "RTM_GETLINK",
            (ref MessageBuilder b, uint sequence) => LinkMessages.WriteDump(ref b, sequence),
            entries.Clear,
            (_, payload) =>
            {
                if (LinkMessages.Read(payload) is { } entry)
                    entries.Add(entry);
            });
        return entries;
    }

    /// <summary>Adds a route with our protocol number beside routes of others: in IPv4 before one with the same
    /// destination and metric (as <c>ip route prepend</c>), so that theirs serves again when ours is removed; in IPv6 with
    /// metric <see cref="RouteEntry.IPv6Metric"/>, which is before theirs.</summary>
    /// <returns>EEXIST when exactly this route is there.</returns>
    public NetlinkResult AddRoute(RouteEntry route) => ChangeRoute(RouteMessages.New, route);

    /// <summary>Removes a route that has our protocol number.</summary>
    /// <returns>ESRCH when it is not there.</returns>
    public NetlinkResult DeleteRoute(RouteEntry route) => ChangeRoute(RouteMessages.Delete, route);

    /// <summary>The routes of the main table that have our protocol number.</summary>
    /// <exception cref="NetlinkException">The kernel refuses, or the table changes faster than it can be read.</exception>
    public IReadOnlyList<RouteEntry> DumpOwnRoutes()
    {
        var entries = new List<RouteEntry>();
        Dump(
            "RTM_GETROUTE",
            (ref MessageBuilder b, uint sequence) => RouteMessages.WriteDump(ref b, sequence),
            entries.Clear,
            (type, payload) =>
            {
                if (type == RouteMessages.New && RouteMessages.ReadOwn(payload) is { } entry)
                    entries.Add(entry);
            });
        return entries;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private NetlinkResult ChangeRoute(ushort type, RouteEntry route)
    {
        var builder = new MessageBuilder(stackalloc byte[256]);
        uint sequence = _socket.NextSequence();
        RouteMessages.WriteChange(ref builder, type, sequence, route);
        return _socket.Transact(builder.Written, sequence, sequence);
    }

    private void Dump(string what, Writer write, Action restart, MessageHandler handler)
    {
        var result = NetlinkResult.Done;
        Span<byte> buffer = stackalloc byte[128];
        for (int attempt = 0; attempt < DumpAttempts; attempt++)
        {
            restart();
            var builder = new MessageBuilder(buffer);
            uint sequence = _socket.NextSequence();
            write(ref builder, sequence);
            result = _socket.Query(builder.Written, sequence, handler);
            if (result.Succeeded)
                return;
            if (result.Errno != SocketCalls.EINTR)
                break;
        }

        throw new NetlinkException(what, result);
    }

    private delegate void Writer(ref MessageBuilder builder, uint sequence);
}
