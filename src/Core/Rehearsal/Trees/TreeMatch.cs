using System.Collections.Immutable;

namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>Holds what another host has, entry by entry, against the owner's look.</summary>
public sealed class TreeMatch
{
    private readonly long _ownerLookedAt;
    private readonly Dictionary<string, TreeEntry?> _listed = new(StringComparer.Ordinal);
    private readonly TreeRest _rest = new();

    /// <param name="owner">What the owner has.</param>
    public TreeMatch(TreeLook owner)
    {
        _ownerLookedAt = owner.LookedAt;
        foreach (var entry in owner.Newest)
            _listed[entry.Path] = null;
    }

    /// <summary>How many files and links there are here.</summary>
    public long Files { get; private set; }

    /// <summary>How large they are together.</summary>
    public long Bytes { get; private set; }

    /// <summary>What is here and not in the owner's list. Written since the owner looked: who knows what the owner has by now.</summary>
    public ImmutableArray<TreePart> Rest => _rest.Now;

    /// <summary>What is here of an entry of the owner's list; null when it is not here.</summary>
    public TreeEntry? Of(TreeEntry owners) => _listed.GetValueOrDefault(owners.Path);

    /// <summary>Takes an entry of this host, in any order.</summary>
    public void Add(TreeEntry entry)
    {
        Files++;
        Bytes += entry.Size;
        if (_listed.ContainsKey(entry.Path))
            _listed[entry.Path] = entry;
        else
            _rest.Add(entry, isSettled: entry.Modified < _ownerLookedAt);
    }
}
