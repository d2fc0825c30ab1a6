using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// What a host's kernel and its shims hold of one group, which outlives the agent but not the boot: deadline file, gate,
/// programs, their shims and the guard.
/// </summary>
internal sealed class HostedGroup
{
    private readonly World _world;
    private readonly NodeClock _clock;
    private readonly Rule _removed;
    private BootInstant _gateUntil;
    private long _deadAt;

    public HostedGroup(World world, NodeClock clock, Rule removed, Action guardActs, Action shimsKill)
    {
        (_world, _clock, _removed) = (world, clock, removed);
        Guard = new Sleeper(world, clock, () => Until, () =>
        {
            ShutGate();
            guardActs();
        });
        Shims = new Sleeper(world, clock, () => Until, () =>
        {
            if (!RunsPrograms || removed.HasFlag(Rule.W2Shims))
                return;
            shimsKill();
            KillPrograms();
        });
    }

    /// <summary>The deadline file (rule W1): 0 for none.</summary>
    public long Epoch { get; private set; }

    public BootInstant Until { get; private set; }

    public Sleeper Guard { get; }

    public Sleeper Shims { get; }

    public bool RunsPrograms { get; private set; }

    /// <summary>W3: the kernel looks at the timeout when a packet comes.</summary>
    public bool IsGateOpen => _clock.Now < _gateUntil;

    public void WriteDeadline(long epoch, BootInstant until)
    {
        var shorter = until < Until;
        (Epoch, Until) = (epoch, until);
        if (!shorter)
            return;
        Guard.Look();
        Shims.Look();
    }

    /// <summary>C8: the same owner goes on under a later epoch.</summary>
    public void RaiseEpoch(long from, long epoch) => Epoch = Epoch == from ? epoch : Epoch;

    public void OpenGate(TimeSpan timeout) =>
        _gateUntil = _removed.HasFlag(Rule.W3Timeout) ? BootInstant.Never : _clock.Now + timeout;

    /// <summary>W6: the kernel's timeouts stood still.</summary>
    public void Slept(TimeSpan duration) =>
        _gateUntil = _clock.Now < _gateUntil + duration ? _gateUntil + duration : _gateUntil;

    public void ShutGate() => _gateUntil = BootInstant.Zero;

    public void StartPrograms()
    {
        RunsPrograms = true;
        // Each program has a shim of its own, so that none is left from before.
        Shims.Kill();
        Shims.Start();
    }

    public void ProgramsStopped() => RunsPrograms = false;

    /// <summary>A tree dies at once, as a rule; the takeover margin covers one that takes its time. Returns when it is dead.</summary>
    public long KillPrograms()
    {
        if (RunsPrograms && _deadAt < _world.Now)
        {
            _deadAt = _world.Now + (_world.Between(0, _world.Chance(0.1) ? 60 : 2).Ticks * 100);
            _world.At(_deadAt, () => RunsPrograms = false);
        }
        return Math.Max(_deadAt, _world.Now);
    }

    /// <summary>For the head of a transcript.</summary>
    public string Describe()
    {
        var lease = Until == BootInstant.Zero ? "no lease" : $"lease {Left(Until)}";
        var gate = IsGateOpen ? $"gate open {Left(_gateUntil)}" : "gate shut";
        var guard = Guard.Process switch { { Alive: false } => "no guard", { Stopped: true } => "guard stopped", _ => "guard waits" };
        return $"{lease}, {gate}, programs {(RunsPrograms ? "run" : "do not run")}, {guard}";
    }

    /// <summary>A boot: nothing of this is left.</summary>
    public void Vanish()
    {
        Guard.Kill();
        Shims.Kill();
    }

    private string Left(BootInstant end) => end == BootInstant.Never
        ? "without end"
        : string.Create(CultureInfo.InvariantCulture, $"for {(end - _clock.Now).TotalSeconds:F3} s");
}
