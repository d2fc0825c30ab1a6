using System.ComponentModel;
using System.Net.Sockets;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Watching;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// Hears on a thread of its own who else speaks by ARP or neighbour discovery of this host's VIPs. It decides no ownership: the lease does. Where this host
/// has the address it answers and tells; where it had it once, it learns that the new owner is there.
/// </summary>
internal sealed class DuplicateWatch : IDisposable
{
    /// <summary>What was heard is handled at once; the next frames, after this.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    /// <summary>Who lost the address asks every 50 ms until he hears an answer; five announcements are one.</summary>
    private static readonly TimeSpan AnswerInterval = TimeSpan.FromSeconds(1);

    private readonly LinkView _links;
    private readonly AddressKeeper _addresses;
    private readonly Announcer _announcer;
    private readonly OwnerSearch _search;
    private readonly Action<Disturbance> _tell;
    private readonly TimeProvider _time;
    private readonly Lock _lock = new();
    private readonly Conflicts _conflicts;
    private readonly Dictionary<Vip, long> _answered = [];
    private readonly ClaimWatch? _watch;
    private readonly Thread? _thread;

    /// <summary>Starts the thread in the caller's network namespace.</summary>
    public DuplicateWatch(
        LinkView links, AddressKeeper addresses, Announcer announcer, OwnerSearch search, TimeProvider time, Action<Disturbance> tell)
    {
        (_links, _addresses, _announcer, _search, _time, _tell) = (links, addresses, announcer, search, time, tell);
        _conflicts = new(time);
        try
        {
            _watch = new();
        }
        catch (Win32Exception e)
        {
            Reason = e.Message;
            return;
        }

        _thread = new(() => Run(_watch), 256 * 1024) { IsBackground = true, Name = "claim-watch" };
        _thread.Start();
    }

    /// <summary>Why nothing is heard; empty when all is well.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>From now on these are watched.</summary>
    public void Watch(IReadOnlyCollection<VipAddress> guarded)
    {
        if (_watch is null)
            return;
        int errno = _watch.Listen([.. guarded.Select(g => g.Address.Address)]);
        Reason = errno == 0 ? "" : new Win32Exception(errno).Message;
        var vips = guarded.Select(g => g.Vip).ToHashSet();
        lock (_lock)
        {
            _conflicts.KeepOnly(vips);
            foreach (var gone in _answered.Keys.Where(v => !vips.Contains(v)).ToArray())
                _answered.Remove(gone);
        }
    }

    public void Dispose()
    {
        _watch?.Stop();
        _thread?.Join();
        _watch?.Dispose();
    }

    private void Run(ClaimWatch watch)
    {
        var heard = new HashSet<AddressSighting>();
        while (watch.Wait(heard))
        {
            // A frame with a MAC of this host is its own, whichever way it came back: a second interface on the same wire, a bond.
            var own = _links.HardwareAddresses();
            foreach (var sighting in heard.Where(s => !own.Contains(s.Sender)))
                Take(sighting);
            heard.Clear();
            if (!watch.Pause(Breath))
                return;
        }
    }

    private void Take(AddressSighting sighting)
    {
        if (_addresses.FindOpen(sighting.Address, sighting.InterfaceIndex) is not { } vip)
        {
            if (!sighting.IsProbe)
                _search.Found(sighting.Address);
            return;
        }

        int prefix = sighting.Address.AddressFamily == AddressFamily.InterNetworkV6 ? 128 : 32;
        var address = new VipAddress(vip, new(sighting.Address, prefix, vip.Interface));
        if (sighting.IsProbe)
        {
            if (IsToAnswer(vip) && _links.Find(vip.Interface) is { } link)
                _announcer.Repeat([address], link);
            return;
        }

        ConflictAnswer answer;
        lock (_lock)
            answer = _conflicts.Note(vip, sighting.Sender);
        if (answer.Defend && _links.Find(vip.Interface) is { } own)
            _announcer.Defend(address, own);
        if (answer.Tell.Length > 0)
            _tell(new(DisturbanceKind.DuplicateAddress, vip, vip.Interface, answer.Tell, sighting.Sender));
    }

    private bool IsToAnswer(Vip vip)
    {
        long now = _time.GetTimestamp();
        lock (_lock)
        {
            if (_answered.TryGetValue(vip, out long last) && _time.GetElapsedTime(last, now) < AnswerInterval)
                return false;
            _answered[vip] = now;
            return true;
        }
    }
}
