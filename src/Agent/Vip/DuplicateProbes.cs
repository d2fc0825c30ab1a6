using HaGrpc.Core.Model;
using HaGrpc.Linux.Links;

namespace HaGrpc.Agent.Vips;

/// <summary>
/// Asks by the clock, for each VIP that is open here, who else has it: a machine that has the address too and says nothing by itself
/// answers, and <see cref="DuplicateWatch"/> hears it. Ends by itself when the lease is over.
/// </summary>
/// <param name="time">Paces the questions.</param>
/// <param name="links">Where to ask.</param>
/// <param name="ask">Sends one question; must not wait.</param>
internal sealed class DuplicateProbes(TimeProvider time, LinkView links, Action<VipAddress, LinkEntry> ask) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Vip, Probing> _probing = [];
    private bool _disposed;

    /// <summary>Begins, or goes on in the same pace; the first question follows after one interval, on another thread.</summary>
    /// <param name="vip">A VIP that is open, and was asked for just now.</param>
    /// <param name="mayAct">Asked right before every question.</param>
    /// <param name="interval">Zero: nothing is asked.</param>
    public void Begin(VipAddress vip, Func<bool> mayAct, TimeSpan interval)
    {
        lock (_lock)
        {
            // Repairs that come often must not put the next question off for ever.
            if (_probing.TryGetValue(vip.Vip, out var running) && running.GoOn(mayAct, interval))
                return;
            running?.Dispose();
            _probing.Remove(vip.Vip);
            if (!_disposed && interval > TimeSpan.Zero)
                _probing[vip.Vip] = new(time, interval, mayAct, () => links.Find(vip.Vip.Interface), link => ask(vip, link));
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

    /// <summary>The questions for one VIP.</summary>
    private sealed class Probing : IDisposable
    {
        private readonly Lock _lock = new();
        private readonly TimeSpan _interval;
        private readonly Func<LinkEntry?> _find;
        private readonly Action<LinkEntry> _ask;
        private readonly ITimer _timer;
        private Func<bool> _mayAct;
        private bool _over;

        public Probing(TimeProvider time, TimeSpan interval, Func<bool> mayAct, Func<LinkEntry?> find, Action<LinkEntry> ask)
        {
            (_interval, _mayAct, _find, _ask) = (interval, mayAct, find, ask);
            _timer = time.CreateTimer(_ => Step(), null, interval, Timeout.InfiniteTimeSpan);
        }

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
            var link = _find();
            lock (_lock)
            {
                if (_over || !_mayAct())
                {
                    End();
                    return;
                }

                if (link is { IsOperational: true })
                    _ask(link);
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
