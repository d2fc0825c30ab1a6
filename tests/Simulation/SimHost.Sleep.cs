using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <content>A suspend of the whole machine (rule W6): BOOTTIME goes on, kernel timeouts stand still.</content>
internal sealed partial class SimHost
{
    private static readonly TimeSpan GateShutWithin = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan ProgramsDeadWithin = TimeSpan.FromMilliseconds(100);

    /// <summary>True while nothing of this machine runs, nor answers.</summary>
    public bool IsAsleep { get; private set; }

    /// <summary>True in the moment after a suspend in which guard, shims and agent find out what time it is.</summary>
    public bool IsWaking { get; private set; }

    /// <summary>The machine is suspended; false when its agent does not run, which is a fault of its own.</summary>
    public bool Suspend(TimeSpan duration)
    {
        if (!Agent.Runs || IsAsleep)
            return false;
        SpareShims();
        IsAsleep = true;
        Agent.Stop();
        foreach (var held in _groups.Values)
        {
            held.Guard.Process.Stop();
            held.Shims.Process.Stop();
        }
        _world.Log("FAULT", $"{Name} is suspended for {duration.TotalSeconds:F1} s");
        _world.After(duration, () => Wake(duration));
        return true;
    }

    private void Wake(TimeSpan slept)
    {
        if (!IsAsleep)
            return;
        _world.Log("FAULT", $"{Name} wakes up");
        (IsAsleep, IsWaking) = (false, true);
        foreach (var held in _groups.Values)
        {
            held.Slept(slept);
            held.Guard.Process.Continue();
            held.Shims.Process.Continue();
        }
        if (!_removed.HasFlag(Rule.W6Suspend))
            PostFirst(new MachineSlept());
        Agent.Continue();
        _world.After(GateShutWithin, () => MustNotAct(IsGateOpen, "answers for the VIP of"));
        _world.After(ProgramsDeadWithin, () =>
        {
            MustNotAct(RunsPrograms, "runs the programs of");
            IsWaking = false;
        });
    }

    private void MustNotAct(Func<string, bool> acts, string how)
    {
        foreach (var group in _groups.Keys.Where(acts))
        {
            if (_audit.Hosts.Find(h => h != this && h.Acts(group)) is { } other)
                Audit.Fail($"{Name} still {how} {group} after it woke up, while {other.Name} acts");
        }
    }

    /// <summary>Both clocks are looked at before anything else is handled.</summary>
    private void PostFirst(HostEvent e)
    {
        var waiting = _inbox.ToArray();
        _inbox.Clear();
        Post(e);
        foreach (var other in waiting)
            Post(other);
    }
}
