namespace HaGrpc.Simulation.Tests;

/// <summary>What will happen, by time and then in the order in which it was scheduled: a binary heap, the hottest code here.</summary>
internal sealed class EventQueue
{
    private Entry[] _heap = new Entry[256];
    private int _count;
    private long _scheduled;

    public void Add(long time, SimProcess? process, Action action)
    {
        if (_count == _heap.Length)
            Array.Resize(ref _heap, _count * 2);
        var entry = new Entry(time, _scheduled++, process, process?.Incarnation ?? 0, action);
        var at = _count++;
        while (at > 0)
        {
            var parent = (at - 1) / 2;
            if (!entry.IsBefore(_heap[parent]))
                break;
            _heap[at] = _heap[parent];
            at = parent;
        }
        _heap[at] = entry;
    }

    public bool TryTake(long until, out Entry first)
    {
        first = _heap[0];
        if (_count == 0 || first.Time > until)
            return false;
        var last = _heap[--_count];
        _heap[_count] = default;
        var at = 0;
        while ((at * 2) + 1 < _count)
        {
            var child = (at * 2) + 1;
            if (child + 1 < _count && _heap[child + 1].IsBefore(_heap[child]))
                child++;
            if (!_heap[child].IsBefore(last))
                break;
            _heap[at] = _heap[child];
            at = child;
        }
        if (_count > 0)
            _heap[at] = last;
        return true;
    }

    internal readonly record struct Entry(long Time, long Order, SimProcess? Process, int Incarnation, Action Action)
    {
        public bool IsBefore(in Entry other) => Time < other.Time || (Time == other.Time && Order < other.Order);
    }
}
