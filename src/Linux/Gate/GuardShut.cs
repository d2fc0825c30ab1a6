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
    private readonly byte[] _batch;
    private readonly uint _last;

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
        var builder = new MessageBuilder(new byte[GateMessages.BatchLength(_addresses.Length)]);
        _last = GateMessages.WriteLease(
            ref builder, _addresses.Select(a => a.Address).ToArray(), lease: false, 0, sequence: 1);
        _batch = builder.Written.ToArray();
        _gate = OpenGate();
    }

    /// <summary>Removes the gate elements in one transaction, then the addresses. Idempotent.</summary>
    /// <returns>The first errno that does not mean "is not there"; 0 when everything is shut.</returns>
    public int Shut()
    {
        int errno = 0;
        if (_addresses.Length > 0 && _gate is not null)
        {
            var result = _gate.Transact(_batch, 1, _last);
            if (result.IsAbsent)
                result = _gate.Transact(_batch, 1, _last);
            if (!result.IsAbsent)
                errno = result.Errno;
        }

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
}
