using HaGrpc.V1;

namespace HaGrpc.Agent.Uplink;

/// <summary>
/// Events for the history that the control plane has not confirmed yet. There is no acknowledgement of their own: the
/// stream keeps its order, so an answer to a heartbeat says that everything written before that heartbeat has
/// arrived. When full, the oldest goes and is counted. Not safe for several threads.
/// </summary>
internal sealed class EventRing
{
    private const int Capacity = 256;
    private readonly List<Entry> _entries = [];

    /// <summary>How many were lost since <see cref="TakeDropped"/>.</summary>
    public long Dropped { get; private set; }

    /// <summary>Adds an event.</summary>
    public void Add(AgentEvent e)
    {
        if (_entries.Count == Capacity)
        {
            _entries.RemoveAt(0);
            Dropped++;
        }
        _entries.Add(new Entry(e));
    }

    /// <summary>The oldest event that is not yet written to this stream, or null.</summary>
    /// <param name="afterHeartbeat">The newest heartbeat that was written before it.</param>
    public AgentEvent? TakeNext(long afterHeartbeat)
    {
        foreach (var entry in _entries)
        {
            if (entry.SentAfter is not null)
                continue;
            entry.SentAfter = afterHeartbeat;
            return entry.Event;
        }
        return null;
    }

    /// <summary>A new stream: what is not confirmed is to be written again.</summary>
    public void Restart() => _entries.ForEach(entry => entry.SentAfter = null);

    /// <summary>The control plane has answered a heartbeat.</summary>
    public void Confirm(long heartbeat) => _entries.RemoveAll(entry => entry.SentAfter < heartbeat);

    /// <summary>Number of lost events since the last call.</summary>
    public long TakeDropped()
    {
        var dropped = Dropped;
        Dropped = 0;
        return dropped;
    }

    private sealed class Entry(AgentEvent e)
    {
        public AgentEvent Event { get; } = e;

        public long? SentAfter { get; set; }
    }
}
