using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Linux.Shims;

/// <summary>The agent's end of a connection to a shim: a unix socket that keeps packets apart (SOCK_SEQPACKET).</summary>
internal sealed unsafe class ShimConnection : IDisposable
{
    private ShimConnection(int fd) => Descriptor = fd;

    /// <summary>The socket, to be polled for input; -1 once closed.</summary>
    public int Descriptor { get; private set; }

    /// <summary>Makes a connected pair; the other end is to be inherited by a shim and closed here.</summary>
    /// <exception cref="Win32Exception">socketpair failed.</exception>
    public static ShimConnection Pair(out int inherited)
    {
        var ends = stackalloc int[2];
        if (Libc.socketpair(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0, ends) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "socketpair for a shim");
        inherited = ends[1];
        return new ShimConnection(ends[0]);
    }

    /// <summary>Connects to a shim that runs already; null when nobody listens there.</summary>
    public static ShimConnection? TryConnect(ShimDirectory directory)
    {
        var folder = Libc.open(directory.Path, Libc.O_PATH | Libc.O_CLOEXEC, 0);
        if (folder < 0)
            return null;
        var fd = Libc.socket(Libc.AF_UNIX, Libc.SOCK_SEQPACKET | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0);
        // A socket's path has room for 107 bytes only: the folder's descriptor is its short name.
        var path = Encoding.UTF8.GetBytes($"/proc/self/fd/{folder}/socket");
        var address = stackalloc byte[110];
        new Span<byte>(address, 110).Clear();
        *(ushort*)address = Libc.AF_UNIX;
        path.CopyTo(new Span<byte>(address + 2, 108));
        var connected = fd >= 0 && Libc.connect(fd, address, (uint)(path.Length + 3)) == 0;
        _ = Libc.close(folder);
        if (connected)
            return new ShimConnection(fd);
        _ = Libc.close(fd);
        return null;
    }

    /// <summary>Process id of the shim at the other end (SO_PEERCRED); meaningful after <see cref="TryConnect"/>.</summary>
    public int PeerPid
    {
        get
        {
            Libc.Credentials peer;
            var size = (uint)sizeof(Libc.Credentials);
            return Libc.getsockopt(Descriptor, Libc.SOL_SOCKET, Libc.SO_PEERCRED, &peer, &size) == 0 ? peer.Pid : 0;
        }
    }

    /// <summary>Sends a request; false when the shim is gone or does not read.</summary>
    public bool Send(byte[] request)
    {
        if (Descriptor < 0)
            return false;
        fixed (byte* packet = request)
            return Libc.send(Descriptor, packet, request.Length, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL) == request.Length;
    }

    /// <summary>Receives one record without waiting; null when there is none, and then <paramref name="ended"/> says whether
    /// there will be more.</summary>
    public ShimRecord? Receive(out bool ended)
    {
        ended = true;
        if (Descriptor < 0)
            return null;
        var packet = stackalloc byte[4608];
        while (true)
        {
            var count = (int)Libc.recv(Descriptor, packet, 4608, Libc.MSG_DONTWAIT);
            var error = count < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (error == Libc.EINTR)
                continue;
            ended = count == 0 || (count < 0 && error != Libc.EAGAIN);
            if (count <= 0)
                return null;
            if (ShimRecord.Parse(Encoding.UTF8.GetString(packet, count)) is { } record)
                return record;
        }
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose()
    {
        if (Descriptor >= 0)
            _ = Libc.close(Descriptor);
        Descriptor = -1;
    }
}
