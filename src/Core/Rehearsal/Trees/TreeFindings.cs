using System.Globalization;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Rehearsal.Trees;

/// <summary>What a comparison with the owner's directory means. Old data is what a full disk is: the takeover would go on, and not well.</summary>
internal static class TreeFindings
{
    private const string What = "sync";
    private const int MostNamed = 3;

    public static Finding Of(string group, TreeComparison tree)
    {
        var (verdict, value, right) = Judge(tree);
        return new(What, $"{group}:{tree.Path}", verdict, tree.Age.Length == 0 ? value : $"{value} (compared {tree.Age})", right);
    }

    private static (Verdict Verdict, string Value, string Right) Judge(TreeComparison tree)
    {
        if (tree.Problem is { } problem)
            return (Verdict.Warning, $"not compared: {problem}", "the same content as on the owner, and agents that can compare it");
        if (tree.IsMissing)
        {
            return (
                Verdict.Fails,
                $"no such directory; {tree.Owner} has {Count(tree.OwnersFiles)} in it",
                $"what {tree.Owner} has: see whether the synchronization runs");
        }
        var said = new List<string>();
        if (!tree.Stale.IsEmpty)
        {
            said.Add(
                $"{Count(tree.Stale.Length)} not as on {tree.Owner}: {Named(tree.Stale.Select(d => $"{d.Path} ({d.How})"), tree.Stale.Length)}; "
                + $"{tree.Owner} has had the first for {AgeText.Of(tree.Stale.Max(d => d.Lag))}");
        }
        if (tree.StaleRest > 0)
        {
            var besides = tree.Stale.IsEmpty
                ? $"not as on {tree.Owner}, changed there longer ago than the last {TreeSketch.MostListed}"
                : "more of older ones";
            said.Add($"at least {Count(tree.StaleRest)} {besides}; {Count(tree.OwnersFiles)} there, {Number(tree.Files)} here");
        }
        var isStale = said.Count > 0;
        if (!tree.Newer.IsEmpty)
            said.Add($"{Count(tree.Newer.Length)} newer than on {tree.Owner}: {Named(tree.Newer, tree.Newer.Length)}");
        if (tree.Extra > 0)
            said.Add($"at least {Count(tree.Extra)} that {tree.Owner} has not; {Count(tree.OwnersFiles)} there, {Number(tree.Files)} here");
        if (said.Count > 0)
            return (isStale ? Verdict.Fails : Verdict.Warning, string.Join("; ", said), RightOf(tree, isStale));
        if (tree.Unsettled > TreeRest.Parts / 2)
        {
            return (
                Verdict.Warning,
                $"{Count(tree.Files)}; too much of it changed within {DurationText.Format(tree.MaxLag)} to compare it",
                "exclude what changes all the time, or rehearse when less does");
        }
        return (Verdict.Ok, $"{Count(tree.Files)}, {SpaceRule.Amount(tree.Bytes)}, as on {tree.Owner}", "");
    }

    private static string RightOf(TreeComparison tree, bool isStale) => isStale
        ? $"what {tree.Owner} has had for more than {DurationText.Format(tree.MaxLag)}: see why the synchronization is behind, "
            + "or exclude what differs by host"
        : !tree.Newer.IsEmpty
            ? $"nobody writes here while {tree.Owner} owns the group, and copies keep their times (rsync -t)"
            : "deletions are synchronized too (rsync --delete), or what differs by host is excluded";

    private static string Named(IEnumerable<string> some, int count)
    {
        var named = string.Join(", ", some.Take(MostNamed));
        return count > MostNamed ? $"{named} and {Number(count - MostNamed)} more" : named;
    }

    private static string Count(long files) => files == 1 ? "1 file" : $"{Number(files)} files";

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
