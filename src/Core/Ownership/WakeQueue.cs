using HaGrpc.Core.Model;

namespace HaGrpc.Core.Ownership;

/// <summary>
/// When to look at which host or group again. An instant that moved later stays queued and is looked at once for
/// nothing, so that a heartbeat costs no search.
/// </summary>
internal sealed class WakeQueue
{
    private readonly PriorityQueue<Key, long> _queue = new();
    private readonly Dictionary<Key, long> _queued = [];

    public BootInstant Next => _queue.TryPeek(out _, out var at) ? new BootInstant(at) : BootInstant.Never;

    public void At(BootInstant instant, string name, bool host = false)
    {
        if (instant == BootInstant.Never)
            return;
        var key = new Key(name, host);
        if (_queued.TryGetValue(key, out var at) && at <= instant.Nanoseconds)
            return;
        _queued[key] = instant.Nanoseconds;
        _queue.Enqueue(key, instant.Nanoseconds);
    }

    public List<Key> TakeDue(BootInstant now)
    {
        var due = new List<Key>();
        while (_queue.TryPeek(out var key, out var at) && at <= now.Nanoseconds)
        {
            _queue.Dequeue();
            if (_queued.TryGetValue(key, out var queued) && queued == at)
            {
                _queued.Remove(key);
                due.Add(key);
            }
        }
        return due;
    }

    public readonly record struct Key(string Name, bool Host);
}
