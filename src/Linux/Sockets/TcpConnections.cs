using System.ComponentModel;
using System.Net;
using System.Runtime.InteropServices;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Linux.Sockets;

/// <summary>
/// Drops TCP connections, whichever process has them (sock_diag(7), SOCK_DESTROY): the process gets ECONNABORTED, the other end a RST
/// as far as packets still pass. What listens goes on listening. Needs CAP_NET_ADMIN and a kernel with INET_DIAG_DESTROY.
/// </summary>
internal static class TcpConnections
{
    private const ushort ByFamily = 20, Destroy = 21;
    private const int RequestBytes = 56, IdentityAt = 8, AnswerIdentityAt = 4, IdentityBytes = 48;
    private const ushort Filter = 1; // INET_DIAG_REQ_BYTECODE
    private const byte SourceIs = 7;
    private const byte AnyFamily = 0; // AF_UNSPEC
    private const uint Established = 1 << 1;
    private const int EndsBytes = 36; // Both ports and both addresses of struct inet_diag_sockid.

    // ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING: where the other end still waits for something.
    private const uint States = (1 << 1) | (1 << 2) | (1 << 3) | (1 << 4) | (1 << 5) | (1 << 8) | (1 << 9) | (1 << 11);

    /// <summary>Drops what has one of the addresses at its local end, in the network namespace of the calling thread. A local client
    /// of a local address has it, too: the kernel takes the same for both ends.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="goOn">Asked between two calls of the kernel; false: the rest stays.</param>
    public static DroppedConnections Drop(IEnumerable<IPAddress> addresses, int most, Func<bool> goOn)
    {
        int dropped = 0;
        try
        {
            using var kernel = new NetlinkSocket(NetlinkConstants.ProtocolSocketDiagnosis);
            foreach (var address in addresses)
            {
                var bytes = address.GetAddressBytes();
                // A socket for both families has an IPv4 connection as an IPv6 one.
                foreach (byte family in bytes.Length == 4 ? [SocketCalls.AfInet, SocketCalls.AfInet6] : (byte[])[SocketCalls.AfInet6])
                {
                    var found = new List<byte[]>();
                    var result = Find(family, LocalEndIs(bytes), States, most - dropped, goOn, found, out bool isAll);
                    if (!result.Succeeded && !(result.IsAbsent && bytes.Length == 4 && family == SocketCalls.AfInet6))
                        return new(dropped, IsAll: false, $"they cannot be listed: {result}");
                    foreach (var identity in found)
                    {
                        if (!goOn())
                            return new(dropped, IsAll: false, "");
                        result = End(kernel, family, identity);
                        if (result.Succeeded)
                            dropped++;
                        else if (!result.IsAbsent)
                            return new(dropped, IsAll: false, Words(result));
                    }

                    if (!isAll)
                        return new(dropped, IsAll: false, "");
                }
            }
        }
        catch (Win32Exception e)
        {
            return new(dropped, IsAll: false, e.Message);
        }

        return new(dropped, IsAll: true, "");
    }

    /// <summary>Counts clients: established connections whose local end has one of the addresses, or one of the ports, and where something
    /// listens on that port, each once. The other end of a connection of this host to itself does not count, nor does what this host has opened
    /// from one of the addresses.</summary>
    /// <param name="addresses">The addresses.</param>
    /// <param name="ports">The ports, on any address.</param>
    /// <param name="listening">Ports on which something listens.</param>
    /// <param name="most">How many at most.</param>
    /// <param name="goOn">Asked between two calls of the kernel; false: the rest is not counted.</param>
    public static DroppedConnections Count(
        IEnumerable<IPAddress> addresses, IEnumerable<int> ports, IReadOnlySet<int> listening, int most, Func<bool> goOn)
    {
        var clients = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            foreach (var filter in addresses.Select(address => LocalEndIs(address.GetAddressBytes())).Concat(ports.Select(LocalPortIs)))
            {
                foreach (byte family in (byte[])[SocketCalls.AfInet, SocketCalls.AfInet6])
                {
                    var found = new List<byte[]>();
                    var result = Find(family, filter, Established, most, goOn, found, out bool isAll);
                    if (!result.Succeeded && !(result.IsAbsent && family == SocketCalls.AfInet6))
                        return new(clients.Count, IsAll: false, $"they cannot be listed: {result}");
                    foreach (var identity in found)
                    {
                        // Ports are in the order of the network, and come first: the local one, then the other.
                        if (listening.Contains((identity[0] << 8) | identity[1]))
                            _ = clients.Add($"{family}{Convert.ToHexString(identity.AsSpan(0, EndsBytes))}");
                    }
                    if (!isAll || clients.Count > most)
                        return new(Math.Min(clients.Count, most), IsAll: false, "");
                }
            }
        }
        catch (Win32Exception e)
        {
            return new(clients.Count, IsAll: false, e.Message);
        }

