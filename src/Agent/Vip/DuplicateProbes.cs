using System.Net;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Links;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// Asks by the clock, for each VIP that is open here, who else has it: a machine that has the address too and says nothing by itself
/// answers, and <see cref="DuplicateWatch"/> hears it. Ends by itself when the lease is over.
/// </summary>
/// <param name="time">Paces the questions.</param>
/// <param name="links">Where to ask.</param>
/// <param name="ask">Sends one question on a link, for IPv6 from this host's link-local address there, if it has one; must not wait.</param>
internal sealed class DuplicateProbes(TimeProvider time, LinkView links, Action<VipAddress, LinkEntry, IPAddress?> ask) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Vip, Probing> _probing = [];
    private bool _disposed;

    /// <summary>Begins, or goes on in the same pace. The first question follows after one interval; for IPv6 at once, since its announcement
    /// asks nothing. On another thread.</summary>
    /// <param name="vip">A VIP that is open, and was announced just now.</param>
    /// <param name="mayAct">Asked right before every question.</param>
    /// <param name="interval">Zero: nothing is asked by the clock.</param>
    public void Begin(VipAddress vip, Func<bool> mayAct, TimeSpan interval)
    {
        lock (_lock)
        {
            // Repairs that come often must not put the next question off for ever.
            if (_probing.TryGetValue(vip.Vip, out var running) && running.GoOn(mayAct, interval))
                return;
            running?.Dispose();
            _probing.Remove(vip.Vip);
            if (_disposed || (interval == TimeSpan.Zero && !vip.Address.IsIPv6))
                return;
            var probing = _probing[vip.Vip] = new(time, interval, mayAct, () => Ready(vip));
            probing.Start(vip.Address.IsIPv6 ? TimeSpan.Zero : interval);
        }
    }

    /// <summary>When it returns, nothing is asked for the VIP any more.</summary>
    public void End(Vip vip)
    {
        lock (_lock)
        {
            if (_probing.Remove(vip, out var running))
                running.Dispose();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            _disposed = true;
            foreach (var running in _probing.Values)
                running.Dispose();
            _probing.Clear();
        }
    }

    /// <summary>Looks up what a question needs, and returns what sends it.</summary>
    private Action Ready(VipAddress vip)
    {
        if (links.Find(vip.Vip.Interface) is not { IsOperational: true } link)
            return () => { };
        var own = vip.Address.IsIPv6 ? links.LinkLocal(link.Index) : null;
        return () => ask(vip, link, own);
    }

    /// <summary>The questions for one VIP.</summary>
    private sealed class Probing : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly TimeSpan _interval;
        private readonly Func<Action> _ready;
        private readonly ITimer _timer;
        private Func<bool> _mayAct;
        private bool _over;

        public Probing(TimeProvider time, TimeSpan interval, Func<bool> mayAct, Func<Action> ready)
        {
            (_interval, _mayAct, _ready) = (interval, mayAct, ready);
            _timer = time.CreateTimer(_ => Step(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        public void Start(TimeSpan first) => _timer.Change(first, Timeout.InfiniteTimeSpan);

        /// <summary>Takes over another permission; false when it has ended or has another pace.</summary>
        public bool GoOn(Func<bool> mayAct, TimeSpan interval)
        {
            lock (_lock)
            {
                if (_over || interval != _interval)
                    return false;
                _mayAct = mayAct;
                return true;
            }
        }

        public void Dispose()
        {
            lock (_lock)
                End();
        }

        private void Step()
        {
            // Looked up outside of the lock, which who shuts an address waits for.
            var ask = _ready();
            lock (_lock)
            {
                if (_over || !_mayAct())
                {
                    End();
                    return;
                }

                ask();
                if (_interval == TimeSpan.Zero)
                    End();
                else
                    _timer.Change(_interval, Timeout.InfiniteTimeSpan);
            }
        }

        private void End()
        {
            _over = true;
            _timer.Dispose();
        }
    }
}
