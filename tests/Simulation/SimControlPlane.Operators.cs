using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <content>What operators ask for.</content>
internal sealed partial class SimControlPlane
{
    private readonly HashSet<string> _fencing = new(StringComparer.Ordinal);
    private ImmutableDictionary<string, string> _retiring = ImmutableDictionary<string, string>.Empty;

    /// <summary>Called with each group that is not registered any more.</summary>
    public Action<string> Forgotten { get; set; } = _ => { };

    /// <summary>Switch hosts off; set before the first start.</summary>
    public Fences? Devices { get; set; }

    /// <summary>An operator wants a host off.</summary>
    public void Fence(SimHost host) => Process.After(TimeSpan.Zero, () =>
    {
        if (Leads)
            SwitchOff(host, "an operator asked");
    });

    /// <summary>An operator has seen that a host is off, and it still is when that is read.</summary>
    public void ConfirmOff(SimHost host) => Process.After(TimeSpan.Zero, () =>
    {
        if (Leads && host.IsOff && _engine!.ReportHost(host.Name, _clock.Now).Liveness != HostLiveness.Live)
            Handle(new HostFenced(host.Name, FenceMethod.Operator, "an operator who has seen it", "operator"));
    });

    /// <summary>C10: the device works beside the control plane, which may not live to hear of it.</summary>
    private void SwitchOff(SimHost host, string reason)
    {
        if (!_fencing.Add(host.Name))
            return;
        var engine = _engine;
        world.Log(Name, $"has {host.Name} switched off: {reason}");
        // The engine may be in the middle of an event, as the loop's thread is.
        Process.After(TimeSpan.Zero, () =>
        {
            if (engine != _engine)
                return;
            Handle(new FenceBegun(host.Name, "the device", reason, ""));
            if (removed.HasFlag(Rule.C10Confirmed))
                Handle(new HostFenced(host.Name, FenceMethod.Device, "the device", ""));
            Devices!.SwitchOff(host, confirmed => Process.After(TimeSpan.Zero, () =>
            {
                if (engine != _engine)
                    return;
                _ = _fencing.Remove(host.Name);
                Handle(confirmed ? new HostFenced(host.Name, FenceMethod.Device, "the device", "") : new FenceFailed(host.Name, "it does not answer", ""));
            }));
        });
    }

    /// <summary>An operator's apply.</summary>
    public void Apply(Func<Group> change) => Store(() =>
    {
        var group = change();
        if (database.Find(group.Name) is null)
            return;
        database.Register(group);
        world.Log(
            "USER",
            $"applies {group.Name}: ttl {group.Timing.Ttl.TotalSeconds} s{(group.Locked ? ", locked" : "")}");
        if (!group.Locked)
            audit.Unlocked(group.Name);
    });

    public void Drain(string host, bool drained) => Store(() =>
    {
        database.Drain(host, drained);
        world.Log("USER", $"{(drained ? "drains" : "undrains")} {host}");
    });

    /// <summary>C11: an operator deletes a group.</summary>
    public void Retire(string group) => Store(() =>
    {
        database.Retire(group);
        world.Log("USER", $"deletes {group}");
        audit.Unlocked(group);
    });

    /// <summary>An operator registers again what was deleted; one write after the other.</summary>
    public void Register(Group group, Action registered) => Store(() =>
    {
        if (database.Find(group.Name) is not null || _engine!.Report(group.Name, _clock.Now) is not null)
            return;
        database.Register(group);
        world.Log("USER", $"registers {group.Name} again");
        audit.Unlocked(group.Name);
        registered();
    });

    /// <summary>C11: again and again until it is known to be gone.</summary>
    private void Forget(CommitRetirement retirement)
    {
        var (engine, term) = (_engine, _term);
        database.Execute(
            Name,
            Process,
            () => database.Forget(retirement, term, () =>
            {
                audit.Forgotten(retirement.Group);
                Forgotten(retirement.Group);
            }),
            isGone =>
            {
                if (engine != _engine)
                    return;
                if (isGone)
                    Load();
                else
                    StepDown("a deletion found another term");
            },
            () =>
            {
                if (engine == _engine && engine is not null)
                    Forget(retirement);
            });
    }

    /// <summary>Stored and known to the engine before it is answered.</summary>
    private void Store(Action write) => Process.After(TimeSpan.Zero, () =>
    {
        // S3: what a former leader still writes is refused, and the operator hears so.
        if (!Leads || (database.Leadership.Term != _term && !removed.HasFlag(Rule.S3Term)))
            return;
        write();
        Load();
    });

    public void AskSwitchover(string group, string? target)
    {
        world.Log("USER", $"asks {Name} to move {group} to {target ?? "whoever can take it"}");
        Receive(new SwitchoverAsked(_nextRequest++, group, target, "an operator asked", "operator"));
    }

    /// <summary>A lock that an operator can see while nothing is under way: from here on the group stays where it is.</summary>
    private void NoteLocks()
    {
        foreach (var group in database.Groups)
        {
            if (group.Locked && _engine!.Report(group.Name, _clock.Now) is { Phase: not GroupPhase.Deciding })
                audit.LockHolds(group.Name);
        }
    }
}
