using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// The unix socket <c>socket</c> in the shim's directory (SOCK_SEQPACKET: one packet is one message) and its connections.
/// Only root and the shim's own user are served (SO_PEERCRED).
/// </summary>
internal unsafe struct Endpoint
{
    /// <summary>More than one agent and a curious operator is a mistake; the oldest connection makes room.</summary>
    public const int MaxConnections = 4;

    private fixed int _connections[MaxConnections];
    private int _listener;

    /// <summary>Listens, and takes over a connection that the agent passed on (or -1).</summary>
    public static Endpoint Open(int inherited)
    {
        var endpoint = default(Endpoint);
        for (var i = 0; i < MaxConnections; i++)
            endpoint._connections[i] = -1;
        if (inherited >= 0)
        {
            _ = Libc.fcntl(inherited, 2, 1); // F_SETFD, FD_CLOEXEC
            endpoint._connections[0] = inherited;
        }
        _ = Libc.unlink(Spec.Name("socket\0"u8));
        var address = stackalloc byte[16];
        new Span<byte>(address, 16).Clear();
        *(ushort*)address = Libc.AF_UNIX;
        "socket"u8.CopyTo(new Span<byte>(address + 2, 14));
        endpoint._listener = Libc.socket(
            Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0);
        if (Libc.bind(endpoint._listener, address, 9) != 0 || Libc.listen(endpoint._listener, MaxConnections) != 0)
        {
            _ = Libc.close(endpoint._listener);
            endpoint._listener = -1;
        }
        return endpoint;
    }

    /// <summary>False when the socket could not be made.</summary>
    public readonly bool IsListening => _listener >= 0;

    /// <summary>Fills <paramref name="fds"/> with the listener and the connections: 1 + <see cref="MaxConnections"/> entries.</summary>
    public readonly void Watch(Libc.PollFd* fds)
    {
        fds[0] = new Libc.PollFd { Fd = _listener, Events = Libc.POLLIN };
        for (var i = 0; i < MaxConnections; i++)
            fds[i + 1] = new Libc.PollFd { Fd = _connections[i], Events = Libc.POLLIN };
    }

    /// <summary>Accepts what waits.</summary>
    public void Accept()
    {
        int accepted;
        while ((accepted = Libc.accept4(_listener, null, null, Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK)) >= 0)
        {
            if (!IsTrusted(accepted))
            {
                _ = Libc.close(accepted);
                continue;
            }
            var slot = 0;
            for (var i = MaxConnections - 1; i >= 0; i--)
            {
                if (_connections[i] < 0)
                    slot = i;
            }
            if (_connections[slot] >= 0)
            {
                _ = Libc.close(_connections[slot]);
                for (var i = 0; i < MaxConnections - 1; i++)
                    _connections[i] = _connections[i + 1];
                slot = MaxConnections - 1;
            }
            _connections[slot] = accepted;
        }
    }

    /// <summary>Receives one packet from connection <paramref name="index"/>; 0 when there is none or it has ended.</summary>
    public int Receive(int index, byte* buffer, int size)
    {
        var count = (int)Libc.recv(_connections[index], buffer, size, Libc.MSG_DONTWAIT);
        if (count > 0)
            return count;
        if (count == 0 || (Libc.Errno != Libc.EAGAIN && Libc.Errno != Libc.EINTR))
        {
            _ = Libc.close(_connections[index]);
            _connections[index] = -1;
        }
        return 0;
    }

    /// <summary>Answers connection <paramref name="index"/>.</summary>
    public readonly void Answer(int index, ref Record record) => record.Send(_connections[index]);

    /// <summary>Tells every connection.</summary>
    public readonly void Push(ref Record record)
    {
        for (var i = 0; i < MaxConnections; i++)
        {
            if (_connections[i] >= 0)
                record.Send(_connections[i]);
        }
    }

    private static bool IsTrusted(int connection)
    {
        Libc.Credentials peer;
        var size = (uint)sizeof(Libc.Credentials);
        return Libc.getsockopt(connection, Libc.SOL_SOCKET, Libc.SO_PEERCRED, &peer, &size) == 0
            && (peer.Uid == 0 || peer.Uid == Libc.geteuid());
    }
}
