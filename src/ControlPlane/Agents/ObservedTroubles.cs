using HaGrpc.V1;

namespace HaGrpc.ControlPlane.Agents;

/// <summary>What hosts last said that they cannot do for groups that they own. In memory: every heartbeat says it again.</summary>
internal sealed class ObservedTroubles
{
    // Of one host; whoever says more is not believed.
    private const int Most = 100;
    private const int MostCharacters = 400;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, GroupTrouble[]> _hosts = new(StringComparer.Ordinal);

    /// <summary>Takes a heartbeat's in; no more is so than it says.</summary>
    public void Report(string host, IReadOnlyCollection<GroupTrouble> troubles)
    {
        lock (_lock)
        {
            if (troubles.Count == 0)
                _ = _hosts.Remove(host);
            else
                _hosts[host] = [.. troubles.Take(Most).Select(t => new GroupTrouble { Group = t.Group, Text = ForeignText.Visible(t.Text, MostCharacters) })];
        }
    }

    /// <summary>What a host said of a group; empty for nothing.</summary>
    public IEnumerable<string> Of(string host, string group)
    {
        lock (_lock)
            return _hosts.TryGetValue(host, out var said) ? [.. said.Where(t => t.Group == group).Select(t => t.Text)] : [];
    }
}
