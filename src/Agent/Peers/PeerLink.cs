using System.Collections.Immutable;
using System.Net;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Ownership;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Peers;

/// <summary>
/// The link between agents: asks others for promises while the control plane is silent (rule F1), and lets others ask (F2). Who they are and
/// where they answer comes from the control plane and is remembered; connections are there before they are needed.
/// </summary>
internal sealed class PeerLink : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly AgentOptions _options;
    private readonly Outbox _outbox;
    private readonly Random _random;
    private readonly ILoggerFactory _loggers;
    private readonly PeerSelf _self;
    private readonly AddressBook _book;
    private ImmutableDictionary<string, PeerConnection> _connections = ImmutableDictionary.Create<string, PeerConnection>(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private PeerServer? _server;
    private bool _started;

    /// <summary>Reads the remembered addresses.</summary>
    public PeerLink(AgentOptions options, Guid instance, Outbox outbox, TimeProvider time, Random random, ILoggerFactory loggers)
    {
        (_options, _outbox, _random, _loggers) = (options, outbox, random, loggers);
        var logger = loggers.CreateLogger<PeerLink>();
        _self = new(options.Host, instance, new(options.Tls, new(options.StateDirectory, logger)), new(time), time, logger);
        _book = new(options.Host, options.StateDirectory, time, _self.Logger);
    }

    /// <summary>Who answers a host's ping; to be set before <see cref="Start"/>. Called on any thread, several times at once.</summary>
    public Func<string, PeerPing, Task<PeerPromise>>? Asked { get; set; }

    /// <summary>How long the listener waits before it tries a port that was taken again.</summary>
    public TimeSpan ListenRetry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A host has answered; on any thread.</summary>
    public event Action<string, PeerPromise>? Answered;

    /// <summary>Begins to listen and to connect.</summary>
    /// <exception cref="InvalidOperationException">Nobody answers: <see cref="Asked"/> is not set.</exception>
    public void Start()
    {
        var asked = Asked ?? throw new InvalidOperationException("nobody answers pings");
        if (_options.Peers.Off.Length > 0)
        {
            PeersLog.Off(_self.Logger, _options.Peers.Off);
            return;
        }
        if (_options.Peers.Listen is { } address)
        {
            if (!_self.Certificates.Any && !IPAddress.IsLoopback(address.Address))
                PeersLog.Plaintext(_self.Logger, address);
            _server = new(_self, new(_self, _book, asked, Heard), address, _outbox, ListenRetry, _loggers);
        }
        _started = true;
        Connect();
    }

    /// <summary>Takes who the peers are and where they answer. From any thread; waits for nothing.</summary>
    public void Learn(HostConfiguration configuration)
    {
        _book.Learn(configuration);
        // Who was trusted when a connection was made may not be any more.
        if (_self.Certificates.Revoked.Learn(configuration))
            Disconnect();
        Connect();
    }

    /// <summary>Asks a host for promises, without waiting: answers come by <see cref="Answered"/>, or not at all. From any thread; never blocks,
    /// never throws. A ping is given up when its time is over.</summary>
    public void Ask(string host, IReadOnlyList<PeerPing> pings)
    {
        if (pings.Count == 0 || !_started || _self.Certificates.Revoked.AreRevoked(host, certificate: null))
            return;
        if (!Volatile.Read(ref _connections).TryGetValue(host, out var connection))
        {
            // One that left a group may still stand in the view that an owner acts under: it is dialled for the next ping.
            if (_book.Peers.GetValueOrDefault(host) is { Address.Length: > 0 })
                Connect(host);
            else if (_self.Limit.Passes($"no address of {host}"))
                PeersLog.NoAddress(_self.Logger, host);
            return;
        }
        connection.Ask(pings);
    }

    /// <summary>A host that reaches this one can be reached, as a rule.</summary>
    private void Heard(string host) => Volatile.Read(ref _connections).GetValueOrDefault(host)?.Nudge();

    /// <summary>Ends everything; what was learned is on disk.</summary>
    public async ValueTask DisposeAsync()
    {
        ImmutableDictionary<string, PeerConnection> connections;
        lock (_lock)
        {
            _started = false;
            connections = _connections;
            Volatile.Write(ref _connections, connections.Clear());
        }
        foreach (var connection in connections.Values)
            await connection.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await _book.DisposeAsync();
    }

    private void Disconnect()
    {
        lock (_lock)
        {
            foreach (var connection in _connections.Values)
                _ = connection.DisposeAsync().AsTask();
            Volatile.Write(ref _connections, _connections.Clear());
        }
    }

    /// <summary>To every fellow, where it answers by now; who is no fellow any more keeps the address and loses the connection, unless it is still asked.</summary>
    private void Connect(string? asked = null)
    {
        lock (_lock)
        {
            if (!_started)
                return;
            if (asked is not null)
                _asked.Add(asked);
            var wanted = _book.Peers.Where(p => p.Value.Address.Length > 0 && (p.Value.Fellow || _asked.Contains(p.Key)))
                .ToDictionary(p => p.Key, p => p.Value.Address, StringComparer.Ordinal);
            var connections = _connections;
            foreach (var (host, connection) in connections)
            {
                if (wanted.GetValueOrDefault(host) == connection.Address)
                    continue;
                connections = connections.Remove(host);
                _ = connection.DisposeAsync().AsTask();
            }
            foreach (var (host, address) in wanted.Where(w => !connections.ContainsKey(w.Key)))
            {
                connections = connections.Add(
                    host, new(_self, host, address, new Random(_random.Next()), promise => Answered?.Invoke(host, promise)));
            }
            Volatile.Write(ref _connections, connections);
        }
    }
}
