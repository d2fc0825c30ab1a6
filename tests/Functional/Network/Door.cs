using System.Net;
using System.Net.Sockets;

namespace HaGrpc.Functional.Tests.Network;

/// <summary>A loopback port of the tests that leads to one inside a network namespace: who is in the tests' process can talk to who is in there.</summary>
internal sealed class Door : IDisposable
{
    private readonly NetworkSpace _space;
    private readonly int _port;
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _closed = new();

    public Door(NetworkSpace space, int port)
    {
        (_space, _port) = (space, port);
        _listener.Start();
        _ = TakeAsync();
    }

    public string Url => $"http://{_listener.LocalEndpoint}";

    public void Dispose()
    {
        _closed.Cancel();
        _listener.Dispose();
        _closed.Dispose();
    }

    private async Task TakeAsync()
    {
        var closed = _closed.Token;
        try
        {
            while (true)
                _ = LeadAsync(await _listener.AcceptSocketAsync(closed), closed);
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // It is closed.
        }
    }

    private async Task LeadAsync(Socket outside, CancellationToken closed)
    {
        // A socket stays in the namespace in which it was made.
        using var inside = _space.Do(() => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true });
        using (outside)
        {
            outside.NoDelay = true;
            try
            {
                await inside.ConnectAsync(IPAddress.Loopback, _port, closed);
                await Task.WhenAny(CarryAsync(outside, inside, closed), CarryAsync(inside, outside, closed));
            }
            catch (Exception e) when (e is SocketException or OperationCanceledException)
            {
                // Nobody is there: whoever knocked is told by the end.
            }
        }
    }

    private static async Task CarryAsync(Socket from, Socket to, CancellationToken closed)
    {
        var buffer = new byte[16 * 1024];
        try
        {
            for (int count; (count = await from.ReceiveAsync(buffer, closed)) > 0;)
            {
                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), closed);
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // The other side has gone.
        }
    }
}
