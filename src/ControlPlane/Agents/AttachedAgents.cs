using Grpc.Core;
using HaGrpc.ControlPlane.History;
using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>The streams of one leadership, one for each host at most. Only to be touched on the ownership loop's thread.</summary>
internal sealed class AttachedAgents
{
    private readonly Dictionary<string, AgentStream> _streams = new(StringComparer.Ordinal);

    private readonly HashSet<(string Host, Guid Instance)> _dismissed = [];

    /// <summary>Pulses when a stream comes or goes, and when a host is told to become owner.</summary>
    public EventSignal Changed { get; } = new();

    /// <summary>All streams.</summary>
    public IReadOnlyCollection<AgentStream> All => _streams.Values;

    /// <summary>A host's stream; null when none is attached.</summary>
    public AgentStream? Of(string host) => _streams.GetValueOrDefault(host);

    /// <summary>Puts a stream in place, ending an older one of the same host.</summary>
    public void Attach(AgentStream stream)
    {
        if (_streams.TryGetValue(stream.Host, out var older))
            older.End(StatusCode.Aborted, $"replaced by a newer stream of host '{stream.Host}' from {stream.Address}");
        _streams[stream.Host] = stream;
        Changed.Pulse();
    }

    /// <summary>True when the agent of a deleted host has said that it has ended everything: there is nothing more to tell it.</summary>
    public bool IsDismissed(string host, Guid instance) => _dismissed.Contains((host, instance));

    /// <summary>Ends the stream of a deleted host's agent that has nothing any more.</summary>
    public void Dismiss(AgentStream stream, string why)
    {
        _ = _dismissed.Add((stream.Host, stream.Instance));
        stream.End(StatusCode.NotFound, why);
    }

    /// <summary>Takes a stream out; false when a newer one has replaced it.</summary>
    public bool Detach(AgentStream stream)
    {
        if (!_streams.TryGetValue(stream.Host, out var current) || current.Id != stream.Id)
            return false;
        _streams.Remove(stream.Host);
        Changed.Pulse();
        return true;
    }

    /// <summary>Queues a message if that stream is still the host's.</summary>
    public void Tell(string host, long streamId, AttachResponse message)
    {
        if (_streams.TryGetValue(host, out var stream) && stream.Id == streamId)
            stream.Tell(message);
    }
}
