using HaGrpc.Core.Ownership;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Checks that change what a host's priority is worth (rule C5), in some runs. With numbers of their own, so that a seed without them takes the
/// course that it took before there were any.
/// </summary>
internal sealed class Weighings(ulong seed, World world, SimDatabase database, IReadOnlyList<SimHost> hosts)
{
    private readonly SeededRandom _random = new(seed ^ 0x5DEECE66D5DEECE6);

    /// <summary>Of 64 seeds, three of them with a sync group.</summary>
    public bool IsOn { get; } = seed % 64 is 10 or 12 or 18 or 21 or 23 or 37 or 44 or 54;

    public void Next()
    {
        if (!IsOn || _random.NextDouble() >= 0.4)
            return;
        var host = hosts[_random.Next(hosts.Count)];
        var groups = database.Groups.Select(g => g.Name).ToArray();
        if (groups.Length == 0)
            return;
        var group = groups[_random.Next(groups.Length)];
        var weight = _random.Next(4) switch
        {
            0 => 0,
            1 => _random.Next(-3, 4),
            2 => _random.Next(-40, 41),
            _ => _random.Next(-253, 254),
        };
        world.Log("FAULT", $"checks add {weight} to {host.Name} for {group}");
        host.Post(new WeightChanged(group, weight));
    }
}
