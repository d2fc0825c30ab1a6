using HaGrpc.Agent.Programs;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Logs;

/// <summary>Where a program's output lies on this host.</summary>
internal static class LogPlace
{
    /// <summary>The absolute path; null, and why, when there is none.</summary>
    /// <param name="program">The program as configured.</param>
    /// <param name="standardError">True for standard error, false for standard output.</param>
    /// <param name="hostName">This host's name.</param>
    /// <param name="problem">Why there is none; empty when there is one.</param>
    public static string? Of(ConfiguredProgram program, bool standardError, string hostName, out string problem)
    {
        if (HostExpansion.Of(program, hostName, out problem) is not { } here)
            return null;
        if (standardError && here.RedirectStderr)
        {
            problem = "redirect_stderr sends its standard error to standard output: ask for stdout";
            return null;
        }
        var (field, path) = standardError ? ("stderr_logfile", here.StderrLogfile) : ("stdout_logfile", here.StdoutLogfile);
        if (path is not ("" or "NONE"))
            return path;
        problem = $"no log file: its {field} is NONE; give it an absolute path";
        return null;
    }
}
