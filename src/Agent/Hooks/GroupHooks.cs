using HaGrpc.Core.Hooks;
using HaGrpc.Core.Model;
using Microsoft.Extensions.Logging;

namespace HaGrpc.Agent.Hooks;

/// <summary>Which moments of a group's ownership are told to its hooks (docs/adr/0019). Only on the ownership loop's thread, which waits for
/// none of them.</summary>
/// <param name="host">This host's name.</param>
/// <param name="hooks">Runs them.</param>
/// <param name="runDirectory">Where it is noted what was told.</param>
/// <param name="configured">The groups as configured now.</param>
/// <param name="enqueue">Runs work on the ownership loop's thread.</param>
/// <param name="logger">The log.</param>
internal sealed class GroupHooks(
    string host, HookHost hooks, string runDirectory, IReadOnlyDictionary<string, Group> configured, Action<Action> enqueue, ILogger logger)
{
    private readonly ToldRoles _roles = new(runDirectory, logger);
    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _claims = new(StringComparer.Ordinal);

    /// <summary>True once the agent was told to stop.</summary>
    public bool IsStopping { get; set; }

    /// <summary>Acts as owner begin.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="reason">Why.</param>
    /// <param name="then">Starts the programs; at once when nothing runs before them, and not at all when the epoch has ended or is being
    /// given up by then. It is told whether there was anything to wait for.</param>
    public void Taking(string group, long epoch, string reason, Action<bool> then)
    {
        var claim = _claims[group] = new object();
        if (_roles.Of(group) == ToldRoles.Owner)
        {
            // Told by an earlier agent: nothing begins.
            then(false);
            return;
        }
        _roles.Note(group, ToldRoles.Taking);
        if (Tell(HookOccasion.Taking, group, epoch, reason, Go) == 0)
            then(false);

        void Go()
        {
            if (_claims.TryGetValue(group, out var live) && ReferenceEquals(live, claim))
                then(true);
        }
    }

    /// <summary>The group was handed over as it runs: whoever ran it before has told what there was to tell.</summary>
    public void Arriving(string group, bool isOwner) => _roles.Note(group, isOwner ? ToldRoles.Owner : ToldRoles.Standby);

    /// <summary>Every program was started or has failed to.</summary>
    public void Taken(string group, long epoch, string reason)
    {
        if (!_claims.ContainsKey(group) || _roles.Of(group) != ToldRoles.Taking)
            return;
        Tell(HookOccasion.Taken, group, epoch, reason);
        _roles.Note(group, ToldRoles.Owner);
    }

    /// <summary>C9: programs are about to stop.</summary>
    public void Giving(string group, long epoch, string reason)
    {
        _ = _claims.Remove(group);
        if (_roles.IsHeld(group))
            Tell(HookOccasion.Giving, group, epoch, reason);
    }

    /// <summary>W7 begins; the deadline file says 0.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">The epoch.</param>
    /// <param name="reason">Why.</param>
    /// <param name="planned">False when nobody has asked for it.</param>
    public void Ending(string group, long epoch, string reason, bool planned)
    {
        _ = _claims.Remove(group);
        DeadlineChanged(group);
        if (!planned && _roles.IsHeld(group))
            Tell(HookOccasion.Failed, group, epoch, reason);
    }

    /// <summary>Gate, addresses and programs of an epoch are gone.</summary>
    public void Ended(string group, long epoch, string reason)
    {
        if (!_roles.IsHeld(group))
        {
            StandBy(group, epoch);
            return;
        }
        Tell(IsStopping ? HookOccasion.Stopped : HookOccasion.Given, group, epoch, reason);
        _roles.Note(group, IsStopping ? ToldRoles.Stopped : ToldRoles.Standby);
    }

    /// <summary>This host does not own the group.</summary>
    public void StandBy(string group, long epoch)
    {
        if (IsStopping || !configured.ContainsKey(group) || _roles.IsHeld(group) || _roles.Of(group) == ToldRoles.Standby)
            return;
        Tell(HookOccasion.StandingBy, group, epoch, "the agent has started and does not own the group");
        _roles.Note(group, ToldRoles.Standby);
    }

    /// <summary>This host cannot run the group.</summary>
    public void Unfit(string group, long epoch, string reason) => Tell(HookOccasion.Unfit, group, epoch, reason);

    /// <summary>The deadline file says another end now.</summary>
    public void DeadlineChanged(string group)
    {
        if (_used.Contains(group))
            hooks.DeadlineChanged(group);
    }

    private int Tell(HookOccasion occasion, string name, long epoch, string reason, Action? over = null)
    {
        if (!configured.TryGetValue(name, out var group))
            return 0;
        var calls = HookPlan.Of(group.Hooks, occasion);
        // Also an occasion without hooks ends those of an earlier one, if there were any.
        if (calls.IsEmpty && !_used.Contains(name))
            return 0;
        _ = _used.Add(name);
        var priority = group.Members.FirstOrDefault(member => member.Host == host)?.Priority ?? 0;
        var batch = new HookBatch(occasion, new HookFacts(host, name, epoch, priority, reason), calls);
        hooks.Take(batch, calls.IsEmpty || over is null ? () => { } : () => enqueue(over));
        return calls.Length;
    }
}
