using System.Net.NetworkInformation;
using HaGrpc.Agent.Vips;

namespace HaGrpc.Agent.Ownership;

/// <summary>
/// What waits for the ownership loop, in order of arrival. It cannot grow without bound, whoever stops reading it: of the
/// control plane's messages at most <see cref="MostMessages"/> wait, of each kind of disturbance of each VIP or interface only
/// one (of a VIP that others claim, one for each of the few claimants that are told of), and everything else answers an act of the
/// loop itself (a step of a start, a stored state, an ended program set), of which there are a few per program and group.
/// </summary>
internal sealed class LoopQueue
{
    /// <summary>Answers, promotions and configurations that may wait: minutes' worth for a loop that is alive.</summary>
    public const int MostMessages = 256;

    private readonly Lock _lock = new();
    private readonly Queue<Action> _work = new();
    private readonly Dictionary<(DisturbanceKind Kind, string Vip, string Interface, PhysicalAddress? Claimant), Disturbance> _disturbances = [];
    private int _messages;

    /// <summary>Number of things that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _work.Count;
        }
    }

    /// <summary>Adds the answer to an act of the loop.</summary>
    public void Add(Action work)
    {
        lock (_lock)
            _work.Enqueue(work);
    }

    /// <summary>Adds a message of the control plane; false when too many wait, and then it is lost as messages may be.</summary>
    public bool TryAddMessage(Action work)
    {
        lock (_lock)
        {
            if (_messages == MostMessages)
                return false;
            _messages++;
            _work.Enqueue(() =>
            {
                lock (_lock)
                    _messages--;
                work();
            });
            return true;
        }
    }

    /// <summary>Adds a disturbance. One of the same kind and place that still waits is replaced: what is done about it looks at the
    /// kernel as it is then.</summary>
    public void Add(Disturbance disturbance, Action<Disturbance> work)
    {
        var place = (disturbance.Kind, disturbance.Vip?.ToString() ?? "", disturbance.Interface, disturbance.Claimant);
        lock (_lock)
        {
            var waits = _disturbances.ContainsKey(place);
            _disturbances[place] = disturbance;
            if (waits)
                return;
            _work.Enqueue(() =>
            {
                Disturbance? latest;
                lock (_lock)
                    _ = _disturbances.Remove(place, out latest);
                work(latest!);
            });
        }
    }

    /// <summary>The next thing to do, or null.</summary>
    public Action? Take()
    {
        lock (_lock)
            return _work.TryDequeue(out var work) ? work : null;
    }
}
