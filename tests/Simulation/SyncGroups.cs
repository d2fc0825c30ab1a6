using HaGrpc.Core.Model;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Groups that are to be on one host (rules C5, C9), in some runs. Which ones is a matter of the seed and of nothing else, so that the others take
/// the course that they took before there were any.
/// </summary>
internal sealed class SyncGroups(ulong seed, SimDatabase database, IReadOnlyList<SimHost> hosts)
{
    // Of 64 seeds. In one of them a backup is restored, in one a machine sleeps; in three priorities change as well.
    private readonly bool _isOne = seed % 64 is 10 or 24 or 37 or 54 or 56;

    /// <summary>What is registered instead of two groups of their own.</summary>
    public Group Register(Group group, Group first) =>
        _isOne ? group with { Members = first.Members, SyncGroup = "both" } : group;

    /// <summary>Where each of them is, when they are not all on one host; null when they are, or need not be.</summary>
    public string? Apart()
    {
        if (!_isOne)
            return null;
        var places = database.Groups.Select(g => (g.Name, Host: hosts.FirstOrDefault(h => h.Acts(g.Name))?.Name ?? "nowhere")).ToArray();
        return places.All(p => p.Host == places[0].Host) ? null : string.Join(", ", places.Select(p => $"{p.Name} on {p.Host}"));
    }
}
