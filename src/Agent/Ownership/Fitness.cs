using HaGrpc.Core.Ownership;

namespace HaGrpc.Agent.Ownership;

/// <summary>Why this host cannot run its groups (rule C5). Programs and checks of the host say so independently of each other: neither takes back what the
/// other has said. Any thread may say something.</summary>
/// <param name="post">Takes a <see cref="FitnessChanged"/> when the words are others than before; must not wait.</param>
internal sealed class Fitness(Action<HostEvent> post)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Reasons> _groups = new(StringComparer.Ordinal);

    /// <summary>What the programs of a group say; empty when they can run.</summary>
    public void OfPrograms(string group, string reason) => Say(group, reasons => reasons with { Programs = reason });

    /// <summary>What the host's checks say; empty when nothing stands against the group.</summary>
    public void OfChecks(string group, string reason) => Say(group, reasons => reasons with { Checks = reason });

    private void Say(string group, Func<Reasons, Reasons> change)
    {
        // Posted inside: two words must not overtake each other.
        lock (_lock)
        {
            var before = _groups.GetValueOrDefault(group, new("", ""));
            var after = _groups[group] = change(before);
            if (after.Words != before.Words)
                post(new FitnessChanged(group, after.Words));
        }
    }

    private readonly record struct Reasons(string Programs, string Checks)
    {
        public string Words => Programs.Length > 0 && Checks.Length > 0 ? $"{Programs}; {Checks}" : Programs + Checks;
    }
}
