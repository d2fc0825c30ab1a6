using System.Globalization;
using HaGrpc.Core.Supervision;

namespace HaGrpc.Core.Model.Validation;

/// <summary>What a program is executed with: command, directory, user, environment, umask, log files and their rotation.</summary>
internal static class ExecutionRules
{
    private const long SmallestLog = 4096;
    private const int MostBackups = 1000;
    private static readonly TimeSpan LongestAge = TimeSpan.FromDays(365);

    internal static void Check(Program program, string path, ICollection<FieldError> errors)
    {
        if (CommandProblem(program.Command) is { } problem)
            Add("command", program.Command, problem);
        if (program.Directory.Length > 0 && DirectoryProblem(program.Directory) is { } directory)
            Add("directory", program.Directory, directory);
        if (program.User.Length > 0 && UserProblem(program.User) is { } user)
            Add("user", program.User, user);
        if (program.Umask.Length > 0 && !IsUmask(program.Umask))
            Add("umask", program.Umask, "must be three or four octal digits up to 0777, for example 022");
        foreach (var (name, value) in program.Environment)
        {
            if (name.Length == 0 || name.Contains('=', StringComparison.Ordinal))
                Add($"environment.{name}", value, "the name of a variable is not empty and has no '='");
            else if (TextRules.OneLineProblem(name) is { } wrong)
                Add($"environment.{name}", value, $"the name of a variable {wrong}");
            else if (value.Contains('\0', StringComparison.Ordinal))
                Add($"environment.{name}", value, "a variable's value cannot contain a zero byte");
        }
        Log("stdout_logfile", program.StdoutLogfile);
        Log("stderr_logfile", program.StderrLogfile);
        Rotation("stdout", program.StdoutLogfileMaxBytes, program.StdoutLogfileBackups);
        Rotation("stderr", program.StderrLogfileMaxBytes, program.StderrLogfileBackups);
        var age = program.LogfileMaxAge;
        if (age != TimeSpan.Zero && (age < TimeSpan.FromSeconds(1) || age > LongestAge))
            Add("logfile_max_age", DurationText.Format(age), $"must be 0s for never, or 1s to {DurationText.Format(LongestAge)}");

        void Log(string field, string value)
        {
            if (value != "NONE" && (!IsAbsolute(value) || value.EndsWith('/')))
                Add(field, value, "must be the absolute path of a file, or NONE");
            else if (value is "/dev/stdout" or "/dev/stderr" || value.StartsWith("/dev/fd/", StringComparison.Ordinal) || value.StartsWith("/proc/self/", StringComparison.Ordinal))
                Add(field, value, "is an output of the program's shim, which nobody keeps: name a file, or NONE");
            else if (TextRules.OneLineProblem(value) is { } wrong)
                Add(field, value, wrong);
        }

        void Rotation(string output, long size, int backups)
        {
            if (size != 0 && size < SmallestLog)
                Add($"{output}_logfile_maxbytes", SizeText.Format(size), $"must be 0 for never, or at least {SizeText.Format(SmallestLog)}");
            if (backups is < 0 or > MostBackups)
                Add($"{output}_logfile_backups", backups.ToString(CultureInfo.InvariantCulture), $"must be 0 to {MostBackups}");
        }

        void Add(string field, string value, string message) => errors.Add(new($"{path}.{field}", value, message));
    }

    private static string? CommandProblem(string command)
    {
        if (string.IsNullOrWhiteSpace(command))
            return "the command is missing, for example /usr/bin/web --port 80";
        return CommandLine.TrySplit(command, out _, out var error) ? TextRules.LinesProblem(command) : error;
    }

    /// <summary>What is wrong with a user's name or number; null when nothing is.</summary>
    internal static string? UserProblem(string user)
    {
        if (user.All(char.IsAsciiDigit))
            return uint.TryParse(user, CultureInfo.InvariantCulture, out var uid) && uid < uint.MaxValue
                ? null
                : "not a user number";
        return user.Any(c => c is ':' or '/' || char.IsWhiteSpace(c) || char.IsControl(c))
            ? "not a user's name: no colon, slash or white space (the user's groups are set by themselves)"
            : null;
    }

    private static string? DirectoryProblem(string path) => IsAbsolute(path)
        ? TextRules.OneLineProblem(path)
        : "must be an absolute path: it begins with a slash";

    // What begins with a variable of the host is looked at there.
    private static bool IsAbsolute(string path) => path.StartsWith('/') || path.StartsWith("%(ENV_", StringComparison.Ordinal);

    private static bool IsOctal(char c) => c is >= '0' and <= '7';

    private static bool IsUmask(string text) => text.Length switch
    {
        3 => text.All(IsOctal),
        4 => text[0] == '0' && text.All(IsOctal),
        _ => false,
    };
}
