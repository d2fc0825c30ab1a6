namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Operators who want a host empty (rule C5), now and then beside the other faults. With numbers of their own, so that a seed without a
/// drain takes the course that it took before there were any.
/// </summary>
internal sealed class Drains(
    ulong seed, World world, SimDatabase database, IReadOnlyList<SimControlPlane> planes, IReadOnlyList<SimHost> hosts)
{
    private readonly SeededRandom _random = new(~seed);
    private string? _kept;

    public void Next()
    {
        if (_random.NextDouble() >= 0.05)
            return;
        var host = hosts[_random.Next(hosts.Count)].Name;
        Order(host, !database.Drained.ContainsKey(host));
    }

    /// <summary>The core is healthy from here on: one host at most stays drained, until <see cref="End"/>.</summary>
    public void Heal()
    {
        _kept = database.Drained.Keys.Order(StringComparer.Ordinal).FirstOrDefault();
        Undrain();
    }

    /// <summary>The first group that is still on a drained host; null when there is none.</summary>
    public string? Undrained() => database.Drained.IsEmpty
        ? null
        : database.Groups.FirstOrDefault(g => hosts.Any(h => database.Drained.ContainsKey(h.Name) && h.Acts(g.Name)))?.Name;

    public void End()
    {
        _kept = null;
        Undrain();
    }

    /// <summary>Until some control plane leads and does it.</summary>
    private void Undrain()
    {
        foreach (var host in database.Drained.Keys.Where(h => h != _kept))
            Order(host, drained: false);
        if (database.Drained.Keys.Any(h => h != _kept) || (!database.Drained.IsEmpty && !planes.Any(p => p.Leads)))
            world.After(TimeSpan.FromMilliseconds(250), Undrain);
    }

    private void Order(string host, bool drained)
    {
        foreach (var plane in planes.Where(p => p.Leads))
            plane.Drain(host, drained);
    }
}
