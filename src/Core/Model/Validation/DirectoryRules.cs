using System.Collections.Immutable;
using System.Globalization;

namespace HaGrpc.Core.Model.Validation;

/// <summary>The directories of one group.</summary>
internal static class DirectoryRules
{
    /// <summary>Each of them is walked, and a list of its files goes over the wire.</summary>
    internal const int Most = 8;

    private const int LongestPath = 1024, LongestPattern = 256;
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Longest = TimeSpan.FromHours(168);
    private static readonly string[] OfTheKernel = ["/proc", "/sys", "/dev"];

    internal static void Check(ImmutableArray<GroupDirectory> directories, string path, ICollection<FieldError> errors)
    {
        if (directories.Length > Most)
            errors.Add(new(path, directories.Length.ToString(CultureInfo.InvariantCulture), $"a group has at most {Most} directories"));
        for (var i = 0; i < directories.Length; i++)
        {
            Check(directories[i], $"{path}[{i}]", errors);
            for (var other = 0; other < i; other++)
            {
                if (Relation(directories[i].Path, directories[other].Path) is not { } relation)
                    continue;
                errors.Add(new($"{path}[{i}].path", directories[i].Path, $"{relation} directories[{other}] of this group ({directories[other].Path}): name one of them only"));
                break;
            }
        }
    }

    private static void Check(GroupDirectory directory, string path, ICollection<FieldError> errors)
    {
        if (PathProblem(directory.Path) is { } wrong)
            errors.Add(new($"{path}.path", directory.Path, wrong));
        if (directory.Exclude.Length > GroupDirectory.MostExcluded)
        {
            errors.Add(new(
                $"{path}.exclude", directory.Exclude.Length.ToString(CultureInfo.InvariantCulture), $"a directory has at most {GroupDirectory.MostExcluded} patterns"));
        }
        for (var i = 0; i < directory.Exclude.Length; i++)
        {
            if (PatternProblem(directory.Exclude[i]) is { } problem)
                errors.Add(new($"{path}.exclude[{i}]", directory.Exclude[i], problem));
        }
        if (directory.MaxLag < Shortest || directory.MaxLag > Longest)
        {
            errors.Add(new(
                $"{path}.max_lag", DurationText.Format(directory.MaxLag), $"must be {DurationText.Format(Shortest)} to {DurationText.Format(Longest)}"));
        }
    }

    private static string? PathProblem(string path)
    {
        if (path.Length == 0)
            return "a directory needs a path, for example /srv/app";
        if (TextRules.OneLineProblem(path) is { } control)
            return control;
        if (path.Length > LongestPath)
            return $"must have at most {LongestPath} characters";
        if (!path.StartsWith('/'))
            return "must be an absolute path: it begins with a slash";
        if (path == "/")
            return "must be less than the whole host";
        if (path[1..].Split('/').Any(part => part is "" or "." or ".."))
            return "must have no empty part, . or .. in it, and no slash at its end, for example /srv/app";
        return OfTheKernel.Any(own => IsInside(path, own) || path == own) ? "must not be the kernel's: every host has its own there" : null;
    }

    private static string? PatternProblem(string pattern) => TextRules.OneLineProblem(pattern)
        ?? (pattern.Length > LongestPattern ? $"must have at most {LongestPattern} characters" : ExcludePattern.ProblemOf(pattern));

    private static string? Relation(string path, string other) => path.Length == 0 ? null
        : path == other ? "is"
        : IsInside(path, other) ? "lies in"
        : IsInside(other, path) ? "has in it"
        : null;

    private static bool IsInside(string path, string other) => other.Length > 0 && path.StartsWith(other + "/", StringComparison.Ordinal);
}
