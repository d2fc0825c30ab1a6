using System.Net;
using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Linux.Gate;

/// <summary>
/// Shuts the gate and removes addresses at a deadline with nothing left to prepare (rule W4): sockets are open and
/// messages are built when it is constructed, so that <see cref="Shut"/> allocates nothing unless an interface was made
/// anew meanwhile, and needs no library but libc.
/// </summary>
public sealed class GuardShut : IDisposable
{
    private readonly InterfaceAddress[] _addresses;
    private readonly int[] _indexes;
    private readonly NetlinkSocket? _gate;
    private readonly RouteNetlink _route;
    private readonly Batch _all;
    private readonly Batch[] _families;

    /// <summary>Opens the sockets and builds the messages, in the calling thread's network namespace.</summary>
    /// <param name="addresses">What to shut; a missing interface is not an error (there is nothing to remove then).</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel gives no rtnetlink socket.</exception>
    public GuardShut(IReadOnlyList<InterfaceAddress> addresses)
    {
        _addresses = [.. addresses];
        _indexes = new int[_addresses.Length];
        _route = new();
        for (int i = 0; i < _addresses.Length; i++)
            _indexes[i] = _route.FindLink(_addresses[i].Interface, out _)?.Index ?? 0;
        IPAddress[] shut = [.. _addresses.Select(a => a.Address)];
        _all = new(shut, GateMessages.AllFamilies, 1);
        _families = [.. GateMessages.AllFamilies.ToArray().Select(f => new Batch(shut, [f], _all.Last + (f * 100u)))];
        _gate = OpenGate();
    }

    /// <summary>Removes the gate elements in one transaction, then the addresses. Idempotent. Each element is added before it
    /// is removed, so that the transaction changes something, and so begins a new ruleset generation, also when nothing was
    /// leased: a renewal that was composed before it is refused (rule W4).</summary>
    /// <returns>The first errno that does not mean "is not there"; 0 when everything is shut.</returns>
    public int Shut()
    {
        int errno = ShutGate();
        for (int i = 0; i < _addresses.Length; i++)
        {
            var result = _route.DeleteAddress(_addresses[i], _indexes[i]);

            // The interface may have come, or come anew with another index, after the guard was prepared.
            if (result.IsAbsent && _route.FindLink(_addresses[i].Interface, out _) is { } link && link.Index != _indexes[i])
            {
                _indexes[i] = link.Index;
                result = _route.DeleteAddress(_addresses[i], link.Index);
            }

            if (errno == 0 && !result.IsAbsent)
                errno = result.Errno;
        }

        return errno;
    }

    /// <summary>Closes the sockets; nothing is removed.</summary>
    public void Dispose()
    {
        _gate?.Dispose();
        _route.Dispose();
    }

    private int ShutGate()
    {
        var result = Send(_all);
        if (!result.IsAbsent)
            return result.Errno;

        // One family's missing table must not hold another's gate open. When all are missing no generation begins here, and
        // none is needed: the renewal finds no table either, and whoever makes them anew begins one.
        int errno = 0;
        foreach (var family in _families)
        {
            result = Send(family);
            if (errno == 0 && !result.IsAbsent)
                errno = result.Errno;
        }

        return errno;
    }

    /// <summary>Before Linux 6.8 an element can time out between the steps of a transaction; the second time it is gone.</summary>
    private NetlinkResult Send(Batch batch)
    {
        if (_gate is null || batch.Bytes.Length == 0)
            return NetlinkResult.Done;
        var result = _gate.Transact(batch.Bytes, batch.First, batch.Last);
        return result.IsAbsent ? _gate.Transact(batch.Bytes, batch.First, batch.Last) : result;
    }

    /// <summary>Without nf_tables there is no gate to shut, and the addresses are all.</summary>
    private static NetlinkSocket? OpenGate()
    {
        try
        {
            return new(NetlinkConstants.ProtocolNetfilter);
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    /// <summary>A transaction, ready to be sent as often as needed; empty where no address is of its families.</summary>
    private readonly struct Batch
    {
        public Batch(IPAddress[] addresses, ReadOnlySpan<byte> families, uint first)
        {
            var builder = new MessageBuilder(new byte[GateMessages.BatchLength(addresses.Length)]);
            First = first;
            Last = GateMessages.WriteLease(ref builder, addresses, lease: false, 0, first, families);
            Bytes = builder.Written.ToArray();
        }

        public byte[] Bytes { get; }

        public uint First { get; }

        public uint Last { get; }
    }
}
