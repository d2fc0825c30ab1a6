using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>How ready each host last said that it is for groups that it does not own. In memory: agents say it again when they attach.</summary>
internal sealed class ObservedReadiness
{
    // Of one host; whoever says more is not believed.
    private const int MostGroups = 10_000;

    /// <summary>Of one host and group; the rest is a number.</summary>
    public const int MostFailing = 5;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Dictionary<string, GroupReadiness>> _hosts = new(StringComparer.Ordinal);

    /// <summary>Takes a report in.</summary>
    public void Report(string host, ReadinessReport report)
    {
        lock (_lock)
        {
            if (report.Complete || !_hosts.TryGetValue(host, out var groups))
                _hosts[host] = groups = new(StringComparer.Ordinal);
            foreach (var group in report.Groups.Where(g => groups.Count < MostGroups || groups.ContainsKey(g.Group)))
                groups[group.Group] = Cleaned(group);
        }
    }

    /// <summary>What a host said about a group; null when it said nothing.</summary>
    public GroupReadiness? Of(string host, string group)
    {
        lock (_lock)
            return _hosts.TryGetValue(host, out var groups) ? groups.GetValueOrDefault(group) : null;
    }

    private static GroupReadiness Cleaned(GroupReadiness said)
    {
        var clean = new GroupReadiness { Group = said.Group, Score = Math.Clamp(said.Score, 0, 100), More = Math.Max(0, said.More) };
        clean.Failing.AddRange(said.Failing.Take(MostFailing).Select(ForeignFinding.Visible));
        return clean;
    }
}
