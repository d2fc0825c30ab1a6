using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <content>What operators ask for.</content>
internal sealed partial class SimControlPlane
{
    /// <summary>An operator's apply.</summary>
    public void Apply(Func<Group> change) => Store(() =>
    {
        var group = change();
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
