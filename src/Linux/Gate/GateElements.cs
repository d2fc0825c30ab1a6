using System.ComponentModel;
using System.Net;
using HaGrpc.Linux.Netlink;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Gate;

/// <summary>
/// Leases addresses to the gate and releases them: elements of the sets <c>leased</c> of our tables, written by raw
/// nf_tables netlink, one transaction for all addresses and families. One thread at a time.
/// </summary>
public sealed class GateElements : IDisposable
{
    /// <summary>Shorter timeouts release instead: below one kernel tick (up to 10 ms) the kernel rounds down to 0, and
    /// a timeout of 0 means <b>no</b> end.</summary>
    public static readonly TimeSpan ShortestTimeout = TimeSpan.FromMilliseconds(20);

    private readonly NetlinkSocket _socket = new(NetlinkConstants.ProtocolNetfilter);

    /// <summary>Opens the socket in the calling thread's network namespace.</summary>
    /// <exception cref="Win32Exception">The kernel has no nfnetlink.</exception>
    public GateElements()
    {
    }

    /// <summary>The port id with which the kernel marks notifications of what this object changed.</summary>
    public uint PortId => _socket.PortId;

    /// <summary>Opens the gate for the addresses until the timeout, counted by the kernel from when it takes the message;
    /// never longer: fractions of a millisecond and of a kernel tick are cut off.</summary>
    /// <param name="addresses">IPv4 and IPv6, mixed.</param>
    /// <param name="timeout"><see cref="TimeSpan.MaxValue"/>: no end. Below <see cref="ShortestTimeout"/> the addresses are
    /// released and ETIMEDOUT is returned.</param>
    /// <returns>ENOENT when a table or set of ours is not there; then nothing was changed.</returns>
    public NetlinkResult Lease(ReadOnlySpan<IPAddress> addresses, TimeSpan timeout)
    {
        if (timeout == TimeSpan.MaxValue)
            return Transact(addresses, lease: true, 0);
        if (timeout >= ShortestTimeout)
            return Transact(addresses, lease: true, (ulong)(timeout.Ticks / TimeSpan.TicksPerMillisecond));
        var released = Transact(addresses, lease: false, 0);
        return released.Succeeded
            ? new(SocketCalls.ETIMEDOUT, $"{timeout.TotalMilliseconds:F1} ms of lease are too short to open the gate")
            : released;
    }

    /// <summary>Shuts the gate for the addresses, leased or not.</summary>
    /// <returns>ENOENT when a table or set of ours is not there.</returns>
    public NetlinkResult Release(ReadOnlySpan<IPAddress> addresses) => Transact(addresses, lease: false, 0);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private NetlinkResult Transact(ReadOnlySpan<IPAddress> addresses, bool lease, ulong timeoutMilliseconds)
    {
        if (addresses.IsEmpty)
            return NetlinkResult.Done;
        var result = Once(addresses, lease, timeoutMilliseconds);

        // Before Linux 6.8 an element can time out between the steps of a transaction; the second time it is gone.
        return result.Errno == SocketCalls.ENOENT ? Once(addresses, lease, timeoutMilliseconds) : result;
    }

    private NetlinkResult Once(ReadOnlySpan<IPAddress> addresses, bool lease, ulong timeoutMilliseconds)
    {
        int length = GateMessages.BatchLength(addresses.Length);
        Span<byte> buffer = length <= 8192 ? stackalloc byte[8192] : new byte[length];
        var builder = new MessageBuilder(buffer);
        uint first = _socket.NextSequence();
        uint last = GateMessages.WriteLease(ref builder, addresses, lease, timeoutMilliseconds, first);
        _socket.SkipSequenceTo(last + 1);
        return _socket.Transact(builder.Written, first, last);
    }
}
