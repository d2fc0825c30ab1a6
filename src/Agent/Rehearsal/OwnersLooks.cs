using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal.Trees;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>Looks at directories of groups that this host owns, and keeps what it saw last.</summary>
/// <param name="walks">Reads them.</param>
/// <param name="time">Paces it.</param>
internal sealed class OwnersLooks(TreeWalks walks, TimeProvider time)
{
    // Of one message: it shares a stream with heartbeats.
    private const int MostListedBytes = 48 << 10;

    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1), Longest = TimeSpan.FromMinutes(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Group Group, ImmutableArray<TreeLook> Looks)> _kept = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (Group Group, long Begun)> _begun = new(StringComparer.Ordinal);

    /// <summary>Looks now, after whatever else is being read.</summary>
    public async Task<ImmutableArray<TreeLook>> LookAsync(Group group)
    {
        lock (_lock)
            _begun[group.Name] = (group, time.GetTimestamp());
        var looks = ImmutableArray.CreateBuilder<TreeLook>();
        foreach (var directory in group.Directories)
            looks.Add(await LookAsync(directory, MostListedBytes / group.Directories.Length));
        lock (_lock)
            _kept[group.Name] = (group, looks.ToImmutable());
        return looks.ToImmutable();
    }

    /// <summary>What it saw last; null for nothing, or when something else has to be looked at by now.</summary>
    public ImmutableArray<TreeLook>? Last(Group group)
    {
        lock (_lock)
            return _kept.TryGetValue(group.Name, out var kept) && AreSame(kept.Group, group) ? kept.Looks : null;
    }

    /// <summary>True when the next look is due: half the shortest lag after the last one has begun, 1 to 10 minutes, or when something else
    /// has to be looked at.</summary>
    public bool IsDue(Group group)
    {
        lock (_lock)
        {
            if (!_begun.TryGetValue(group.Name, out var last) || !AreSame(last.Group, group))
                return true;
            var pause = group.Directories.Min(d => d.MaxLag) / 2;
            return time.GetElapsedTime(last.Begun) >= (pause < Shortest ? Shortest : pause > Longest ? Longest : pause);
        }
    }

    /// <summary>Forgets all groups but these.</summary>
    public void Keep(IReadOnlySet<string> owned)
    {
        lock (_lock)
        {
            foreach (var group in _begun.Keys.Where(g => !owned.Contains(g)).ToArray())
            {
                _ = _begun.Remove(group);
                _ = _kept.Remove(group);
            }
        }
    }

    /// <summary>True when both have the same directories to look at in the same way.</summary>
    public static bool AreSame(Group one, Group other) => ReferenceEquals(one, other)
        || (one.Directories.Length == other.Directories.Length && one.Directories.Zip(other.Directories).All(pair =>
            (pair.First.Path, pair.First.MaxLag) == (pair.Second.Path, pair.Second.MaxLag) && pair.First.Exclude.SequenceEqual(pair.Second.Exclude)));

    private async Task<TreeLook> LookAsync(GroupDirectory directory, int mostListedBytes)
    {
        var (sketch, end) = await walks.RunAsync(
            directory,
            () => new TreeSketch(time.GetUtcNow().ToUnixTimeSeconds(), directory.MaxLag, mostListedBytes),
            (taker, entry) => taker.Add(entry));
        return sketch is not null && end.Problem.Length == 0
            ? sketch.Finish(directory.Path, directory.Exclude)
            : new(directory.Path, directory.Exclude, 0) { Problem = end.Problem };
    }
}
