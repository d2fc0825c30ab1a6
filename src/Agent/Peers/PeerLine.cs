using System.Net.Sockets;
using Grpc.Net.Client;
using HaGrpc.V1;

namespace HaGrpc.Agent.Peers;

/// <summary>One connection to an agent, made by the first call and not made again when it has been lost. Calls with pings are counted:
/// one that is replaced ends only after them.</summary>
internal sealed class PeerLine : IDisposable
{
    private const int LargestMessage = 64 << 10;

    // The shortest that the runtime takes: a connection that died without a word is noticed while no ping is due.
    private static readonly TimeSpan Ping = TimeSpan.FromSeconds(1);

    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _doubted = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _lock = new();
    private readonly GrpcChannel _channel;
    private readonly TimeProvider _time;
    private long? _waitsSince;
    private int _open, _calls;
    private bool _retired;

    /// <summary>Prepares it.</summary>
    /// <param name="host">The host that is to answer.</param>
    /// <param name="address">HOST:PORT.</param>
    /// <param name="certificates">Mutual TLS, or plain text.</param>
    /// <param name="time">The clock of <see cref="Waited"/>.</param>
    /// <exception cref="IOException">A PEM file cannot be read.</exception>
    /// <exception cref="System.Security.Cryptography.CryptographicException">A PEM file is not one.</exception>
    public PeerLine(string host, string address, PeerCertificates certificates, TimeProvider time)
    {
        _time = time;
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

    /// <summary>Completes when somebody no longer relies on it.</summary>
    public Task Doubted => _doubted.Task;

    /// <summary>How long calls have waited since anything was last answered; zero when none does.</summary>
    public TimeSpan Waited
    {
        get
        {
            lock (_lock)
                return _waitsSince is { } since ? _time.GetElapsedTime(since) : TimeSpan.Zero;
        }
    }

    /// <summary>A call begins; false when there is no use in it any more. Each that began has to <see cref="End"/>.</summary>
    public bool Begin()
    {
        lock (_lock)
        {
            if (_retired)
                return false;
            _calls++;
            _waitsSince ??= _time.GetTimestamp();
            return true;
        }
    }

    /// <summary>A call is over.</summary>
    /// <param name="answered">It was answered, by whatever.</param>
    public void End(bool answered)
    {
        lock (_lock)
        {
            _calls--;
            if (answered)
                _waitsSince = _calls > 0 ? _time.GetTimestamp() : null;
            if (!_retired || _calls > 0)
                return;
        }
        Dispose();
    }

    /// <summary>Something else than a counted call was answered.</summary>
    public void Alive()
    {
        lock (_lock)
            _waitsSince = _calls > 0 ? _time.GetTimestamp() : null;
    }

    /// <summary>Asks for another one in its place.</summary>
    public void Doubt() => _doubted.TrySetResult();

    /// <summary>Nothing new goes over it; it ends with the calls that wait.</summary>
    public void Retire()
    {
        lock (_lock)
        {
            _retired = true;
            if (_calls > 0)
                return;
        }
        Dispose();
    }

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
