using HaGrpc.V1;

namespace HaGrpc.ControlPlane.States;

/// <summary>
/// How the fleet stands now, each line with the number of the change that made it so: a reader remembers one number, and is given what is newer. What has gone is remembered for a while;
/// a reader that is older than that begins anew. Not thread-safe.
/// </summary>
/// <param name="standing">Under which leadership it is so.</param>
/// <param name="begin">The number of the last change of the picture before it: numbers never come again, so that no reader takes one picture for another.</param>
internal sealed class StatePicture(object standing, long begin)
{
    private const int MostGone = 10_000;

    private readonly Dictionary<LineKey, Versioned<ProgramLine>> _programs = [];
    private readonly Dictionary<string, Versioned<GroupStatus>> _groups = new(StringComparer.Ordinal);
    private readonly Queue<(LineKey Key, long Version)> _gone = [];
    private string _limits = "";
    private long _limitsVersion;
    private readonly long _begin = begin;
    private long _floor = begin;

    /// <summary>Under which leadership it is so.</summary>
    public object Standing { get; } = standing;

    /// <summary>The number of the last change.</summary>
    public long Version { get; private set; } = begin;

    /// <summary>Takes how everything stands.</summary>
    /// <returns>True when something has changed.</returns>
    public bool Take(IEnumerable<ProgramLine> programs, IEnumerable<GroupStatus> groups, string limits)
    {
        var next = Version + 1;
        // The first look is news also where there is nothing.
        var isChanged = Version == _begin || limits != _limits;
        if (limits != _limits)
            (_limits, _limitsVersion) = (limits, next);
        var missing = _programs.Keys.ToHashSet();
        foreach (var line in programs)
        {
            var key = LineKey.Of(line);
            _ = missing.Remove(key);
            if (_programs.TryGetValue(key, out var known) && IsSame(known.Value, line))
                continue;
            _programs[key] = new(line, next);
            isChanged = true;
        }
        var missingGroups = _groups.Keys.ToHashSet(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            _ = missingGroups.Remove(group.Group.Name);
            group.LeaseLeft = null;
            if (_groups.TryGetValue(group.Group.Name, out var known) && known.Value.Equals(group))
                continue;
            _groups[group.Group.Name] = new(group, next);
            isChanged = true;
        }
        foreach (var key in missing)
            Lose(_programs.Remove(key), key, next);
        foreach (var name in missingGroups)
            Lose(_groups.Remove(name), new(name, "", ""), next);
        isChanged |= missing.Count + missingGroups.Count > 0;
        if (isChanged)
            Version = next;
        return isChanged;
    }

    /// <summary>What a reader does not know yet.</summary>
    /// <param name="seen">The number that it has seen last; below 0 for none.</param>
    /// <param name="wants">Which groups, and programs of them: the name is empty for the group itself.</param>
    /// <returns>Null for nothing.</returns>
    public StateNews? Since(long seen, Func<string, string, bool> wants)
    {
        if (Version == _begin || seen >= Version)
            return null;
        var isReset = seen <= _begin || seen < _floor;
        if (isReset)
            seen = _begin;
        var news = new StateNews(
            isReset,
            [.. _programs.Where(p => p.Value.Version > seen && wants(p.Key.Group, p.Key.Name)).Select(p => p.Value.Value).OrderBy(l => l.Program.Group, StringComparer.Ordinal).ThenBy(l => l.Program.Name, StringComparer.Ordinal)],
            [.. _groups.Where(g => g.Value.Version > seen && wants(g.Key, "")).Select(g => g.Value.Value).OrderBy(g => g.Group.Name, StringComparer.Ordinal)],
            isReset ? [] : [.. _gone.Where(g => g.Version > seen && wants(g.Key.Group, g.Key.Name) && !IsBack(g.Key)).Select(g => g.Key)],
            _limits,
            Version);
        return news.IsEmpty && _limitsVersion <= seen ? null : news;
    }

    private bool IsBack(LineKey key) => key.Name.Length == 0 ? _groups.ContainsKey(key.Group) : _programs.ContainsKey(key);

    private void Lose(bool wasThere, LineKey key, long version)
    {
        if (!wasThere)
            return;
        _gone.Enqueue((key, version));
        if (_gone.Count > MostGone)
            _floor = _gone.Dequeue().Version;
    }

    // An age that grows is no news: each line of a silent host would come again with every look.
    private static bool IsSame(ProgramLine known, ProgramLine now)
    {
        if (!Same(known.Program, now.Program) || !Equals(known.Desired, now.Desired))
            return false;
        return known.Status is { State: ProgramState.Unknown, Detail: var before } && now.Status is { State: ProgramState.Unknown, Detail: var after }
            ? WithoutAge(before).SequenceEqual(WithoutAge(after))
            : Same(known.Status, now.Status);
    }

    private static bool Same<T>(T? known, T? now)
        where T : class => ReferenceEquals(known, now) || Equals(known, now);

    private static ReadOnlySpan<char> WithoutAge(string detail) =>
        detail.LastIndexOf(" for ", StringComparison.Ordinal) is >= 0 and var at && detail.EndsWith(" s", StringComparison.Ordinal) ? detail.AsSpan(0, at) : detail;

    private readonly record struct Versioned<T>(T Value, long Version);
}

/// <summary>By what a line is known; of a group only the first is not empty.</summary>
/// <param name="Group">The group.</param>
/// <param name="Name">The program's name inside it.</param>
/// <param name="Host">Where; empty for nowhere.</param>
internal readonly record struct LineKey(string Group, string Name, string Host)
{
    /// <summary>Of a program's line.</summary>
    public static LineKey Of(ProgramLine line) => new(line.Program.Group, line.Program.Name, line.Host);
}

/// <summary>What a reader does not know yet.</summary>
/// <param name="IsReset">What it knows is void.</param>
/// <param name="Programs">New or changed.</param>
/// <param name="Groups">New or changed.</param>
/// <param name="Gone">Not there any more.</param>
/// <param name="Limits">What is missing.</param>
/// <param name="Version">What it has seen then.</param>
internal sealed record StateNews(
    bool IsReset, IReadOnlyList<ProgramLine> Programs, IReadOnlyList<GroupStatus> Groups, IReadOnlyList<LineKey> Gone, string Limits, long Version)
{
    // So that an answer has a size that every client takes, whatever a fleet has.
    private const int Page = 200;

    /// <summary>True for one that tells nothing.</summary>
    public bool IsEmpty => !IsReset && Programs.Count + Groups.Count + Gone.Count == 0;

    /// <summary>As answers of a bounded size; at least one.</summary>
    public IEnumerable<WatchStatesResponse> Answers()
    {
        var pages = Math.Max(1, new[] { Programs.Count, Groups.Count, Gone.Count }.Max(count => (count + Page - 1) / Page));
        for (var page = 0; page < pages; page++)
        {
            var gone = Gone.Skip(page * Page).Take(Page).ToLookup(g => g.Name.Length > 0);
            yield return new()
            {
                Reset = IsReset && page == 0,
                More = page < pages - 1,
                Programs = { Programs.Skip(page * Page).Take(Page) },
                Groups = { Groups.Skip(page * Page).Take(Page) },
                GonePrograms = { gone[true].Select(g => new GoneProgram { Group = g.Group, Name = g.Name, Host = g.Host }) },
                GoneGroups = { gone[false].Select(g => g.Group) },
                Limits = Limits,
            };
        }
    }
}
