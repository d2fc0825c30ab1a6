using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using HaGrpc.Agent.Platform;
using HaGrpc.Core.Model;
using HaGrpc.V1;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Peers;

/// <summary>
/// Which hosts share groups with this one, and where their agents answer. Learned from the control plane and kept in the state directory,
/// because it is needed when the control plane is away. Written beside the threads that learn, so that a slow disk delays no answer.
/// </summary>
internal sealed class AddressBook : IAsyncDisposable
{
    private const int MostHosts = 1024;
    private static readonly TimeSpan Retry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LastChance = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private readonly string _host;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _writing;
    private ImmutableDictionary<string, KnownPeer> _peers;
    private ImmutableDictionary<string, KnownPeer> _written;
    private bool _closing;

    /// <summary>Reads what an earlier agent has learned; a damaged file is put aside.</summary>
    public AddressBook(string host, string stateDirectory, TimeProvider time, ILogger logger)
    {
        (_host, _path, _time, _logger) = (host, Path.Combine(stateDirectory, "peers.json"), time, logger);
        _peers = _written = Load();
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>All hosts by name.</summary>
    public ImmutableDictionary<string, KnownPeer> Peers => Volatile.Read(ref _peers);

    /// <summary>Takes a configuration. A host that it leaves out keeps its address: the control plane may not know it yet.</summary>
    public void Learn(HostConfiguration configuration)
    {
        var fellows = configuration.Groups.SelectMany(g => g.Members).Select(m => m.Host).Concat(configuration.Peers.Keys)
            .Where(host => host != _host).ToHashSet(StringComparer.Ordinal);
        lock (_lock)
        {
            var peers = _peers.ToBuilder();
            foreach (var (host, peer) in _peers)
                peers[host] = peer with { Fellow = fellows.Contains(host) };
            foreach (var host in fellows)
                peers[host] = new(AddressOf(host, configuration) ?? peers.GetValueOrDefault(host)?.Address ?? "", Fellow: true);
            if (peers.Count > MostHosts)
                peers.RemoveRange(peers.Where(p => !p.Value.Fellow).Select(p => p.Key).ToArray());
            if (peers.Count == _peers.Count && peers.All(p => _peers.GetValueOrDefault(p.Key) == p.Value))
                return;
            Volatile.Write(ref _peers, peers.ToImmutable());
            if (_changed.CurrentCount == 0)
                _changed.Release();
        }
    }

    /// <summary>Ends after what has been learned is written, or after a second.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.CancelAfter(LastChance);
        lock (_lock)
        {
            _closing = true;
            if (_written == _peers)
                _stop.Cancel();
        }
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        _changed.Dispose();
    }

    private string? AddressOf(string host, HostConfiguration configuration)
    {
        if (!configuration.Peers.TryGetValue(host, out var text))
            return null;
        if (PeerAddress.Parse(text) is { Host.Length: > 0 })
            return text;
        PeersLog.AddressUnusable(_logger, host, text);
        return null;
    }

    private ImmutableDictionary<string, KnownPeer> Load()
    {
        if (!File.Exists(_path))
            return ImmutableDictionary.Create<string, KnownPeer>(StringComparer.Ordinal);
        try
        {
            var stored = JsonSerializer.Deserialize(File.ReadAllBytes(_path), AddressBookJson.Default.DictionaryStringKnownPeer)
                ?? throw new InvalidDataException("it is empty");
            if (stored.Values.Any(p => p?.Address is not { } address || (address.Length > 0 && PeerAddress.Parse(address) is null)))
                throw new InvalidDataException("an address in it is none");
            return stored.ToImmutableDictionary(StringComparer.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidDataException)
        {
            PeersLog.BookNotRead(_logger, _path, e.Message);
            return ImmutableDictionary.Create<string, KnownPeer>(StringComparer.Ordinal);
        }
    }

    private async Task WriteAsync()
    {
        var said = "";
        while (true)
        {
            await _changed.WaitAsync(_stop.Token);
            while (true)
            {
                var peers = Peers;
                var error = TryWrite(peers);
                if (error.Length > 0 && error != said)
                    PeersLog.BookNotWritten(_logger, _path, error);
                said = error;
                if (error.Length > 0)
                {
                    await Task.Delay(Retry, _time, _stop.Token);
                    continue;
                }
                lock (_lock)
                {
                    _written = peers;
                    if (_peers != peers)
                        continue;
                    if (_closing)
                        return;
                    break;
                }
            }
        }
    }

    private string TryWrite(ImmutableDictionary<string, KnownPeer> peers)
    {
        try
        {
            DurableFile.Replace(
                _path, JsonSerializer.SerializeToUtf8Bytes(new(peers, StringComparer.Ordinal), AddressBookJson.Default.DictionaryStringKnownPeer));
            return "";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }
}

/// <summary>A host that shares or has shared a group with this one.</summary>
/// <param name="Address">HOST:PORT; empty while it is not known.</param>
/// <param name="Fellow">It does by the last configuration.</param>
internal sealed record KnownPeer(string Address, bool Fellow);

[JsonSerializable(typeof(Dictionary<string, KnownPeer>))]
internal sealed partial class AddressBookJson : JsonSerializerContext;
