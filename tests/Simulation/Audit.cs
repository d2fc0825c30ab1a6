using HaGrpc.Core.Model;

namespace HaGrpc.Simulation.Tests;

/// <summary>What must hold after every step, seen from outside with real time.</summary>
internal sealed class Audit(World world)
{
    private readonly Dictionary<(string Group, long Epoch), string> _actedBy = [];

    public List<SimHost> Hosts { get; } = [];

    public int Claims { get; private set; }

    /// <summary>Promise 1: called right after a gate was opened or a program started.</summary>
    public void Acted(SimHost actor, string group, string what)
    {
        foreach (var other in Hosts.Where(h => h != actor))
        {
            if (other.IsGateOpen(group))
                Fail($"{actor.Name} {what} of {group} while {other.Name} answers for its VIP");
            if (other.RunsPrograms(group))
                Fail($"{actor.Name} {what} of {group} while {other.Name} runs its programs");
        }
    }

    /// <summary>An epoch has one owner and never comes back after it has ended.</summary>
    public void Claimed(SimHost actor, string group, long epoch)
    {
        Claims++;
        if (_actedBy.TryGetValue((group, epoch), out var first) && first != actor.Name)
            Fail($"{actor.Name} claims epoch {epoch} of {group}, which {first} had");
        _actedBy[(group, epoch)] = actor.Name;
        if (actor.Disk.TryGetValue(group, out var disk) && epoch <= disk.Ended)
            Fail($"{actor.Name} claims epoch {epoch} of {group}, which it has ended");
    }

    /// <summary>Promise 3: a locked group never moves by itself.</summary>
    public void Committed(Group group, string? from, string to, bool asked)
    {
        if (group.Locked && from is not null && from != to && !asked)
            Fail($"{group.Name} is locked and moved from {from} to {to}");
    }

    public void Fail(string what) => throw new InvariantBroken(
        $"seed {world.Seed}: {what}\n" + string.Join('\n', world.Transcript.TakeLast(120)));
}

internal sealed class InvariantBroken(string message) : Exception(message);
