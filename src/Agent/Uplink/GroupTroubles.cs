using HaGrpc.V1;

namespace HaGrpc.Agent.Uplink;

/// <summary>What this host wants to do for groups that it owns and cannot yet; every heartbeat says it while it lasts. From any thread.</summary>
internal sealed class GroupTroubles
{
    // With every heartbeat: the history has the whole of it.
    private const int MostCharacters = 300;
    private const int Most = 100;

    private readonly Lock _lock = new();
    private readonly SortedDictionary<(string Group, string Subject), string> _troubles =
        new(Comparer<(string Group, string Subject)>.Create(static (x, y) =>
            string.CompareOrdinal(x.Group, y.Group) is not 0 and var order ? order : string.CompareOrdinal(x.Subject, y.Subject)));

    /// <summary>Replaces what was said of a subject.</summary>
    /// <param name="group">The group.</param>
    /// <param name="subject">What cannot be done, for example a VIP; unique in the group.</param>
    /// <param name="text">Why; empty: it is over.</param>
    public void Set(string group, string subject, string text)
    {
        lock (_lock)
        {
            if (text.Length == 0)
                _ = _troubles.Remove((group, subject));
            else
                _troubles[(group, subject)] = text.Length <= MostCharacters ? text : text[..(MostCharacters - 1)] + "…";
        }
    }

    /// <summary>What there is now.</summary>
    public IReadOnlyList<GroupTrouble> Now()
    {
        lock (_lock)
            return [.. _troubles.Take(Most).Select(t => new GroupTrouble { Group = t.Key.Group, Text = $"{t.Key.Subject}: {t.Value}" })];
    }
}
