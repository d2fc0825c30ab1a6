namespace HaGrpc.Simulation.Tests;

/// <summary>What must hold after every step, seen from outside with real time.</summary>
internal sealed class Audit(World world, SimNetwork network, SimDatabase database)
{
    private readonly Dictionary<(string Group, long Epoch), (string Host, int Boot)> _actedBy = [];
    // To the rest of its sync group, from there to a better host once that has been live for the delay, and one of them called off.
    private const int MostPlanned = 3;
    private readonly HashSet<string> _lockHolds = [];
    private readonly Dictionary<string, (long Epoch, long At)> _calledOff = [];
    private Dictionary<string, int>? _planned;

    public List<SimHost> Hosts { get; } = [];

    public int Claims { get; private set; }

    /// <summary>C11: false when a restored database lacks groups that were registered.</summary>
    public bool KnowsWhatIsRegistered { get; set; }

    /// <summary>Promise 1: called right after a gate was opened or a program started.</summary>
    public void Acted(SimHost actor, string group, string what)
    {
        if (KnowsWhatIsRegistered && database.Find(group) is null && !actor.IsWaking)
            Fail($"{actor.Name} {what} of {group}, which is not registered any more");
        foreach (var other in Hosts)
        {
            // W6: right after a suspend a machine is looked at by itself.
            if (other == actor || other.IsWaking || actor.IsWaking)
                continue;
            if (other.IsGateOpen(group))
                Fail($"{actor.Name} {what} of {group} while {other.Name} answers for its VIP");
            if (other.RunsPrograms(group))
                Fail($"{actor.Name} {what} of {group} while {other.Name} runs its programs");
        }
    }

    /// <summary>C11: called when a group is not registered any more.</summary>
    public void Forgotten(string group)
    {
        foreach (var host in Hosts.Where(h => !h.IsWaking))
        {
            if (host.IsGateOpen(group))
                Fail($"{group} is forgotten while {host.Name} answers for its VIP");
            if (host.RunsPrograms(group))
                Fail($"{group} is forgotten while {host.Name} runs its programs");
        }
    }

    /// <summary>An epoch has one owner, and never comes back after it has ended, nor after a boot (rule W7).</summary>
    public void Claimed(SimHost actor, string group, long epoch, int boot)
    {
        Claims++;
        if (_actedBy.TryGetValue((group, epoch), out var first) && first.Host != actor.Name)
            Fail($"{actor.Name} claims epoch {epoch} of {group}, which {first.Host} had");
        if (first.Host is not null && first.Boot != boot)
            Fail($"{actor.Name} claims epoch {epoch} of {group}, which it had before it booted");
        _actedBy[(group, epoch)] = (actor.Name, boot);
        if (actor.Disk.TryGetValue(group, out var disk) && epoch <= disk.Ended)
            Fail($"{actor.Name} claims epoch {epoch} of {group}, which it has ended");
    }

    /// <summary>Promise 3: an operator saw the lock, and no change of owner under way.</summary>
    public void LockHolds(string group) => _lockHolds.Add(group);

    public void Unlocked(string group) => _lockHolds.Remove(group);

    /// <summary>Promise 3: a locked group never moves by itself.</summary>
    public void Committed(string group, string? from, string to, bool asked)
    {
        if (_lockHolds.Contains(group) && from is not null && from != to && !asked)
            Fail($"{group} is locked and moved from {from} to {to}");
    }

    /// <summary>
    /// C5: who is promoted can hear and be heard: the answer that its last heartbeat echoes was sent less than 4h ago, and
    /// both came through.
    /// </summary>
    public void Decided(SimControlPlane plane, string owner, string group)
    {
        var longest = database.Of(group).Group.Timing.Heartbeat.Ticks * 4 * 101;
        if (network.CutFor(owner, plane.Name) > longest)
            Fail($"{plane.Name} promotes {owner} for {group}, from which nothing has come for {Seconds(network.CutFor(owner, plane.Name))}");
        if (network.CutFor(plane.Name, owner) > longest)
            Fail($"{plane.Name} promotes {owner} for {group}, to which nothing has got for {Seconds(network.CutFor(plane.Name, owner))}");
    }

    /// <summary>From here on every group may find its place once, and that is all.</summary>
    public void NothingChangesAnyMore() => _planned = new(StringComparer.Ordinal);

    public void SwitchoverBegins(string group)
    {
        _calledOff.Remove(group);
        if (_planned is null)
            return;
        var planned = _planned.GetValueOrDefault(group) + 1;
        _planned[group] = planned;
        if (planned > MostPlanned)
            Fail($"{group} is moved again and again although nothing changes: {planned} planned changes");
    }

    public void SwitchoverCalledOff(string group, long epoch) => _calledOff[group] = (epoch, world.Now);

    /// <summary>C9: what was called off does not happen one lease length later.</summary>
    public void Releases(string group, long epoch)
    {
        if (!_calledOff.TryGetValue(group, out var off) || off.Epoch != epoch)
            return;
        var row = database.Of(group);
        if (row.Retiring.Length > 0 || database.Find(group) is null) // C11: it is asked for that.
            return;
        var longest = row.Views.Where(v => v.Version >= row.Confirmed).Max(v => v.Length) ?? TimeSpan.Zero;
        if (world.Now - off.At > longest.Ticks * 101)
            Fail($"the owner releases {group}@{epoch} {Seconds(world.Now - off.At)} after the change was called off");
    }

    public static void Fail(string what) => throw new InvariantBroken(what);

    private static string Seconds(long nanoseconds) => $"{nanoseconds / 1e9:F1} s";
}

/// <summary>A promise is broken.</summary>
internal sealed class InvariantBroken(string what) : Exception(what);
