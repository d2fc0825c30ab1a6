using System.Globalization;
using System.Text.RegularExpressions;

namespace HaGrpc.Core.Model.Validation;

/// <summary>How a program's process is found while somebody else runs it.</summary>
internal static class AdoptRules
{
    private const int LongestText = 1024;

    internal static void Check(ProcessMatch? match, string path, ICollection<FieldError> errors)
    {
        if (match is null)
            return;
        var given = (match.Pid != 0 ? 1 : 0) + (match.Pidfile.Length > 0 ? 1 : 0) + (match.Command.Length > 0 ? 1 : 0);
        if (given > 1)
            errors.Add(new(path, "", "must say one of pid, pidfile and command, or none: then the process is found by the program's own command"));
        if (match.Pid < 0)
            errors.Add(new($"{path}.pid", match.Pid.ToString(CultureInfo.InvariantCulture), "must be a process id"));
        if (match.Pidfile.Length > 0 && PathProblem(match.Pidfile) is { } wrong)
            errors.Add(new($"{path}.pidfile", match.Pidfile, wrong));
        if (match.Command.Length > 0 && PatternProblem(match.Command) is { } problem)
            errors.Add(new($"{path}.command", match.Command, problem));
        if (match.User.Length > LongestText || TextRules.OneLineProblem(match.User) is not null)
            errors.Add(new($"{path}.user", match.User, "must be the name or number of a user"));
    }

    private static string? PathProblem(string path) => TextRules.OneLineProblem(path)
        ?? (path.Length > LongestText ? $"must have at most {LongestText} characters"
            : path.StartsWith('/') ? null : "must be an absolute path: it begins with a slash");

    private static string? PatternProblem(string pattern)
    {
        if (pattern.Length > LongestText)
            return $"must have at most {LongestText} characters";
        try
        {
            _ = new Regex(pattern, RegexOptions.CultureInvariant);
            return null;
        }
        catch (ArgumentException e)
        {
            return $"is no regular expression: {e.Message}";
        }
    }
}
