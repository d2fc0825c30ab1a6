using System.Net;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Observation;

/// <summary>When a host had a VIP's address, as rtnetlink tells (RTM_NEWADDR, RTM_DELADDR; rtnetlink(7)).</summary>
internal sealed class AddressObserver : IDisposable
{
    private const int NetlinkRoute = 0, NewAddress = 20, DeleteAddress = 21, IfaAddress = 1, IfaLocal = 2;
    private const uint AddressGroups = 0x10 | 0x100;

    private readonly LabHost _host;
    private readonly NamespaceThread _thread;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, long> _since = [];
    private readonly List<Interval> _ended = [];

    public AddressObserver(LabHost host)
    {
        _host = host;
        _thread = NamespaceThread.Start(host.HolderPid, $"addresses of {host.Name}", Listen);
    }

    /// <summary>Every interval in which the host had the address.</summary>
    public IReadOnlyList<Interval> Intervals(string address)
    {
        lock (_gate)
        {
            var open = _since.TryGetValue(address, out var from) ? new[] { new Interval(_host.Name, address, from, Interval.Open) } : [];
            return [.. _ended.Where(i => i.Subject == address), .. open];
        }
    }

    public bool Has(string address)
    {
        lock (_gate)
            return _since.ContainsKey(address);
    }

    public void Dispose() => _thread.Dispose();

    private void Listen(Action ready, CancellationToken stop)
    {
        using var socket = KernelSocket.Netlink(NetlinkRoute, AddressGroups);
        ready();
        var buffer = new byte[65536];
        while (!stop.IsCancellationRequested)
        {
            if (!socket.WaitReadable(50))
                continue;
            var length = socket.Receive(buffer);
            var now = BootClock.Nanoseconds;
            NetlinkReader.Messages(buffer.AsSpan(0, length), (type, payload) => Note(type, payload, now));
        }
    }

    private void Note(int type, ReadOnlySpan<byte> payload, long now)
    {
        if (type is not (NewAddress or DeleteAddress) || payload.Length < 8)
            return;
        var attributes = payload[8..];
        var raw = NetlinkReader.Find(attributes, IfaLocal);
        if (raw.IsEmpty)
            raw = NetlinkReader.Find(attributes, IfaAddress);
        var address = new IPAddress(raw).ToString();
        lock (_gate)
        {
            if (type == NewAddress)
                _since.TryAdd(address, now);
            else if (_since.Remove(address, out var from))
                _ended.Add(new(_host.Name, address, from, now));
        }
    }
}
