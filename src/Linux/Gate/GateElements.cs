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

    /// <summary>Reads the generation of the namespace's ruleset. Every transaction that changes something begins a new one,
    /// whosever it is and whatever table it is about.</summary>
    /// <param name="generation">The generation, never 0 when the kernel has answered.</param>
    /// <returns>The kernel's answer; EAGAIN when it named none.</returns>
    public NetlinkResult ReadGeneration(out uint generation)
    {
        var builder = new MessageBuilder(stackalloc byte[64]);
        uint sequence = _socket.NextSequence();
        GateMessages.WriteGetGeneration(ref builder, sequence);
        uint read = 0;
        var result = _socket.Query(builder.Written, sequence, (type, payload) =>
        {
            if (type == GateMessages.Type(GateMessage.NewGeneration))
                read = GateMessages.ReadGeneration(payload);
        });
        generation = result.Succeeded ? read : 0;
        return result.Succeeded && read == 0 ? new(SocketCalls.EAGAIN, "the kernel names no ruleset generation") : result;
    }

    /// <summary>Opens the gate for the addresses until the timeout, counted by the kernel from when it takes the message;
    /// never longer: fractions of a millisecond and of a kernel tick are cut off.</summary>
    /// <param name="addresses">IPv4 and IPv6, mixed.</param>
    /// <param name="timeout"><see cref="TimeSpan.MaxValue"/>: no end. Below <see cref="ShortestTimeout"/> the addresses are
    /// released and ETIMEDOUT is returned.</param>
    /// <param name="generation">What <see cref="ReadGeneration"/> said <b>before</b> the lease was looked at and the timeout
    /// computed (rule W4).</param>
    /// <returns>ENOENT when a table or set of ours is not there, ERESTART when the generation is over
    /// (<see cref="NetlinkResult.IsOvertaken"/>); then nothing was changed.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The generation is 0, which the kernel does not check.</exception>
    public NetlinkResult Lease(ReadOnlySpan<IPAddress> addresses, TimeSpan timeout, uint generation)
    {
        ArgumentOutOfRangeException.ThrowIfZero(generation);
        if (timeout < ShortestTimeout)
        {
            var released = Release(addresses);
            return released.Succeeded
                ? new(SocketCalls.ETIMEDOUT, $"{timeout.TotalMilliseconds:F1} ms of lease are too short to open the gate")
                : released;
        }

        ulong milliseconds = timeout == TimeSpan.MaxValue ? 0 : (ulong)(timeout.Ticks / TimeSpan.TicksPerMillisecond);
        return Transact(addresses, lease: true, milliseconds, GateMessages.AllFamilies, generation);
    }

    /// <summary>Shuts the gate for the addresses, leased or not, in whatever generation: shutting is never late.</summary>
    /// <returns>ENOENT when a table or set of ours is not there; those that are there were shut.</returns>
    public NetlinkResult Release(ReadOnlySpan<IPAddress> addresses)
    {
        var result = Transact(addresses, lease: false, 0, GateMessages.AllFamilies, generation: 0);
        if (!result.IsAbsent)
            return result;

        // A transaction is all or nothing, but one family's missing table must not hold another's gate open.
        foreach (byte family in GateMessages.AllFamilies)
        {
            var one = Transact(addresses, lease: false, 0, [family], generation: 0);
            if (!one.Succeeded && !one.IsAbsent)
                result = one;
        }

        return result;
    }

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private NetlinkResult Transact(
        ReadOnlySpan<IPAddress> addresses, bool lease, ulong timeoutMilliseconds, ReadOnlySpan<byte> families, uint generation)
    {
        var result = Once(addresses, lease, timeoutMilliseconds, families, generation);

        // Before Linux 6.8 an element can time out between the steps of a transaction; the second time it is gone.
        return result.Errno == SocketCalls.ENOENT
            ? Once(addresses, lease, timeoutMilliseconds, families, generation)
            : result;
    }

    private NetlinkResult Once(
        ReadOnlySpan<IPAddress> addresses, bool lease, ulong timeoutMilliseconds, ReadOnlySpan<byte> families, uint generation)
    {
        int length = GateMessages.BatchLength(addresses.Length);
        Span<byte> buffer = length <= 8192 ? stackalloc byte[8192] : new byte[length];
        var builder = new MessageBuilder(buffer);
        uint first = _socket.NextSequence();
        uint last = GateMessages.WriteLease(ref builder, addresses, lease, timeoutMilliseconds, first, families, generation);
        if (last == first)
            return NetlinkResult.Done;
        _socket.SkipSequenceTo(last + 1);
        return _socket.Transact(builder.Written, first, last);
    }
}
