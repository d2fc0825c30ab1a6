using System.Net.Sockets;

namespace HaGrpc.Storage.Tests.Databases;

/// <summary>
/// A socket between a store and PostgreSQL that can lose the answer to a COMMIT: the server gets it, the client never
/// hears of it. That is what an outcome "unknown" is made of.
/// </summary>
internal sealed class CuttableConnection : IAsyncDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("hagrpc-cut-").FullName;
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly List<Socket> _sockets = [];
    private readonly TaskCompletionSource _cut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _accepting;
    private readonly string _server;
    private int _armed;

    public CuttableConnection(string serverDirectory)
    {
        _server = Path.Combine(serverDirectory, ".s.PGSQL.5432");
        _listener.Bind(new UnixDomainSocketEndPoint(Path.Combine(_directory, ".s.PGSQL.5432")));
        _listener.Listen();
        _accepting = AcceptAsync();
    }

    /// <summary>The host to name in the connection string.</summary>
    public string Host => _directory;

    /// <summary>Ends when a COMMIT has been passed on and its answer was lost.</summary>
    public Task Cut => _cut.Task;

    /// <summary>The next COMMIT's answer will be lost, and with it the connection.</summary>
    public void LoseTheNextCommitsAnswer() => Interlocked.Exchange(ref _armed, 1);

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        lock (_sockets)
            _sockets.ForEach(s => s.Dispose());
        Directory.Delete(_directory, recursive: true);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptAsync();
                var server = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                await server.ConnectAsync(new UnixDomainSocketEndPoint(_server));
                lock (_sockets)
                    _sockets.AddRange([client, server]);
                _ = PumpAsync(client, server, mayCut: true);
                _ = PumpAsync(server, client, mayCut: false);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // The listener was disposed: the test is over.
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool mayCut)
    {
        var buffer = new byte[65536];
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                // With the closing zero: BEGIN says READ COMMITTED.
                if (mayCut && buffer.AsSpan(0, count).IndexOf("COMMIT\0"u8) >= 0 && Interlocked.Exchange(ref _armed, 0) == 1)
                {
                    // First deaf, then pass it on: no answer can slip through. The server's side stays open, so that
                    // the server does not notice before the commit is done.
                    from.Dispose();
                    await to.SendAsync(buffer.AsMemory(0, count));
                    _cut.SetResult();
                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // One side is gone; the other notices by itself.
        }
    }
}
