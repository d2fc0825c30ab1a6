using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <content>What an owner does to its kernel, and undoes: gate, guard and programs (rules W2 to W4, W7, L7).</content>
internal sealed partial class SimHost
{
    private void Own(string group, long epoch, string how)
    {
        _world.Log(Name, $"{how} {group}@{epoch}");
        _audit.Claimed(this, group, epoch, _boots);
        OpenGate(group, epoch, () =>
        {
            Agent.After(_world.Between(1, 15), () => StartPrograms(group));
            ScheduleNext();
        });
    }

    private void End(EndEpoch end)
    {
        _world.Log(Name, $"ends {end.Group}@{end.Epoch}: {end.Reason}");
        var held = HeldOf(end.Group);
        held.WriteDeadline(end.Epoch, BootInstant.Zero);
        held.ShutGate();
        Agent.After(_world.Between(0.1, 5), () =>
        {
            var dead = _removed.HasFlag(Rule.W2AgentKills) ? _world.Now : held.KillPrograms();
            Agent.At(dead + 1, () => Post(new EpochActsEnded(end.Group, end.Epoch)));
        });
    }

    /// <summary>W4: a guard first; L7 before, the clock after; between them the agent may be stopped for any time.</summary>
    private void OpenGate(string group, long epoch, Action then)
    {
        var held = HeldOf(group);
        held.Guard.Start();
        var before = _clock.Now;
        if (!MayAct(held, epoch, before))
        {
            then();
            return;
        }
        var left = held.Until - before;
        var generation = _generation;
        Agent.After(_world.Between(0.01, _world.Chance(0.05) ? 10 : 0.5), () =>
        {
            // The kernel refuses a transaction that was composed before the guard's.
            if (generation != _generation && !_removed.HasFlag(Rule.W4Generation))
            {
                _world.Log(Name, $"may not open the gate of {group}: a guard was faster");
                OpenGate(group, epoch, then);
                return;
            }
            // Without its guard a late write opens the gate for the instant until it is seen to be late. That is what two faults at once cost
            // (W4), and the agent's death in that very instant would be a third: here the two are one act.
            var guarded = held.Guard.Process.Runs;
            var undone = !guarded && IsLate(group, before);
            if (!undone)
                held.OpenGate(left);
            if (guarded)
                _audit.Acted(this, group, "opens the gate");
            Agent.After(TimeSpan.Zero, () =>
            {
                if (IsLate(group, before))
                    UndoLateWrite(group, held, before);
                if (!guarded && held.IsGateOpen)
                    _audit.Acted(this, group, "leaves the gate open");
                then();
            });
        });
        var fault = _insideNextWrite;
        _insideNextWrite = null;
        fault?.Invoke();
    }

    private bool IsLate(string group, BootInstant before) => !_removed.HasFlag(Rule.W4LateWrite)
        && _clock.Now - before > _known[group].Timing.TakeoverMargin / 4;

    private void UndoLateWrite(string group, HostedGroup held, BootInstant before)
    {
        _world.Log(Name, $"wrote the gate of {group} {(_clock.Now - before).TotalMilliseconds:F0} ms late and shuts it");
        held.ShutGate();
    }

    private bool MayAct(HostedGroup held, long epoch, BootInstant now) =>
        held.Epoch == epoch && (now < held.Until || _removed.HasFlag(Rule.L7BeforeEachAct));

    /// <summary>The shim itself looks at the deadline right before it runs the program.</summary>
    private void StartPrograms(string group)
    {
        var held = HeldOf(group);
        if (held.RunsPrograms || _core!.RoleOf(group) != OwnerRole.Owner || !MayAct(held, held.Epoch, _clock.Now))
            return;
        held.StartPrograms();
        _world.Log(Name, $"starts the programs of {group}@{held.Epoch}");
        _audit.Acted(this, group, "starts a program");
    }
}
