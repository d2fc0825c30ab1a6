using HaGrpc.Core.Model;

namespace HaGrpc.Core.Watchdogs;

/// <summary>
/// When the watchdog of a host is armed, petted and stopped. It is armed while something acts here under a lease, and petted only when
/// one timeout from now on ends no later than another host may act: the end of each lease and its takeover margin. So a host that hangs
/// is reset in time, and one that ends its epochs by itself has until then to do it. What is rejected is a pet with renewals only: a host
/// that is cut off for the length of a timeout would be reset while its lease still runs, where it ends its epochs by itself a moment later.
/// A pure state machine: events and the instant go in, effects come out; one thread at a time.
/// </summary>
public sealed class Watchdog
{
    // Pets follow each other at half of the time in which one is still allowed, down to this.
    private static readonly TimeSpan Finest = TimeSpan.FromMilliseconds(5);

    private readonly SortedDictionary<string, LeaseHeld> _held = new(StringComparer.Ordinal);
    private int _asked;
    private int _seconds;
    private bool _isKept;
    private bool _mayTick;
    private BootInstant _petted;

    /// <summary>The instant at which <see cref="InstantReached"/> must be handled.</summary>
    public BootInstant NextWake { get; private set; } = BootInstant.Never;

    /// <summary>The groups for which it stands.</summary>
    public IEnumerable<string> Groups => _held.Keys;

    /// <summary>True while the device is meant to tick.</summary>
    public bool IsArmed => _asked > 0;

    /// <summary>Handles one event.</summary>
    /// <param name="e">What happened.</param>
    /// <param name="now">The instant of handling.</param>
    /// <param name="effects">Receives what must be done, in order.</param>
    /// <exception cref="ArgumentException">The event is of an unknown kind.</exception>
    public void Handle(WatchdogEvent e, BootInstant now, List<WatchdogEffect> effects)
    {
        ArgumentNullException.ThrowIfNull(effects);
        var before = Latest(_seconds);
        switch (e)
        {
            case LeaseHeld held when held.Until == BootInstant.Never:
                _held.Remove(held.Group);
                break;
            case LeaseHeld held:
                _held[held.Group] = held;
                break;
            case LeaseUndone undone:
                _held.Remove(undone.Group);
                break;
            case WatchdogFound found when _asked == 0:
                BecomeArmed(found.Seconds, found.Seconds, now);
                break;
            case WatchdogArmed armed when armed.Asked == _asked && _asked > 0:
                _seconds = armed.Seconds;
                before = Latest(_seconds);
                Plan(now);
                break;
            case WatchdogNotStopped:
                _isKept = true;
                break;
            case WatchdogFailed:
                _isKept = false;
                BecomeDisarmed();
                break;
            case WatchdogFound or WatchdogArmed or InstantReached:
                break;
            default:
                throw new ArgumentException($"unknown event {e}", nameof(e));
        }
        if (_held.Count == 0 && !_isKept)
        {
            // Also one that failed: it may tick on.
            if (_mayTick)
                effects.Add(new DisarmWatchdog());
            _mayTick = false;
            BecomeDisarmed();
            return;
        }
        if (MustArm(e, now, out var wanted))
        {
            BecomeArmed(wanted, wanted, now);
            effects.Add(new ArmWatchdog(wanted));
        }
        else if (_asked > 0)
        {
            Pet(now, before, effects);
        }
    }

    /// <summary>After a failure only a renewal tries again: one that fails at once would be tried without end.</summary>
    private bool MustArm(WatchdogEvent e, BootInstant now, out int wanted)
    {
        wanted = _held.Count == 0
            ? WatchdogTimeout.LongestSeconds
            : _held.Values.Min(h => WatchdogTimeout.SecondsFor(h.Length, h.Timing));
        if (_asked == 0)
            return e is LeaseHeld or WatchdogNotStopped;
        // Another timeout begins anew: it may not reach further than the present one does or a lease allows.
        return wanted != _asked
            && now + TimeSpan.FromSeconds(wanted) <= BootInstant.Max(Latest(wanted), _petted + TimeSpan.FromSeconds(_seconds));
    }

    private void Pet(BootInstant now, BootInstant before, List<WatchdogEffect> effects)
    {
        var latest = Latest(_seconds);
        var isDue = now >= NextWake;
        var notAfter = latest - TimeSpan.FromSeconds(_seconds);
        if ((latest > before || isDue) && now <= notAfter)
        {
            _petted = now;
            effects.Add(new PetWatchdog(notAfter));
            Plan(now);
        }
        else if (isDue)
        {
            NextWake = BootInstant.Never;
        }
        else if (latest != before)
        {
            Plan(now);
        }
    }

    /// <summary>Half of the time in which a pet is still allowed, so that the last one comes close to its end, however late the machine
    /// wakes.</summary>
    private void Plan(BootInstant now)
    {
        var timeout = TimeSpan.FromSeconds(_seconds);
        var left = Latest(_seconds) - timeout - now;
        var wait = (left < timeout ? left : timeout) / 2;
        NextWake = wait < Finest ? BootInstant.Never : now + wait;
    }

    /// <summary>When a reset must be due at the latest: the earliest of all groups counts.</summary>
    private BootInstant Latest(int seconds)
    {
        var latest = BootInstant.Never;
        foreach (var held in _held.Values)
            latest = BootInstant.Min(latest, held.Until + WatchdogTimeout.AfterEnd(seconds, held.Length, held.Timing));
        return latest;
    }

    private void BecomeArmed(int asked, int seconds, BootInstant now)
    {
        (_asked, _seconds, _petted, _mayTick) = (asked, seconds, now, true);
        Plan(now);
    }

    private void BecomeDisarmed()
    {
        (_asked, _seconds) = (0, 0);
        NextWake = BootInstant.Never;
    }
}
