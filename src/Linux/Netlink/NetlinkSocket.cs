using System.ComponentModel;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Sockets;

namespace HaGrpc.Linux.Netlink;

/// <summary>Takes one message of a dump.</summary>
/// <param name="type">The message's type.</param>
/// <param name="payload">What follows the netlink header.</param>
internal delegate void MessageHandler(ushort type, ReadOnlySpan<byte> payload);

/// <summary>
/// A netlink socket (netlink(7)) of the calling thread's network namespace. Not for several threads at once. The kernel
/// answers in the sender's context, so an answer is there when the send returns; two seconds are the bound for a bug.
/// </summary>
internal sealed class NetlinkSocket : IDisposable
{
    private const int TimeoutSeconds = 2;
    private readonly byte[] _buffer = new byte[32 * 1024];
    private int _fd;
    private uint _sequence;

    /// <summary>Opens and binds the socket.</summary>
    /// <exception cref="Win32Exception">The kernel refuses, or does not know the protocol.</exception>
    public NetlinkSocket(int protocol)
    {
        _fd = Check(SocketCalls.Open(SocketCalls.AfNetlink, SocketCalls.SockRaw, protocol), "socket(AF_NETLINK)");
        try
        {
            Span<byte> address = stackalloc byte[12];
            MemoryMarshal.Write(address, (ushort)SocketCalls.AfNetlink);
            Check(SocketCalls.Bind(_fd, address), "bind(AF_NETLINK)");
            Check(SocketCalls.GetName(_fd, address), "getsockname(AF_NETLINK)");
            PortId = MemoryMarshal.Read<uint>(address[4..]);
            Check(SocketCalls.SetReceiveTimeout(_fd, TimeoutSeconds), "SO_RCVTIMEO");

            // Both are comfort: kernels before 4.12 answer with a bare errno and the whole request.
            _ = SocketCalls.SetOption(_fd, NetlinkConstants.SolNetlink, NetlinkConstants.ExtAck, 1);
            _ = SocketCalls.SetOption(_fd, NetlinkConstants.SolNetlink, NetlinkConstants.CapAck, 1);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The file descriptor, for poll(2).</summary>
    public int Descriptor => _fd;

    /// <summary>The port id with which the kernel marks notifications of what this socket changed.</summary>
    public uint PortId { get; }

    /// <summary>The next sequence number.</summary>
    public uint NextSequence() => ++_sequence;

    /// <summary>Marks the numbers up to this one as used, by a batch.</summary>
    public void SkipSequenceTo(uint sequence) => _sequence = sequence;

    /// <summary>Subscribes to a multicast group.</summary>
    /// <exception cref="Win32Exception">The kernel refuses.</exception>
    public void Join(int group) => Check(
        SocketCalls.SetOption(_fd, NetlinkConstants.SolNetlink, NetlinkConstants.AddMembership, group),
        $"NETLINK_ADD_MEMBERSHIP({group})");

    /// <summary>Asks for a larger queue of notifications; the kernel may give less.</summary>
    public void WidenQueue(int bytes) => _ = SocketCalls.SetOption(_fd, SocketCalls.SolSocket, SocketCalls.SoRcvBuf, bytes);

    /// <summary>Sends one or more messages; 0 or a negative errno.</summary>
    public int Send(ReadOnlySpan<byte> messages)
    {
        Span<byte> kernel = stackalloc byte[12];
        MemoryMarshal.Write(kernel, (ushort)SocketCalls.AfNetlink);
        return Math.Min(0, SocketCalls.SendTo(_fd, messages, kernel));
    }

    /// <summary>Receives one datagram into the socket's buffer, valid until the next call.</summary>
    /// <param name="wait">False: returns -EAGAIN when nothing is there.</param>
    /// <param name="datagram">What was received.</param>
    /// <returns>0 or a negative errno; -ENOBUFS says that notifications were lost.</returns>
    public int Receive(bool wait, out ReadOnlySpan<byte> datagram)
    {
        int length = SocketCalls.Receive(_fd, _buffer, wait ? 0 : SocketCalls.MsgDontWait);
        datagram = length > 0 ? _buffer.AsSpan(0, length) : default;
        return Math.Min(0, length);
    }

    /// <summary>Sends messages and waits for the acknowledgement of the last one, whose flags must have NLM_F_ACK.</summary>
    /// <param name="messages">The messages.</param>
    /// <param name="first">Sequence number of the first; an error of the whole batch is reported on it.</param>
    /// <param name="last">Sequence number of the one that asks for the acknowledgement.</param>
    /// <returns>The first error among the answers.</returns>
    public NetlinkResult Transact(ReadOnlySpan<byte> messages, uint first, uint last)
    {
        int sent = Send(messages);
        if (sent < 0)
            return new(-sent);
        var result = NetlinkResult.Done;
        while (true)
        {
            int received = Receive(wait: true, out var datagram);
            if (received < 0)
                return new(received == -SocketCalls.EAGAIN ? SocketCalls.ETIMEDOUT : -received);
            var reader = new MessageReader(datagram);
            while (reader.Next())
            {
                if (reader.Type != NetlinkConstants.MessageError || reader.Sequence - first > last - first)
                    continue;
                var answer = ReadError(reader.Flags, reader.Payload);
                if (result.Succeeded)
                    result = answer;
                if (reader.Sequence == last || (reader.Sequence == first && !answer.Succeeded && first != last))
                    return result;
            }
        }
    }

    /// <summary>Sends one message with NLM_F_DUMP, or one that is answered by a single message and NLM_F_ACK, and hands over
    /// the answers.</summary>
    /// <returns>EINTR when the table changed meanwhile and the answers may be incomplete.</returns>
    public NetlinkResult Query(ReadOnlySpan<byte> message, uint sequence, MessageHandler handler)
    {
        int sent = Send(message);
        if (sent < 0)
            return new(-sent);
        bool interrupted = false;
        while (true)
        {
            int received = Receive(wait: true, out var datagram);
            if (received < 0)
                return new(received == -SocketCalls.EAGAIN ? SocketCalls.ETIMEDOUT : -received);
            var reader = new MessageReader(datagram);
            while (reader.Next())
            {
                if (reader.Sequence != sequence)
                    continue;
                interrupted |= (reader.Flags & NetlinkConstants.FlagDumpInterrupted) != 0;
                if (reader.Type == NetlinkConstants.MessageError)
                    return ReadError(reader.Flags, reader.Payload);
                if (reader.Type == NetlinkConstants.MessageDone)
                    return interrupted ? new(SocketCalls.EINTR) : NetlinkResult.Done;
                handler(reader.Type, reader.Payload);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_fd >= 0)
            SocketCalls.Close(_fd);
        _fd = -1;
    }

    private static NetlinkResult ReadError(ushort flags, ReadOnlySpan<byte> payload)
    {
        int errno = -MemoryMarshal.Read<int>(payload);
        if (errno == 0 || (flags & NetlinkConstants.FlagAckTlvs) == 0)
            return new(errno);

        // The request's header follows the errno, and its body too unless the answer is capped.
        int request = (flags & NetlinkConstants.FlagCapped) != 0
            ? NetlinkConstants.HeaderLength
            : (MemoryMarshal.Read<int>(payload[4..]) + 3) & ~3;
        var attributes = new AttributeReader(payload[Math.Min(4 + request, payload.Length)..]);
        while (attributes.Next())
        {
            if (attributes.Type == NetlinkConstants.ErrorAttributeMessage)
                return new(errno, attributes.Text);
        }

        return new(errno);
    }

    private static int Check(int result, string call) =>
        result >= 0 ? result : throw new Win32Exception(-result, $"{call}: {Marshal.GetPInvokeErrorMessage(-result)}");
}
