using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Supervision;

/// <summary>
/// What of a program an instance is started with and cannot change while it runs. An edit of anything else applies to the running
/// instance at once.
/// </summary>
public static class InstanceIdentity
{
    /// <summary>All of it as one text: an instance that was started with another one is out of date.</summary>
    public static string Of(Program program) => string.Join('\u0001', Parts(program).Select(part => part.Text));

    /// <summary>The fields, as a manifest calls them, for which an edit restarts a running instance; none when it does not.</summary>
    /// <param name="before">The program that it was started as.</param>
    /// <param name="after">The program as it shall be.</param>
    public static ImmutableArray<string> Differences(Program before, Program after) =>
        [.. Parts(before).Zip(Parts(after)).Where(pair => pair.First.Text != pair.Second.Text).Select(pair => pair.First.Field)];

    private static (string Field, string Text)[] Parts(Program program)
    {
        ArgumentNullException.ThrowIfNull(program);
        return
        [
            ("command", program.Command),
            ("directory", program.Directory),
            ("user", program.User),
            ("umask", program.Umask),
            // Where its output goes beyond that is its shim's business, and changes while it runs.
            ("stdout_logfile", IsNone(program.StdoutLogfile) ? "" : "stdout"),
            ("stderr_logfile", program.RedirectStderr || IsNone(program.StderrLogfile) ? "" : "stderr"),
            ("redirect_stderr", program.RedirectStderr ? "redirect" : ""),
            ("environment", Joined(program.Environment)),
            ("run_on", program.RunOn == RunOn.All ? "all" : ""),
        ];
    }

    private static string Joined(ImmutableSortedDictionary<string, string> variables) =>
        string.Join('\u0002', variables.Select(pair => $"{pair.Key}={pair.Value}"));

    private static bool IsNone(string logfile) => logfile is "" or "NONE";
}
