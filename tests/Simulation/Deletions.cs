using HaGrpc.Core.Model;

namespace HaGrpc.Simulation.Tests;

/// <summary>
/// Rule C11: operators who have a group deleted, and register one of the same name again. In some seeds only and with numbers of their own, so
/// that the other seeds take the course that they took before there were any.
/// </summary>
internal sealed class Deletions(
    ulong seed, World world, SimDatabase database, Audit audit, IReadOnlyList<SimControlPlane> planes, IReadOnlyList<SimHost> hosts)
{
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(250);
    private readonly SeededRandom _random = new(seed ^ 0x3C6EF372FE94F82B);
    private readonly Dictionary<string, Group> _deleted = new(StringComparer.Ordinal);

    /// <summary>One in eight, among them some with sync groups, fences, suspends and restored backups.</summary>
    public bool IsOn { get; } = seed % 64 is 3 or 10 or 12 or 21 or 31 or 47 or 54 or 59;

    /// <summary>A group that is not registered now, or is being deleted; null when there is none.</summary>
    public string? Missing => _deleted.Keys.FirstOrDefault(name => database.Find(name) is not { Retiring: "" });

    public void Begin()
    {
        if (!IsOn)
            return;
        audit.KnowsWhatIsRegistered = seed % 8 != 5;
        foreach (var plane in planes)
            plane.Forgotten = _ => Tell();
    }

    public void Next()
    {
        if (!IsOn || _random.NextDouble() >= 0.4)
            return;
        if (Missing is { } missing)
        {
            Register(missing);
            return;
        }
        var group = _random.NextDouble() < 0.5 ? "g1" : "g2";
        if (database.Find(group) is not { } row)
            return;
        _deleted[group] = row.Group with { Locked = false };
        foreach (var plane in planes.Where(p => p.Leads))
            plane.Retire(group);
        // Now and then the owner hears nothing of it.
        if (_random.NextDouble() < 0.3 && hosts.FirstOrDefault(h => h.Name == row.Stored.Owner) is { } owner)
            owner.StopAgent(TimeSpan.FromMilliseconds(500 + (_random.NextDouble() * 6000)));
    }

    /// <summary>What is being deleted goes, and comes back.</summary>
    public void Heal()
    {
        if (!IsOn || Missing is not { } missing)
            return;
        Register(missing);
        world.After(Again, Heal);
    }

    /// <summary>S4: what is registered may be something else now; agents are told with their next stream.</summary>
    public void Restored()
    {
        if (IsOn)
            Tell();
    }

    private void Register(string name)
    {
        if (database.Find(name) is not null)
            return;
        foreach (var plane in planes.Where(p => p.Leads))
            plane.Register(_deleted[name], Tell);
    }

    /// <summary>Hosts hear of it at some time.</summary>
    private void Tell()
    {
        foreach (var host in hosts)
            world.After(TimeSpan.FromMilliseconds(_random.NextDouble() * 500), () => host.Configure([.. database.Groups]));
    }
}
