using System.Net;
using System.Net.NetworkInformation;
using HaGrpc.Linux;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Agent.Vips;

/// <summary>The host's links for what runs beside the ownership thread: a socket and a lock of its own, so that it never waits for that
/// thread, nor that thread for it. Any thread may ask.</summary>
/// <param name="time">Says how old it is what was looked up.</param>
internal sealed class LinkView(TimeProvider time) : IDisposable
{
    // Hundreds of VIPs ask on the same few links.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly RouteNetlink _route = new();
    private Dictionary<int, IPAddress> _linkLocal = [];
    private long? _lookedUp;
    private bool _disposed;

    /// <summary>The link of a name; null when there is none.</summary>
    public LinkEntry? Find(string interfaceName)
    {
        lock (_lock)
            return _disposed ? null : _route.FindLink(interfaceName, out _);
    }

    /// <summary>Whether the kernel says what is of that name; null for no link. False when it gives no answer, which says nothing.</summary>
    public bool TryFind(string interfaceName, out LinkEntry? link)
    {
        lock (_lock)
        {
            link = null;
            if (_disposed)
                return false;
            link = _route.FindLink(interfaceName, out var result);
            return link is not null || result.IsAbsent;
        }
    }

    /// <summary>The MAC addresses of all links of this host.</summary>
    public IReadOnlySet<PhysicalAddress> HardwareAddresses()
    {
        lock (_lock)
            return _disposed ? new HashSet<PhysicalAddress>() : _route.DumpLinks().Select(l => l.HardwareAddress).ToHashSet();
    }

    /// <summary>A link-local IPv6 address of this host on an interface, as it was within the last second; null when there is none that may be
    /// used.</summary>
    public IPAddress? LinkLocal(int interfaceIndex)
    {
        lock (_lock)
        {
            if (!_disposed && (_lookedUp is not { } last || time.GetElapsedTime(last) >= Fresh))
            {
                _linkLocal = LookUp();
                _lookedUp = time.GetTimestamp();
            }

            return _linkLocal.GetValueOrDefault(interfaceIndex);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            _route.Dispose();
        }
    }

    private Dictionary<int, IPAddress> LookUp()
    {
        try
        {
            return _route.DumpAddresses().Where(a => a.Address.IsIPv6LinkLocal && !a.IsTentative)
                .GroupBy(a => a.InterfaceIndex).ToDictionary(g => g.Key, g => g.First().Address);
        }
        catch (NetlinkException)
        {
            // Addresses change faster than they can be read: looked up again next time.
            return [];
        }
    }
}
