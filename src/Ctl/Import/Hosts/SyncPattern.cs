using HaGrpc.Core.Model;

namespace HaGrpc.Ctl.Import.Hosts;

/// <summary>A pattern of rsync as the <c>exclude</c> of a manifest's directory says it.</summary>
/// <param name="Text">The pattern; null when it cannot be said.</param>
/// <param name="Remark">In what it differs, or why it cannot be said; null for a pattern that is the same.</param>
internal sealed record SyncPattern(string? Text, string? Remark)
{
    internal static SyncPattern Of(string rsync)
    {
        // Everything in each directory of that name: directories without what is in them are not compared, so leaving them out is the same.
        if (rsync.StartsWith("*/", StringComparison.Ordinal) && rsync.EndsWith("/*", StringComparison.Ordinal) && rsync.Length > 4
            && !rsync[2..^2].Contains('/', StringComparison.Ordinal) && ExcludePattern.ProblemOf(rsync[2..^1]) is null)
        {
            return new(rsync[2..^1], $"is written {rsync[2..^1]}, every directory of that name with all that is in it");
        }
        if (ExcludePattern.ProblemOf(rsync) is { } problem)
            return new(null, problem);
        var isAnywhere = !rsync.StartsWith('/') && rsync.TrimEnd('/').Contains('/', StringComparison.Ordinal);
        return new(rsync, isAnywhere ? "rsync looked for it at every depth, here it is the whole path below the directory" : null);
    }
}
