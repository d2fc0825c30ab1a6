using System.Net.Sockets;
using Grpc.Net.Client;
using HaGrpc.V1;

namespace HaGrpc.Agent.Peers;

/// <summary>One connection to an agent, made by the first call and not made again when it has been lost.</summary>
internal sealed class PeerLine : IDisposable
{
    private const int LargestMessage = 64 << 10;

    // The shortest that the runtime takes: a connection that died without a word is noticed while no ping is due.
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly GrpcChannel _channel;
    private int _open;

    /// <summary>Prepares it.</summary>
    /// <param name="host">The host that is to answer.</param>
    /// <param name="address">HOST:PORT.</param>
    /// <param name="certificates">Mutual TLS, or plain text.</param>
    /// <exception cref="IOException">A PEM file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file is not one.</exception>
    public PeerLine(string host, string address, PeerCertificates certificates)
    {
        var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            ConnectTimeout = Ping,
            ConnectCallback = ConnectAsync,
            KeepAlivePingDelay = Ping,
            KeepAlivePingTimeout = Ping,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
        };
        if (certificates.Any)
            handler.SslOptions = certificates.AsClient(host);
        _channel = GrpcChannel.ForAddress($"{(certificates.Any ? "https" : "http")}://{address}", new GrpcChannelOptions
        {
            HttpHandler = handler,
            DisposeHttpClient = true,
            MaxReceiveMessageSize = LargestMessage,
        });
        Client = new(_channel);
    }

    /// <summary>Calls over it.</summary>
    public PeerService.PeerServiceClient Client { get; }

    /// <summary>True while there is a connection.</summary>
    public bool IsUp => Volatile.Read(ref _open) > 0;

    /// <summary>Completes when a connection that was there is gone.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Ends it, and every call over it.</summary>
    public void Dispose() => _channel.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(context.DnsEndPoint, cancellation);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
        Interlocked.Increment(ref _open);
        return new WatchedStream(socket, Closed);
    }

    private void Closed()
    {
        Interlocked.Decrement(ref _open);
        _lost.TrySetResult();
    }

    /// <summary>The handler closes what is broken, and tells nobody.</summary>
    private sealed class WatchedStream(Socket socket, Action closed) : NetworkStream(socket, ownsSocket: true)
    {
        private int _closed;

        protected override void Dispose(bool disposing)
        {
            base.Dispose(disposing);
            if (Interlocked.Exchange(ref _closed, 1) == 0)
                closed();
        }
    }
}
