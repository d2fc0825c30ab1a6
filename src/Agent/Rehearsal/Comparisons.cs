using System.Collections.Immutable;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal.Trees;

namespace HaGrpc.Agent.Rehearsal;

/// <summary>Compares this host's directories with what the owner of their group says that it has, and keeps what came of it last.</summary>
/// <param name="walks">Reads them.</param>
/// <param name="time">Says how old it is.</param>
internal sealed class Comparisons(TreeWalks walks, TimeProvider time)
{
    // A look at everything takes that long at least, and nobody calls it old.
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, (Group Group, ImmutableArray<TreeComparison> Trees, long At)> _kept = new(StringComparer.Ordinal);

    /// <summary>Compares now, after whatever else is being read.</summary>
    /// <param name="group">The group.</param>
    /// <param name="owner">The owner's name.</param>
    /// <param name="looks">What it has.</param>
    public async Task CompareAsync(Group group, string owner, IReadOnlyCollection<TreeLook> looks)
    {
        var trees = ImmutableArray.CreateBuilder<TreeComparison>();
        foreach (var directory in group.Directories)
            trees.Add(await CompareAsync(directory, owner, looks.FirstOrDefault(l => l.Path == directory.Path)));
        lock (_lock)
            _kept[group.Name] = (group, trees.ToImmutable(), time.GetTimestamp());
    }

    /// <summary>What came of it last, for every directory of the group.</summary>
    /// <param name="group">The group.</param>
    /// <param name="none">Why nothing has, if nothing has.</param>
    public ImmutableArray<TreeComparison> Last(Group group, string none)
    {
        lock (_lock)
        {
            if (!_kept.TryGetValue(group.Name, out var kept) || !OwnersLooks.AreSame(kept.Group, group))
                return [.. group.Directories.Select(d => new TreeComparison(d.Path, "") { Problem = none })];
            var age = time.GetElapsedTime(kept.At);
            return age < Fresh ? kept.Trees : [.. kept.Trees.Select(tree => tree with { Age = $"{AgeText.Of(age)} ago" })];
        }
    }

    /// <summary>Forgets all groups but these.</summary>
    public void Keep(IReadOnlySet<string> groups)
    {
        lock (_lock)
        {
            foreach (var group in _kept.Keys.Where(g => !groups.Contains(g)).ToArray())
                _ = _kept.Remove(group);
        }
    }

    private async Task<TreeComparison> CompareAsync(GroupDirectory directory, string owner, TreeLook? look)
    {
        var tree = new TreeComparison(directory.Path, owner);
        if (look is null || !look.Exclude.SequenceEqual(directory.Exclude))
            return tree with { Problem = $"{owner} has another configuration yet" };
        if (look.Problem.Length > 0)
            return tree with { Problem = $"{directory.Path} on {owner}: {look.Problem}" };
        var (match, end) = await walks.RunAsync(directory, () => new TreeMatch(look), (taker, entry) => taker.Add(entry));
        return end.IsMissing ? tree with { IsMissing = true, OwnersFiles = look.Files }
            : match is null || end.Problem.Length > 0 ? tree with { Problem = $"{directory.Path} here: {end.Problem}" }
            : TreeComparison.Of(directory, owner, look, match);
    }
}
