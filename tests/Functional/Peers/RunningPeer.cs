using System.Globalization;
using System.Net;
using System.Threading.Channels;
using HaGrpc.Agent.Configuration;
using HaGrpc.Agent.Peers;
using HaGrpc.Agent.Uplink;
using HaGrpc.Core.Ownership;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Programs;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Functional.Tests.Peers;

/// <summary>A host's peer link at a loopback address of its own, with a directory that survives it.</summary>
internal sealed class RunningPeer : IAsyncDisposable
{
    private static int _last;
    private readonly DirectoryInfo _state = Directory.CreateTempSubdirectory("ha-peer-");
    private readonly AgentOptions _options;
    private readonly Channel<(string From, PeerPromise Promise)> _answers = Channel.CreateUnbounded<(string, PeerPromise)>();
    private PeerLink? _link;

    /// <param name="host">Its name.</param>
    /// <param name="tls">Mutual TLS; null for plain text.</param>
    public RunningPeer(string host, TlsFiles? tls = null)
    {
        Host = host;
        // An address of its own instead of a port that somebody else may take meanwhile.
        EndPoint = new(new IPAddress([127, (byte)(1 + (Environment.ProcessId % 250)), (byte)((Environment.ProcessId / 250 % 250) + 1), (byte)Interlocked.Increment(ref _last)]), 7444);
        _options = new()
        {
            Host = host,
            ControlPlane = [],
            RunDirectory = _state.FullName,
            StateDirectory = _state.FullName,
            ShimPath = "/bin/true",
            Tls = tls ?? new("", "", ""),
            Peers = new(EndPoint, ":7444", ""),
        };
    }

    public string Host { get; }

    public IPEndPoint EndPoint { get; }

    public Guid Instance { get; } = Guid.NewGuid();

    public CollectedLogs Log { get; } = new();

    public Outbox Outbox { get; } = new(Guid.NewGuid(), TimeProvider.System);

    /// <summary>Answers; promises everything unless a test says otherwise.</summary>
    public Func<string, PeerPing, Task<PeerPromise>> Asked { get; set; } =
        (_, ping) => Task.FromResult(new PeerPromise(ping.Group, ping.Epoch, ping.Seq, ping.Instance, ping.Ttl, ""));

    /// <summary>Of pauses and of the time that a ping is wanted for.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    public PeerLink Link => _link!;

    public string BookFile => Path.Combine(_state.FullName, "peers.json");

    public static TlsFiles Tls(TestAuthority authority, string name)
    {
        var (certificate, key) = authority.Client(name);
        return new(certificate, key, authority.RootFile);
    }

    /// <summary>Two hosts that know each other.</summary>
    public static void Acquaint(RunningPeer one, RunningPeer other)
    {
        one.Learn((other.Host, other.EndPoint.ToString()));
        other.Learn((one.Host, one.EndPoint.ToString()));
    }

    public RunningPeer Start()
    {
        _link = new(_options, Instance, Outbox, Time, new Random(1), Log)
        {
            Asked = (from, ping) => Asked(from, ping),
            ListenRetry = TimeSpan.FromMilliseconds(20),
        };
        _link.Answered += (from, promise) => _answers.Writer.TryWrite((from, promise));
        _link.Start();
        return this;
    }

    /// <summary>A configuration with a group of this host and these.</summary>
    public void Learn(params (string Host, string Address)[] peers)
    {
        var configuration = new HostConfiguration();
        configuration.Groups.Add(Models.Group("web", [.. peers.Select(p => new Member { Host = p.Host }).Prepend(new Member { Host = Host })]));
        foreach (var (host, address) in peers.Where(p => p.Address.Length > 0))
            configuration.Peers[host] = address;
        Link.Learn(configuration);
    }

    /// <summary>Waits until the connection to a host stands.</summary>
    public Task ReachesAsync(RunningPeer other, int times = 1) =>
        Log.SaysAsync($"The agent of {other.Host} answers at {other.EndPoint}", times);

    public PeerPing Ping(long seq, TimeSpan? ttl = null) => new("web", 3, 2, seq, Instance, ttl ?? Until.Bound);

    public async Task<(string From, PeerPromise Promise)> AnswerAsync() => await _answers.Reader.ReadAsync().AsTask().WaitAsync(Until.Bound);

    public bool HasAnswer => _answers.Reader.TryPeek(out _);

    public async Task StopAsync()
    {
        await Link.DisposeAsync();
        _link = null;
    }

    public string[] Events()
    {
        var kinds = new List<string>();
        while (Outbox.TakeNext() is { } message)
            kinds.Add(string.Create(CultureInfo.InvariantCulture, $"{message.Event?.Kind}"));
        return [.. kinds];
    }

    public async ValueTask DisposeAsync()
    {
        if (_link is not null)
            await _link.DisposeAsync();
        Outbox.Dispose();
        _state.Delete(recursive: true);
    }
}

/// <summary>One log for all parts.</summary>
internal sealed class CollectedLogs : ILoggerFactory
{
    private readonly CollectedLog<PeerLink> _log = new();

    public IReadOnlyCollection<string> Lines => _log.Lines;

    public Task SaysAsync(string text, int times = 1) => Until.HoldsAsync(
        () => Task.FromResult(Lines.Count(l => l.Contains(text, StringComparison.Ordinal)) >= times), $"{times} times: {text}\n{string.Join('\n', Lines)}");

    public ILogger CreateLogger(string categoryName) => _log;

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException();

    public void Dispose()
    {
        // Nothing to dispose of.
    }
}
