using System.Buffers.Binary;
using System.ComponentModel;
using System.Globalization;
using System.Text;
using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Gate;
using HaGrpc.Linux.Links;
using HaGrpc.Linux.Netlink;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Watching;

/// <summary>Waits for changes of addresses, links and our nf_tables tables, in the network namespace of the thread that
/// constructs it. <see cref="Wait"/> is for one thread, <see cref="Stop"/> for any.</summary>
public sealed class KernelWatch : IDisposable
{
    private const int GroupLink = 1;
    private const int GroupIPv4Address = 5;
    private const int GroupIPv6Address = 9;
    private const int QueueBytes = 1 << 20;
    private static readonly byte[] Table = [.. Encoding.UTF8.GetBytes(KernelTag.Table), 0];

    private readonly NetlinkSocket _route;
    private readonly NetlinkSocket? _gate;
    private readonly uint[] _ignoredPorts;
    private readonly int _stop;

    /// <summary>Subscribes; changes from now on are seen.</summary>
    /// <param name="ignoredPorts">Port ids of the sockets whose own changes of the gate are not to be told.</param>
    /// <exception cref="Win32Exception">The kernel refuses the rtnetlink subscription.</exception>
    public KernelWatch(params uint[] ignoredPorts)
    {
        _ignoredPorts = ignoredPorts;
        _route = new(NetlinkConstants.ProtocolRoute);
        _route.WidenQueue(QueueBytes);
        _route.Join(GroupLink);
        _route.Join(GroupIPv4Address);
        _route.Join(GroupIPv6Address);
        _gate = WatchGate();
        _stop = SocketCalls.OpenEvent();
    }

    /// <summary>Waits until something changed, and appends it.</summary>
    /// <returns>False after <see cref="Stop"/>.</returns>
    public bool Wait(ICollection<KernelChange> changes)
    {
        Span<SocketCalls.PollDescriptor> descriptors = stackalloc SocketCalls.PollDescriptor[3];
        descriptors[0] = new() { Descriptor = _stop, Events = SocketCalls.PollIn };
        descriptors[1] = new() { Descriptor = _route.Descriptor, Events = SocketCalls.PollIn };
        descriptors[2] = new() { Descriptor = _gate?.Descriptor ?? -1, Events = SocketCalls.PollIn };
        int before = changes.Count;
        while (changes.Count == before)
        {
            int ready = SocketCalls.Poll(descriptors, -1);
            if (ready < 0 && ready != -SocketCalls.EINTR)
                throw new Win32Exception(-ready, "poll");
            if (descriptors[0].Returned != 0)
                return false;
            if (descriptors[1].Returned != 0)
                ReadRoute(changes);
            if (descriptors[2].Returned != 0)
                ReadGate(changes);
        }

        return true;
    }

    /// <summary>Makes <see cref="Wait"/> return false, now and ever after.</summary>
    public void Stop() => SocketCalls.SignalEvent(_stop);

    /// <inheritdoc/>
    public void Dispose()
    {
        _route.Dispose();
        _gate?.Dispose();
        SocketCalls.Close(_stop);
    }

    private static NetlinkSocket? WatchGate()
    {
        NetlinkSocket? socket = null;
        try
        {
            socket = new(NetlinkConstants.ProtocolNetfilter);
            socket.WidenQueue(QueueBytes);
            socket.Join(GateMessages.GroupNfTables);
            return socket;
        }
        catch (Win32Exception)
        {
            // No nf_tables in this kernel: no gate that could change.
            socket?.Dispose();
            return null;
        }
    }

    private void ReadRoute(ICollection<KernelChange> changes)
    {
        while (true)
        {
            int received = _route.Receive(wait: false, out var datagram);
            if (received == -SocketCalls.ENOBUFS)
                changes.Add(new KernelChange.Lost());
            else if (received < 0)
                return;
            var reader = new MessageReader(datagram);
            while (reader.Next())
            {
                bool removed = reader.Type is AddressMessages.Delete or LinkMessages.Delete;
                if (reader.Type is AddressMessages.New or AddressMessages.Delete)
                {
                    if (AddressMessages.Read(reader.Payload) is { } address)
                        changes.Add(new KernelChange.Address(address, removed));
                }
                else if (reader.Type is LinkMessages.New or LinkMessages.Delete
                    && LinkMessages.Read(reader.Payload) is { } link)
                {
                    changes.Add(new KernelChange.Link(link, removed));
                }
            }
        }
    }

    private void ReadGate(ICollection<KernelChange> changes)
    {
        bool touched = false;
        string by = "";
        bool lost = false;
        while (true)
        {
            int received = _gate!.Receive(wait: false, out var datagram);
            lost |= received == -SocketCalls.ENOBUFS;
            if (received < 0 && received != -SocketCalls.ENOBUFS)
                break;
            var reader = new MessageReader(datagram);
            while (reader.Next())
            {
                if (_ignoredPorts.Contains(reader.PortId))
                    continue;
                // The kernel names the author at the end of each transaction.
                if (reader.Type == GateMessages.Type(GateMessage.NewGeneration) && touched)
                    by = Author(reader.Payload);
                else
                    touched |= NamesOurTable(reader.Payload);
            }
        }

        if (lost)
            changes.Add(new KernelChange.Lost());
        else if (touched)
            changes.Add(new KernelChange.Gate(by));
    }

    /// <summary>NFTA_GEN_PROC_PID and NFTA_GEN_PROC_NAME.</summary>
    private static string Author(ReadOnlySpan<byte> payload)
    {
        const int Pid = 2, Name = 3;
        if (payload.Length < 4)
            return "";
        var attributes = new AttributeReader(payload[4..]);
        (string name, uint pid) = ("", 0);
        while (attributes.Next())
        {
            if (attributes.Type == Name)
                name = attributes.Text;
            else if (attributes.Type == Pid && attributes.Value.Length >= 4)
                pid = BinaryPrimitives.ReadUInt32BigEndian(attributes.Value);
        }

        return name.Length == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{name} (process {pid})");
    }

    /// <summary>In every nf_tables message about a table's contents, attribute 1 is the table's name.</summary>
    private static bool NamesOurTable(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < 4)
            return false;
        var attributes = new AttributeReader(payload[4..]);
        while (attributes.Next())
        {
            if (attributes.Type == 1)
                return attributes.Value.SequenceEqual(Table);
        }

        return false;
    }
}