        return new(clients.Count, IsAll: true, "");
    }

    private static string Words(NetlinkResult result) => result.Errno switch
    {
        // Before Linux 4.5 the message is not known.
        SocketCalls.EOPNOTSUPP or SocketCalls.EINVAL => $"this kernel cannot drop connections (it lacks CONFIG_INET_DIAG_DESTROY): {result}",
        _ => result.ToString(),
    };

    /// <summary>A socket of its own: with what was not read, a dump that is left ends with it.</summary>
    private static NetlinkResult Find(byte family, byte[] filter, uint states, int most, Func<bool> goOn, List<byte[]> found, out bool isAll)
    {
        using var kernel = new NetlinkSocket(NetlinkConstants.ProtocolSocketDiagnosis);
        uint sequence = kernel.NextSequence();
        var builder = new MessageBuilder(stackalloc byte[192]);
        builder.Begin(ByFamily, NetlinkConstants.FlagRequest | NetlinkConstants.FlagDump, sequence);
        Request(builder.Fixed(RequestBytes), family, states);
        builder.Attribute(Filter, filter);
        builder.End();
        isAll = false;
        int sent = kernel.Send(builder.Written);
        if (sent < 0)
            return new(-sent);
        while (goOn())
        {
            int received = kernel.Receive(wait: true, out var datagram);
            if (received < 0)
                return new(-received);
            var reader = new MessageReader(datagram);
            while (reader.Next())
            {
                if (reader.Type == NetlinkConstants.MessageError)
                    return new(-MemoryMarshal.Read<int>(reader.Payload));
                if (reader.Type == NetlinkConstants.MessageDone)
                {
                    isAll = true;
                    return NetlinkResult.Done;
                }

                if (found.Count == most)
                    return NetlinkResult.Done;
                if (reader.Payload.Length >= AnswerIdentityAt + IdentityBytes)
                    found.Add(reader.Payload.Slice(AnswerIdentityAt, IdentityBytes).ToArray());
            }
        }

        return NetlinkResult.Done;
    }

    private static NetlinkResult End(NetlinkSocket kernel, byte family, byte[] identity)
    {
        var builder = new MessageBuilder(stackalloc byte[96]);
        uint sequence = kernel.NextSequence();
        builder.Begin(Destroy, NetlinkConstants.FlagRequest | NetlinkConstants.FlagAck, sequence);
        var request = builder.Fixed(RequestBytes);
        Request(request, family, States);
        identity.CopyTo(request[IdentityAt..]);
        builder.End();
        return kernel.Transact(builder.Written, sequence, sequence);
    }

    /// <summary>struct inet_diag_req_v2 of linux/inet_diag.h.</summary>
    private static void Request(Span<byte> request, byte family, uint states)
    {
        request[0] = family;
        request[1] = (byte)System.Net.Sockets.ProtocolType.Tcp;
        MemoryMarshal.Write(request[4..], states);
    }

    /// <summary>A program of one instruction for the kernel: the local end has the address. It says how many bytes further to go on when
    /// that is so and when not; behind the end by one instruction is "no".</summary>
    private static byte[] LocalEndIs(byte[] address) => LocalEndIs(
        (byte)(address.Length == 4 ? SocketCalls.AfInet : SocketCalls.AfInet6), address, port: -1);

    /// <summary>As above for a port on any address.</summary>
    private static byte[] LocalPortIs(int port) => LocalEndIs(AnyFamily, [], port);

    private static byte[] LocalEndIs(byte family, byte[] address, int port)
    {
        const int Instruction = 4;
        var program = new byte[Instruction + 8 + address.Length];
        program[0] = SourceIs;
        program[1] = (byte)program.Length;
        MemoryMarshal.Write(program.AsSpan(2), (ushort)(program.Length + Instruction));
        Condition(program.AsSpan(Instruction), family, address, port);
        return program;
    }

    /// <summary>struct inet_diag_hostcond: the whole address, or none, and the port, or -1 for any. IPv4 also finds the mapped addresses of IPv6 sockets.</summary>
    private static void Condition(Span<byte> at, byte family, byte[] address, int port)
    {
        at[0] = family;
        at[1] = (byte)(address.Length * 8);
        MemoryMarshal.Write(at[4..], port);
        address.CopyTo(at[8..]);
    }
}

/// <summary>What came of dropping or counting connections.</summary>
/// <param name="Count">How many were dropped or counted.</param>
/// <param name="IsAll">False: a bound was reached, or <paramref name="Failure"/>.</param>
/// <param name="Failure">Why it cannot be done; empty when it can.</param>
internal readonly record struct DroppedConnections(int Count, bool IsAll, string Failure);
