using System.Collections.Immutable;

namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>What the owner of a group has in one of its directories, small enough to be sent.</summary>
/// <param name="Path">The directory.</param>
/// <param name="Exclude">What was left out.</param>
/// <param name="LookedAt">When the look began, seconds since 1970 by the owner's clock.</param>
public sealed record TreeLook(string Path, ImmutableArray<string> Exclude, long LookedAt)
{
    /// <summary>Why there is nothing to compare with; empty when there is.</summary>
    public string Problem { get; init; } = "";

    /// <summary>How many files and links there are.</summary>
    public long Files { get; init; }

    /// <summary>How large they are together.</summary>
    public long Bytes { get; init; }

    /// <summary>What changed last, in no order.</summary>
    public ImmutableArray<TreeEntry> Newest { get; init; } = [];

    /// <summary>All others: <see cref="TreeRest.Parts"/> parts; none when there is a problem.</summary>
    public ImmutableArray<TreePart> Rest { get; init; } = [];
}
