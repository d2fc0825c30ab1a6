using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>An entry of the owner that another host has otherwise.</summary>
/// <param name="Path">Its path below the directory.</param>
/// <param name="How">What is so, one or two words.</param>
/// <param name="Lag">For how long the owner had had it when it looked.</param>
public sealed record TreeDifference(string Path, string How, TimeSpan Lag);

/// <summary>
/// What has come of comparing a directory with the owner's: facts, no verdict. What changed on the owner less than the directory's
/// <c>max_lag</c> before it looked, or was written here since, is no difference.
/// </summary>
/// <param name="Path">The directory.</param>
/// <param name="Owner">The host that it was compared with; empty for none.</param>
public sealed record TreeComparison(string Path, string Owner)
{
    /// <summary>Why it was not compared; null when it was.</summary>
    public string? Problem { get; init; }

    /// <summary>The directory is not there at all, though the owner has it.</summary>
    public bool IsMissing { get; init; }

    /// <summary>How many files and links are here.</summary>
    public long Files { get; init; }

    /// <summary>How large they are together.</summary>
    public long Bytes { get; init; }

    /// <summary>How many the owner has.</summary>
    public long OwnersFiles { get; init; }

    /// <summary>How old the owner's version may be without being here.</summary>
    public TimeSpan MaxLag { get; init; }

    /// <summary>What is missing, older or of another size here, of what changed last on the owner; the oldest first.</summary>
    public ImmutableArray<TreeDifference> Stale { get; init; } = [];

    /// <summary>What is newer here, of what changed last on the owner.</summary>
    public ImmutableArray<string> Newer { get; init; } = [];

    /// <summary>At least so many of the owner's others are missing or different here.</summary>
    public int StaleRest { get; init; }

    /// <summary>At least so many are here that the owner has not.</summary>
    public int Extra { get; init; }

    /// <summary>How many parts of the rest changed too lately to be compared, of <see cref="TreeRest.Parts"/>.</summary>
    public int Unsettled { get; init; }

    /// <summary>How long ago it was compared, for the operator; empty for now.</summary>
    public string Age { get; init; } = "";

    /// <summary>Compares.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="owner">The owner's name.</param>
    /// <param name="look">What it has, without a problem.</param>
    /// <param name="here">What was found here.</param>
    public static TreeComparison Of(GroupDirectory directory, string owner, TreeLook look, TreeMatch here)
    {
        var stale = new List<TreeDifference>();
        var newer = ImmutableArray.CreateBuilder<string>();
        var settled = look.LookedAt - (long)directory.MaxLag.TotalSeconds;
        foreach (var theirs in look.Newest.Where(e => e.Changed <= settled).OrderBy(e => e.Changed).ThenBy(e => e.Path, StringComparer.Ordinal))
        {
            var ours = here.Of(theirs);
            if (ours?.Modified >= look.LookedAt)
                continue;
            if (ours?.Modified > theirs.Modified)
                newer.Add(theirs.Path);
            else if (DifferenceOf(theirs, ours) is { } how)
                stale.Add(new(theirs.Path, how, TimeSpan.FromSeconds(look.LookedAt - theirs.Changed)));
        }
        return WithRest(look.Rest, here.Rest) with
        {
            Path = directory.Path,
            Owner = owner,
            Files = here.Files,
            Bytes = here.Bytes,
            OwnersFiles = look.Files,
            MaxLag = directory.MaxLag,
            Stale = [.. stale],
            Newer = newer.ToImmutable(),
        };
    }

    private static string? DifferenceOf(TreeEntry theirs, TreeEntry? ours) => ours switch
    {
        null => "missing",
        _ when ours.Target != theirs.Target => "points elsewhere",
        _ when ours.Modified < theirs.Modified => "older",
        _ when ours.Size != theirs.Size => "another size",
        _ => null,
    };

    private static TreeComparison WithRest(ImmutableArray<TreePart> theirs, ImmutableArray<TreePart> ours)
    {
        var (stale, extra, unsettled) = (0, 0, 0);
        foreach (var (their, our) in theirs.Zip(ours))
        {
            if ((their.Count, their.Digest) == (our.Count, our.Digest))
                continue;
            if (!their.IsSettled || !our.IsSettled)
                unsettled++;
            else if (our.Count > their.Count)
                extra += our.Count - their.Count;
            else
                // As many that are not the same: one of theirs is not among ours.
                stale += Math.Max(1, their.Count - our.Count);
        }
        return new("", "") { StaleRest = stale, Extra = extra, Unsettled = unsettled };
    }
}
