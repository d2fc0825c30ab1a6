using System.Net;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// After this host has lost an address it asks by ARP or neighbour discovery who has it, in nobody's name, until somebody answers. In a
/// network that is split nobody does. Once it is whole, the first question reaches the new owner, and that one announces itself: clients that
/// were on this host's side learn of it within one interval, and not when their caches happen to age.
/// </summary>
/// <param name="time">Paces the questions.</param>
/// <param name="links">Where to ask.</param>
/// <param name="probe">Sends one question.</param>
internal sealed class OwnerSearch(TimeProvider time, LinkView links, Action<VipAddress, Linux.Links.LinkEntry> probe) : IDisposable
{
    /// <summary>Half of the 100 ms that a client may be with the wrong host after a split is healed.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>After <see cref="Patience"/>.</summary>
    public static readonly TimeSpan SlowInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long it asks quickly. Nobody may have the address any more, and 20 frames a second are not for ever.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>Then it gives up; the owner's announcements by the clock remain.</summary>
    public static readonly TimeSpan GivesUp = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<VipAddress, Question> _asking = [];
    private bool _disposed;

    /// <summary>Begins; the first question follows after one interval, on another thread.</summary>
    public void Begin(VipAddress vip)
    {
        lock (_lock)
        {
            if (_disposed || _asking.ContainsKey(vip))
                return;
            var question = new Question(time.GetTimestamp());
            _asking[vip] = question;
            question.Timer = time.CreateTimer(_ => Ask(vip, question), null, Interval, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Somebody has the address.</summary>
    public void Found(IPAddress address) => End(v => v.Address.Address.Equals(address));

    /// <summary>This host owns it again.</summary>
    public void End(Vip vip) => End(v => v.Vip == vip);

    /// <summary>Ends the search for all but these.</summary>
    public void KeepOnly(IReadOnlyCollection<VipAddress> vips) => End(v => !vips.Contains(v));

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
            _disposed = true;
        End(_ => true);
    }

    private void End(Func<VipAddress, bool> which)
    {
        lock (_lock)
        {
            foreach (var vip in _asking.Keys.Where(which).ToArray())
            {
                if (_asking.Remove(vip, out var question))
                    question.Timer?.Dispose();
            }
        }
    }

    private void Ask(VipAddress vip, Question question)
    {
        var asked = time.GetElapsedTime(question.Since);
        if (asked >= GivesUp)
        {
            End(vip.Vip);
            return;
        }

        if (links.Find(vip.Vip.Interface) is { IsOperational: true } link)
            probe(vip, link);
        lock (_lock)
        {
            if (_asking.GetValueOrDefault(vip) == question)
                question.Timer?.Change(asked < Patience ? Interval : SlowInterval, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Question(long since)
    {
        public long Since => since;

        public ITimer? Timer { get; set; }
    }
}
