using System.Runtime.InteropServices;
using HaGrpc.Linux.Files;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>Says what went wrong in starting a program: Supervisor's words where it has some, else step, path and errno.</summary>
internal static class FailureText
{
    private const int Eperm = 1, Enoent = 2, Enoexec = 8, Enxio = 6, E2big = 7, Eagain = 11, Eacces = 13, Etime = 62;

    private const int LongestShown = 256;

    /// <summary>The text for a shim's record whose step failed.</summary>
    /// <param name="record">The record.</param>
    /// <param name="directory">The directory in which the command was executed.</param>
    public static string Of(ShimRecord record, string directory = "/")
    {
        var file = Path.Combine(directory, record.Path);
        if (record.Path.Length > LongestShown)
            record = record with { Path = $"{record.Path[..LongestShown]}…" };
        var why = $"{Marshal.GetPInvokeErrorMessage(record.Error)} (errno {record.Error})";
        return record.Step switch
        {
            "exec" => OfExec(record, file, why),
            "directory" => $"can't change to directory '{record.Path}': {why}",
            "stdout" or "stderr" when record.Error == Enxio && !record.Path.StartsWith("/dev/", StringComparison.Ordinal) =>
                $"can't open {record.Step}_logfile '{record.Path}': {why}; it is a named pipe that nobody reads",
            "stdout" => $"can't open stdout_logfile '{record.Path}': {why}",
            "stderr" => $"can't open stderr_logfile '{record.Path}': {why}",
            "cgroup" => $"can't join cgroup '{record.Path}': {why}",
            "groups" or "gid" or "uid" when record.Error == Eperm =>
                $"can't change to its user ({record.Step}): {why}; the agent has to run as root for that",
            "groups" or "gid" or "uid" => $"can't change to its user ({record.Step}): {why}",
            "nice" => $"can't set limits.nice to {record.Path}: {why}; below the agent's own takes CAP_SYS_NICE",
            "oom" => $"can't set limits.oom_score_adj to {record.Path}: {why}; below the agent's own takes CAP_SYS_RESOURCE",
            "rlimit" when record.Error == Eperm => $"can't set limits.rlimits.{Pair(record.Path)}: {why}; {AboveHard(record.Path)}",
            "rlimit" => $"can't set limits.rlimits.{Pair(record.Path)}: {why}",
            "adopt" => "the process that was to be taken over had ended by then",
            "deadline" when record.Error == Etime => "the lease of its group was over before it started",
            "deadline" => $"can't read the deadline file of its group: {why}",
            _ => $"can't start: {record.Step}: {why}",
        };
    }

    private static string Pair(string text) => text.Replace("=", " to ", StringComparison.Ordinal);

    private static string AboveHard(string text)
    {
        var name = text.Split('=')[0];
        var above = $"the agent's own hard limit is {LimitSettings.Text(ProcessLimits.Rlimit(0, name).Hard)}, and to go above it takes CAP_SYS_RESOURCE";
        return name == "nofile" ? $"{above}, and a number of at most fs.nr_open" : above;
    }

    private static string OfExec(ShimRecord record, string file, string why) => record.Error switch
    {
        Eagain => $"can't exec '{record.Path}': {why}; its user has as many processes as its limit nproc allows",
        Enoent when FileStatus.Read(file, out _) == 0 => $"the interpreter or loader of '{record.Path}' is missing: {why}",
        Enoent when new FileInfo(file).LinkTarget is { } target => $"command '{record.Path}' is a link to '{target}', which is not there: {why}",
        Enoent => $"can't find command '{record.Path}': {why}",
        Eacces when Directory.Exists(file) => $"command at '{record.Path}' is a directory: {why}",
        Eacces => $"command at '{record.Path}' is not executable: {why}",
        Enoexec => $"command at '{record.Path}' is neither a binary for this machine nor a script with a #! line: {why}",
        E2big => $"can't exec '{record.Path}': {why}; one argument or variable may have 128 KiB, and all together what getconf ARG_MAX says",
        _ => $"couldn't exec '{record.Path}': {why}",
    };
}
