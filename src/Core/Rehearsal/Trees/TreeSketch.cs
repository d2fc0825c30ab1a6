using System.Collections.Immutable;
using System.Text;

namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>Makes the owner's look of its entries, one by one, and keeps no more of them than are sent.</summary>
/// <param name="lookedAt">When the look began, seconds since 1970.</param>
/// <param name="maxLag">What changed less than this before may be missing on other hosts.</param>
/// <param name="mostBytes">About how long the list may be, in bytes.</param>
public sealed class TreeSketch(long lookedAt, TimeSpan maxLag, int mostBytes)
{
    /// <summary>How many entries are listed at most.</summary>
    public const int MostListed = 500;

    // Two numbers, tags and lengths, as they are on the wire.
    private const int Overhead = 32;

    private readonly PriorityQueue<TreeEntry, long> _newest = new();
    private readonly TreeRest _rest = new();
    private long _files, _bytes;
    private int _listed;

    /// <summary>Takes an entry, in any order.</summary>
    public void Add(TreeEntry entry)
    {
        _files++;
        _bytes += entry.Size;
        _newest.Enqueue(entry, entry.Changed);
        _listed += Cost(entry);
        while (_newest.Count > MostListed || _listed > mostBytes)
        {
            var older = _newest.Dequeue();
            _listed -= Cost(older);
            _rest.Add(older, isSettled: older.Changed <= lookedAt - (long)maxLag.TotalSeconds);
        }
    }

    /// <summary>The look at a directory of which all entries have been taken.</summary>
    public TreeLook Finish(string path, ImmutableArray<string> exclude) => new(path, exclude, lookedAt)
    {
        Files = _files,
        Bytes = _bytes,
        Newest = [.. _newest.UnorderedItems.Select(item => item.Element)],
        Rest = _rest.Now,
    };

    private static int Cost(TreeEntry entry) => Encoding.UTF8.GetByteCount(entry.Path) + Encoding.UTF8.GetByteCount(entry.Target) + Overhead;
}
