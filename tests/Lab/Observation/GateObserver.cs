using System.Buffers.Binary;
using System.Net;
using System.Text;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Observation;

/// <summary>
/// When a host's gate let a VIP through, from the kernel's own announcements of nf_tables transactions: an element of a
/// set named <c>leased</c> opens it until it is deleted or its timeout is over. A timeout's end is not announced, so it is
/// computed from the instant at which the announcement was read: never earlier than the kernel's.
/// </summary>
internal sealed class GateObserver : IDisposable
{
    private const int NetlinkNetfilter = 12, Subsystem = 10 << 8;
    private const int DeleteTable = Subsystem | 2, DeleteSet = Subsystem | 11;
    private const int NewElement = Subsystem | 12, DeleteElement = Subsystem | 14, NewGeneration = Subsystem | 15;
    private const uint TablesGroup = 1 << 6;
    private const int ListTable = 1, ListSet = 2, ListElements = 3, ElementKey = 1, ElementExpiration = 5, DataValue = 1;
    private const int TableName = 1, SetName = 2;

    private readonly LabHost _host;
    private readonly NamespaceThread _thread;
    private readonly Lock _gate = new();
    private readonly List<Action> _transaction = [];
    /// <summary>By family and address: until when the element lets packets through.</summary>
    private readonly Dictionary<(byte Family, string Address), long> _until = [];
    private readonly Dictionary<string, Interval> _current = [];
    private readonly List<Interval> _ended = [];

    public GateObserver(LabHost host)
    {
        _host = host;
        _thread = NamespaceThread.Start(host.HolderPid, $"gate of {host.Name}", Listen);
    }

    /// <summary>Every interval in which the gate let the address through in any family; its end may lie in the future.</summary>
    public IReadOnlyList<Interval> Intervals(string address)
    {
        lock (_gate)
        {
            var current = _current.TryGetValue(address, out var open) ? new[] { open } : [];
            return [.. _ended.Where(i => i.Subject == address), .. current];
        }
    }

    public void Dispose() => _thread.Dispose();

    private void Listen(Action ready, CancellationToken stop)
    {
        using var socket = KernelSocket.Netlink(NetlinkNetfilter, TablesGroup);
        ready();
        var buffer = new byte[262144];
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
        if (payload.Length < 4)
            return;
        var family = payload[0];
        var attributes = payload[4..];
        switch (type)
        {
            case NewElement or DeleteElement when Text(attributes, ListTable) == "hagrpc" && Text(attributes, ListSet) == "leased":
                NetlinkReader.Attributes(NetlinkReader.Find(attributes, ListElements), (_, element) => Note(type, family, element, now));
                break;
            case DeleteSet when Text(attributes, TableName) == "hagrpc" && Text(attributes, SetName) == "leased":
            case DeleteTable when Text(attributes, TableName) == "hagrpc":
                _transaction.Add(() => Forget(family));
                break;
            case NewGeneration:
                // The transaction is complete: a renewal deletes and adds in one, and was never shut.
                lock (_gate)
                {
                    _transaction.ForEach(step => step());
                    _transaction.Clear();
                    Settle(now);
                }
                break;
        }
    }

    private void Note(int type, byte family, ReadOnlySpan<byte> element, long now)
    {
        var address = new IPAddress(NetlinkReader.Find(NetlinkReader.Find(element, ElementKey), DataValue)).ToString();
        var expiration = NetlinkReader.Find(element, ElementExpiration);
        var until = expiration.IsEmpty ? Interval.Open : now + ((long)BinaryPrimitives.ReadUInt64BigEndian(expiration) * 1_000_000);
        if (type == NewElement)
            _transaction.Add(() => _until[(family, address)] = until);
        else
            _transaction.Add(() => _until.Remove((family, address)));
    }

    private void Forget(byte family)
    {
        foreach (var key in _until.Keys.Where(k => k.Family == family).ToList())
            _until.Remove(key);
    }

    private void Settle(long now)
    {
        foreach (var address in _current.Keys.Union(_until.Keys.Select(k => k.Address)).ToList())
        {
            var until = _until.Where(e => e.Key.Address == address).Select(e => e.Value).DefaultIfEmpty(0).Max();
            if (_current.TryGetValue(address, out var open) && open.To <= now)
            {
                // It had shut by its timeout before this.
                _ended.Add(open);
                _current.Remove(address);
                open = null;
            }
            if (until > now)
                _current[address] = open is null ? new(_host.Name, address, now, until) : open with { To = until };
            else if (open is not null && _current.Remove(address))
                _ended.Add(open with { To = now });
        }
    }

    private static string Text(ReadOnlySpan<byte> attributes, int type) =>
        Encoding.ASCII.GetString(NetlinkReader.Find(attributes, type)).TrimEnd('\0');
}
