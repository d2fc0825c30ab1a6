using System.Collections.Immutable;

namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>One of the parts of a directory's entries that are not listed.</summary>
/// <param name="Count">How many entries are in it.</param>
/// <param name="Digest">The sum of their digests, in whatever order they came.</param>
/// <param name="IsSettled">False when something in it changed so lately that another host may well have it otherwise.</param>
public readonly record struct TreePart(int Count, ulong Digest, bool IsSettled);

/// <summary>Counts what is not listed, in <see cref="Parts"/> parts by the hash of the path: so a file that one host lacks shows although
/// another one has old files too much, unless both come into the same part.</summary>
public sealed class TreeRest
{
    /// <summary>How many parts there are.</summary>
    public const int Parts = 256;

    private readonly TreePart[] _parts = [.. Enumerable.Repeat(new TreePart(0, 0, true), Parts)];

    /// <summary>All parts, as they are now.</summary>
    public ImmutableArray<TreePart> Now => [.. _parts];

    /// <summary>Counts an entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="isSettled">False when another host may well have it otherwise.</param>
    public void Add(TreeEntry entry, bool isSettled)
    {
        ref var part = ref _parts[entry.Part];
        part = new(part.Count + 1, part.Digest + entry.Digest, part.IsSettled && isSettled);
    }
}
