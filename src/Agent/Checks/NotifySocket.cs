using System.Net.Sockets;
using System.Text;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Agent.Checks;

/// <summary>
/// The socket on which a program says that it is ready (sd_notify(3)). It has an abstract name that holds the instance, so that a program
/// of any user can reach it and none of an instance before is believed. A local user who looks it up in /proc could speak in the program's
/// place; all that does is to begin the next level early.
/// </summary>
internal sealed class NotifySocket : IDisposable
{
    private const int AtOnce = 64;

    private readonly EventThread _thread;
    private readonly Socket _socket;
    private readonly Action _ready;
    private readonly byte[] _packet = new byte[4096];

    /// <param name="thread">The host's thread; to be called on it.</param>
    /// <param name="instance">The instance.</param>
    /// <param name="ready">Called on the thread with every READY=1.</param>
    /// <exception cref="SocketException">It could not be made.</exception>
    public NotifySocket(EventThread thread, string instance, Action ready)
    {
        (_thread, _ready) = (thread, ready);
        _socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
        try
        {
            _socket.Bind(new UnixDomainSocketEndPoint("\0" + NameOf(instance)));
            _thread.Watch((int)_socket.Handle, Receive);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>What the program finds in NOTIFY_SOCKET.</summary>
    public static string AddressOf(string instance) => "@" + NameOf(instance);

    /// <summary>Closes it. To be called on the thread.</summary>
    public void Dispose()
    {
        _thread.Unwatch((int)_socket.Handle);
        _socket.Dispose();
    }

    private static string NameOf(string instance) => $"ha-notify-{instance}";

    private void Receive()
    {
        // An empty one has no length to ask for, and would stay at the head of the queue for good. Not without end: whoever floods this
        // socket shares the thread with everybody.
        for (var i = 0; i < AtOnce; i++)
        {
            var count = _socket.Receive(_packet, SocketFlags.None, out var error);
            if (error != SocketError.Success)
                return;
            if (Encoding.UTF8.GetString(_packet, 0, count).Split('\n').Contains("READY=1", StringComparer.Ordinal))
            {
                // The last act: whoever hears of it closes this socket.
                _ready();
                return;
            }
        }
    }
}
