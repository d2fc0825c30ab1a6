using System.Globalization;

namespace HaGrpc.Functional.Tests.Survival;

/// <summary>
/// Compares what the programs themselves wrote down as their last act with what the agents reported. Left out is an instance that was
/// shot at, for it may have died between that line and its exit; and unsure is an end that was followed by an agent's death so soon that
/// its line in the log, which is written in the background, may have died with it.
/// </summary>
/// <param name="folder">Where the journals lie.</param>
internal sealed class ExitLedger(string folder)
{
    private static readonly TimeSpan Writing = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, (string Program, string Status, TimeSpan At)> _ends = new(StringComparer.Ordinal);
    private readonly HashSet<string> _shotAt = new(StringComparer.Ordinal);
    private readonly List<(TimeSpan From, TimeSpan To)> _agents = [];

    /// <summary>Ends that have to be reported.</summary>
    public int Sure { get; private set; }

    /// <summary>Ends of which nobody outside can say whether they have to be.</summary>
    public int Unsure { get; private set; }

    /// <summary>Reads the journals; often, because the time at which a line is first seen counts as that of the end.</summary>
    public void Read(IEnumerable<Subject> jobs, TimeSpan now)
    {
        foreach (var job in jobs)
        {
            var path = Path.Combine(folder, $"{job.Name}.ends");
            foreach (var line in File.Exists(path) ? File.ReadAllLines(path) : [])
            {
                var words = line.Split(' ');
                if (words.Length == 2)
                    _ = _ends.TryAdd(words[0], (job.Name, words[1], now));
            }
        }
    }

    /// <summary>Instances that are about to be killed, or whose shim is.</summary>
    public void ShotAt(IEnumerable<string> instances) => _shotAt.UnionWith(instances);

    /// <summary>True for an instance of which something was killed.</summary>
    public bool WasShotAt(string instance) => _shotAt.Contains(instance);

    /// <summary>An agent has lived.</summary>
    public void AgentLived(TimeSpan from, TimeSpan to) => _agents.Add((from, to));

    /// <summary>Ends that no agent has reported with their true status.</summary>
    /// <param name="log">Everything that the agents have said.</param>
    public List<string> Missing(IReadOnlyCollection<string> log)
    {
        (Sure, Unsure) = (0, 0);
        var missing = new List<string>();
        foreach (var group in _ends.Where(end => !_shotAt.Contains(end.Key)).GroupBy(end => (end.Value.Program, end.Value.Status)))
        {
            var unsure = group.Count(end => IsUnsure(end.Value.At));
            var sure = group.Count() - unsure;
            (Sure, Unsure) = (Sure + sure, Unsure + unsure);
            var said = string.Create(
                CultureInfo.InvariantCulture, $" web:{group.Key.Program} is Exited: exit status {group.Key.Status}; not expected");
            var reported = log.Count(line => line.EndsWith(said, StringComparison.Ordinal));
            if (reported < sure)
                missing.Add($"{group.Key.Program}: {sure} ended with exit status {group.Key.Status}, {reported} reported");
        }
        return missing;
    }

    // Whoever reads a record first has to live long enough to say so; the agent that is still alive does.
    private bool IsUnsure(TimeSpan end)
    {
        foreach (var (from, to) in _agents)
        {
            if (to > end)
                return to - from < Writing || to - end < Writing;
        }
        return false;
    }
}
