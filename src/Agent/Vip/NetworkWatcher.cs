using HaGrpc.Linux.Links;
using HaGrpc.Linux.Watching;

namespace HaGrpc.Agent.Vips;

/// <summary>Tells on a thread of its own what somebody else changed of the gate, the open addresses and their links.</summary>
internal sealed class NetworkWatcher : IDisposable
{
    private readonly GateKeeper _gate;
    private readonly AddressKeeper _addresses;
    private readonly Action<LinkEntry> _linkCameBack;
    private readonly Action<LinkEntry?> _linkChanged;
    private readonly Action<Disturbance> _tell;
    private readonly KernelWatch _watch;
    private readonly Dictionary<int, bool> _operational;
    private readonly Thread _thread;

    /// <summary>Subscribes, and starts the thread in the caller's network namespace.</summary>
    public NetworkWatcher(
        GateKeeper gate, AddressKeeper addresses, Action<LinkEntry> linkCameBack, Action<LinkEntry?> linkChanged, Action<Disturbance> tell)
    {
        _gate = gate;
        _addresses = addresses;
        _linkCameBack = linkCameBack;
        _linkChanged = linkChanged;
        _tell = tell;
        _watch = new(gate.PortId);
        _operational = addresses.DumpLinks().ToDictionary(l => l.Index, l => l.IsOperational);
        _thread = new(Run, 256 * 1024) { IsBackground = true, Name = "network-watch" };
        _thread.Start();
    }

    public void Dispose()
    {
        _watch.Stop();
        _thread.Join();
        _watch.Dispose();
    }

    private void Run()
    {
        var changes = new List<KernelChange>();
        while (_watch.Wait(changes))
        {
            foreach (var change in changes)
                Take(change);
            changes.Clear();
        }
    }

    private void Take(KernelChange change)
    {
        switch (change)
        {
            case KernelChange.Address(var entry, var removed):
                if (_addresses.Judge(entry, removed) is { } disturbance)
                    _tell(disturbance);
                break;
            case KernelChange.Link(var link, var removed):
                _linkChanged(link);
                TakeLink(link, link.IsOperational && !removed);
                break;
            case KernelChange.Gate(var by):
                CompareGate(by);
                break;
            case KernelChange.Lost:
                _linkChanged(null);
                CompareGate(by: "");
                foreach (var removedAddress in _addresses.FindRemoved())
                    _tell(removedAddress);
                foreach (var link in _addresses.DumpLinks())
                    TakeLink(link, link.IsOperational);
                break;
        }
    }

    private void CompareGate(string by)
    {
        string difference = _gate.Compare();
        if (difference.Length > 0)
            _tell(new(DisturbanceKind.GateChanged, null, "", by.Length > 0 ? $"{difference}, last changed by {by}" : difference));
    }

    private void TakeLink(LinkEntry link, bool operational)
    {
        bool before = _operational.GetValueOrDefault(link.Index);
        _operational[link.Index] = operational;
        if (before == operational || _addresses.OpenOn(link.Name).Count == 0)
            return;
        if (operational)
            _linkCameBack(link);
        _tell(operational
            ? new(DisturbanceKind.LinkUp, null, link.Name, $"{link.Name} is up again")
            : new(DisturbanceKind.LinkDown, null, link.Name, $"{link.Name} is down or lost its carrier"));
    }
}
