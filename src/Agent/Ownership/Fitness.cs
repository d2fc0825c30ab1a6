using HaGrpc.Core.Ownership;

namespace HaGrpc.Agent.Ownership;

/// <summary>Why this host cannot run its groups (rule C5). Programs, checks of the host and the watchdog say so independently of each other: none takes back what
/// another has said. Any thread may say something.</summary>
/// <param name="post">Takes a <see cref="FitnessChanged"/> when the words are others than before; must not wait.</param>
internal sealed class Fitness(Action<HostEvent> post)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Reasons> _groups = new(StringComparer.Ordinal);

    /// <summary>What the programs of a group say; empty when they can run.</summary>
    public void OfPrograms(string group, string reason) => Say(group, reasons => reasons with { Programs = reason });

    /// <summary>What the host's checks say; empty when nothing stands against the group.</summary>
    public void OfChecks(string group, string reason) => Say(group, reasons => reasons with { Checks = reason });

    /// <summary>What the watchdog says; empty when it can guard the group, or need not.</summary>
    public void OfWatchdog(string group, string reason) => Say(group, reasons => reasons with { Watchdog = reason });

    private void Say(string group, Func<Reasons, Reasons> change)
    {
        // Posted inside: two words must not overtake each other.
        lock (_lock)
        {
            var before = _groups.GetValueOrDefault(group, new("", "", ""));
            var after = _groups[group] = change(before);
            if (after.Words != before.Words)
                post(new FitnessChanged(group, after.Words));
        }
    }

    private readonly record struct Reasons(string Programs, string Checks, string Watchdog)
    {
        public string Words => string.Join("; ", new[] { Programs, Checks, Watchdog }.Where(words => words.Length > 0));
    }
}
