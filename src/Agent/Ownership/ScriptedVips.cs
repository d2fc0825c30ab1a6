using System.Collections.Immutable;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Ownership;

/// <summary>What waits for the scripts of a group's VIPs, and for how long (docs/adr/0018). Only on the ownership loop's thread, which waits for none
/// of them.</summary>
/// <param name="scripts">Runs them.</param>
/// <param name="groups">The groups of this host, by name.</param>
/// <param name="enqueue">Runs work on the ownership loop's thread.</param>
/// <param name="then">The same, when a task is done.</param>
/// <param name="time">Measures a release.</param>
internal sealed class ScriptedVips(
    VipScripts scripts,
    IReadOnlyDictionary<string, Group> groups,
    Action<Action> enqueue,
    Action<Task, Action> then,
    TimeProvider time)
{
    private readonly Dictionary<string, Claimed> _claims = new(StringComparer.Ordinal);

    /// <summary>Gate and addresses are there.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">The epoch that this host acts for.</param>
    /// <param name="resumed">True when an earlier agent may have claimed them.</param>
    /// <param name="next">Called at once when there is no script, else when each was tried; not at all when the group was given up or
    /// lost by then. It is told whether there was anything to wait for.</param>
    public void Claim(Group group, long epoch, bool resumed, Action<bool> next)
    {
        var vips = Of(group);
        if (vips.IsEmpty && !_claims.ContainsKey(group.Name))
        {
            next(false);
            return;
        }
        if (_claims.TryGetValue(group.Name, out var before))
            before.IsOver = true;
        var claim = _claims[group.Name] = new(vips, next);
        scripts.Take(group.Name, epoch, vips, resumed, () => enqueue(() =>
        {
            if (claim.IsOver)
                return;
            claim.Next = _ => { };
            next(true);
        }));
        if (vips.IsEmpty)
            next(false);
    }

    /// <summary>An owner's VIPs are others now.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">The epoch that this host acts for.</param>
    public void Adjust(Group group, long epoch)
    {
        // Whatever still waits for the claim of others goes on with these.
        var next = _claims.TryGetValue(group.Name, out var before) ? before.Next : _ => { };
        var vips = Of(group);
        if (before is not null ? !before.Vips.SequenceEqual(vips) : !vips.IsEmpty)
            Claim(group, epoch, resumed: true, next);
    }

    /// <summary>C9 begins: nothing that waits for a claim goes on any more.</summary>
    public void Giving(string group)
    {
        if (_claims.TryGetValue(group, out var claim))
            claim.IsOver = true;
    }

    /// <summary>C9: the programs have stopped, the lease is still renewed.</summary>
    /// <param name="name">The group.</param>
    /// <param name="next">Called at once when there is no script; else when each is over, or one lease length has passed.</param>
    public void Release(string name, Action<bool> next)
    {
        if (!_claims.Remove(name, out var claim) || claim.Vips.IsEmpty || !groups.TryGetValue(name, out var group))
        {
            next(false);
            return;
        }
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scripts.Give(name, group.Timing.Ttl, () => over.TrySetResult());
        then(Task.WhenAny(over.Task, Task.Delay(group.Timing.Ttl, time)), () => next(true));
    }

    /// <summary>W7: what runs is killed.</summary>
    public void End(string group)
    {
        Giving(group);
        _ = _claims.Remove(group);
        scripts.End(group);
    }

    /// <summary>C8.</summary>
    public void Raise(string group, long epoch) => scripts.Raise(group, epoch);

    /// <summary>The deadline file says another end now.</summary>
    public void DeadlineChanged(string group) => scripts.DeadlineChanged(group);

    private static ImmutableArray<Vip> Of(Group group) => [.. group.Vips.Where(v => v.Script.Length > 0)];

    private sealed class Claimed(ImmutableArray<Vip> vips, Action<bool> next)
    {
        public ImmutableArray<Vip> Vips => vips;

        /// <summary>What still waits for it; nothing once it went on.</summary>
        public Action<bool> Next { get; set; } = next;

        public bool IsOver { get; set; }
    }
}
