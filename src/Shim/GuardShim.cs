using System.Runtime.InteropServices;
using HaGrpc.Linux;
using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Gate;
using HaGrpc.Linux.Processes;

namespace HaGrpc.Shim;

/// <summary>
/// <c>ha-shim guard</c>: shuts a group's gate and removes its addresses when the group's deadline passes (rule W4), with agent and
/// programs' shims dead if need be. It goes on watching: when the deadline moves forward again it waits for that one.
/// While the deadline is over it shuts again from time to time, because an agent that was stopped between computing and
/// writing may add an address late (the gate refuses such a write). It ends when it is told to, or by SIGTERM.
/// </summary>
internal sealed unsafe class GuardShim : IDisposable
{
    private const int SignalsAt = 0, DeadlineAt = 1, ListenerAt = 2;
    private const int Watched = ListenerAt + 1 + Endpoint.MaxConnections;
    private const int FirstPause = 5, LongestPause = 250;

    private readonly GuardShut _shut;
    private readonly int _signals;
    private readonly DeadlineWatch _deadline;
    private Endpoint _endpoint;
    private bool _quit;

    public GuardShim(Spec spec, int signals, int inherited, DeadlineFile deadline)
    {
        _signals = signals;
        _deadline = new DeadlineWatch(deadline);
        _endpoint = Endpoint.Open(inherited);
        var vips = spec.All("vip="u8, out var count);
        var addresses = new InterfaceAddress[count];
        for (var i = 0; i < count; i++)
        {
            var text = Marshal.PtrToStringUTF8((nint)vips[i])!;
            var space = text.IndexOf(' ', StringComparison.Ordinal);
            addresses[i] = InterfaceAddress.Parse(text[..space], text[(space + 1)..]);
        }
        _shut = new GuardShut(addresses);
    }

    /// <summary>Guards until it is told to end.</summary>
    public void Run()
    {
        var fds = stackalloc Libc.PollFd[Watched];
        var pause = FirstPause;
        while (!_quit)
        {
            var isOver = _deadline.IsOver();
            if (isOver)
                _ = _shut.Shut();
            pause = isOver ? Math.Min(pause * 2, LongestPause) : FirstPause;
            fds[SignalsAt] = new Libc.PollFd { Fd = _signals, Events = Libc.POLLIN };
            fds[DeadlineAt] = new Libc.PollFd { Fd = isOver ? -1 : _deadline.Timer, Events = Libc.POLLIN };
            _endpoint.Watch(fds + ListenerAt);
            _ = Libc.poll(fds, Watched, isOver ? pause : -1);
            for (int signal; (signal = Signals.Next(_signals)) != 0;)
                _quit |= signal is Libc.SIGTERM or Libc.SIGINT;
            if (fds[ListenerAt].Returned != 0)
                _endpoint.Accept();
            for (var i = 0; i < Endpoint.MaxConnections; i++)
            {
                if (fds[ListenerAt + 1 + i].Returned != 0)
                    Serve(i);
            }
        }
        _ = Libc.unlink(Spec.Name("socket\0"u8));
    }

    /// <summary>Closes the sockets to the kernel; nothing is opened by that.</summary>
    public void Dispose() => _shut.Dispose();

    private void Serve(int connection)
    {
        var packet = stackalloc byte[16];
        while (_endpoint.Receive(connection, packet, 16) > 0)
            _quit |= packet[0] == (byte)'Q';
    }
}
