using System.Net;
using System.Net.Sockets;

namespace HaGrpc.Functional.Tests.Peers;

/// <summary>
/// Passes bytes between agents, and can lose those of the connections that stand, for good and without a word, while new ones pass: what TCP
/// does for a while after a cut has healed.
/// </summary>
internal sealed class BlackHole : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly IPEndPoint _behind;
    private readonly List<Task> _passing = [];
    private readonly Task _accepting;
    private CancellationTokenSource _standing = new();
    private int _accepted;

    /// <param name="behind">To whom it passes.</param>
    public BlackHole(IPEndPoint behind)
    {
        _behind = behind;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public IPEndPoint EndPoint => (IPEndPoint)_listener.LocalEndpoint;

    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>From now on nothing passes over the connections that stand.</summary>
    public async Task SwallowAsync()
    {
        var standing = Interlocked.Exchange(ref _standing, new());
        await standing.CancelAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        await Task.WhenAll(_passing);
        _listener.Dispose();
        _stop.Dispose();
        _standing.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var outer = await _listener.AcceptSocketAsync(_stop.Token);
                Interlocked.Increment(ref _accepted);
                _passing.Add(PassAsync(outer, Volatile.Read(ref _standing).Token));
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task PassAsync(Socket outer, CancellationToken standing)
    {
        using (outer)
        using (var inner = new Socket(SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                await inner.ConnectAsync(_behind, _stop.Token);
                await Task.WhenAny(CopyAsync(outer, inner, standing), CopyAsync(inner, outer, standing));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException)
            {
                // Nobody is there any more.
            }
        }
    }

    private async Task CopyAsync(Socket from, Socket to, CancellationToken standing)
    {
        var buffer = new byte[16384];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
            {
                if (standing.IsCancellationRequested)
                    await Task.Delay(Timeout.Infinite, _stop.Token);
                await to.SendAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // One end has gone.
        }
    }
}
