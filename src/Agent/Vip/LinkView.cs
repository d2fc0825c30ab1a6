using System.Net.NetworkInformation;
using HaGrpc.Linux;
using HaGrpc.Linux.Links;

namespace HaGrpc.Agent.Vips;

/// <summary>The host's links for what runs beside the ownership thread: a socket and a lock of its own, so that it never waits for that
/// thread, nor that thread for it. Any thread may ask.</summary>
internal sealed class LinkView : IDisposable
{
    private readonly Lock _lock = new();
    private readonly RouteNetlink _route = new();
    private bool _disposed;

    /// <summary>The link of a name; null when there is none.</summary>
    public LinkEntry? Find(string interfaceName)
    {
        lock (_lock)
            return _disposed ? null : _route.FindLink(interfaceName, out _);
    }

    /// <summary>The MAC addresses of all links of this host.</summary>
    public IReadOnlySet<PhysicalAddress> HardwareAddresses()
    {
        lock (_lock)
            return _disposed ? new HashSet<PhysicalAddress>() : _route.DumpLinks().Select(l => l.HardwareAddress).ToHashSet();
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
}
