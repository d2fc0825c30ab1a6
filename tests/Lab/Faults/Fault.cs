using HaGrpc.Linux;

namespace HaGrpc.Lab.Faults;

/// <summary>
/// Something that goes wrong in the lab, and how it becomes whole again. Any two may be active at once, struck and healed in any order:
/// each undoes only what it did itself. Striking or healing twice is the same as once.
/// </summary>
internal abstract class Fault(string kind, string target)
{
    private bool _active;

    /// <summary>What happens, for example "kill".</summary>
    public string Kind { get; } = kind;

    /// <summary>To whom, for example "owner".</summary>
    public string Target { get; } = target;

    /// <summary>As it is given on the command line.</summary>
    public string Name => $"{Kind}:{Target}";

    /// <summary>What it takes away while it is active.</summary>
    public abstract Damage Damage { get; }

    /// <summary>It is over by itself after this time; null when it stays until healed.</summary>
    public virtual TimeSpan? Lasts => null;

    /// <summary>Lets it happen; when it began (CLOCK_BOOTTIME, ns).</summary>
    public async Task<long> Strike()
    {
        var at = BootClock.Nanoseconds;
        if (_active)
            return at;
        _active = true;
        await Begin();
        return at;
    }

    /// <summary>Undoes it; returns when it is undone.</summary>
    public async Task Heal()
    {
        if (!_active)
            return;
        await End();
        _active = false;
    }

    public override string ToString() => Name;

    protected abstract Task Begin();

    protected abstract Task End();
}
