using System.Globalization;
using System.Text.RegularExpressions;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Rehearsal;
using HaGrpc.Core.Handover;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Processes;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Handover;

/// <summary>Looks which processes of this host are a program that somebody else runs. Touches nothing.</summary>
/// <param name="host">This host's name.</param>
/// <param name="ask">For everything that may hang.</param>
internal sealed class ProcessLook(string host, PatientAsk ask)
{
    private const int LongestPidfile = 64;

    /// <summary>All processes, by pid.</summary>
    public static Dictionary<int, ProcessFact> Now()
    {
        var all = new Dictionary<int, ProcessFact>();
        foreach (var entry in ProcessScan.All())
        {
            all[entry.Status.Pid] = new(entry.Status.Pid, entry.Status.StartTime, entry.Status.ParentPid, entry.Name, entry.Uid, [.. entry.Arguments])
            {
                Executable = entry.Executable,
                IsPipedToParent = entry.Descriptor(1).StartsWith("pipe:", StringComparison.Ordinal),
            };
        }
        return all;
    }

    /// <summary>The processes that match a program.</summary>
    /// <param name="configured">The program as configured.</param>
    /// <param name="processes">All processes.</param>
    /// <returns>Them, or why they cannot be looked for.</returns>
    public async Task<(IReadOnlyList<ProcessFact> Found, string Problem)> FindAsync(
        ConfiguredProgram configured, IReadOnlyDictionary<int, ProcessFact> processes)
    {
        if (HostExpansion.Of(configured, host, out var problem) is not { } program)
            return ([], problem);
        if (!CommandLine.TrySplit(program.Command, out var words, out var syntax))
            return ([], $"can't parse command '{program.Command}': {syntax}");
        var match = program.Adopt ?? new ProcessMatch();
        if (!HostExpansion.TryText(match.Pidfile, program, host, out var pidfile, out problem)
            || !HostExpansion.TryText(match.Command, program, host, out var pattern, out problem))
        {
            return ([], problem);
        }
        var user = match.User.Length > 0 ? match.User : program.User;
        var (uid, unknown) = await UserAsync(user);
        if (unknown.Length > 0)
            return ([], unknown);
        var pid = match.Pid;
        if (pidfile.Length > 0)
        {
            pid = await ask.AskAsync($"pidfile {pidfile}", () => PidOf(pidfile), 0);
            // Nobody has written one: it does not run.
            if (pid == 0)
                return ([], "");
        }
        var path = program.Environment.GetValueOrDefault("PATH");
        var executable = await ask.AskAsync(
            $"executable {words[0]} {program.Directory} {path}",
            () => CommandSearch.For(words[0], program.Directory, path) is { Kind: Programs.Found.Executable } found ? RealPath(found.Path) : "",
            "");
        try
        {
            return (ProcessMatching.Of(new(words, executable, uid, pid, pattern), processes), "");
        }
        catch (RegexMatchTimeoutException)
        {
            return ([], $"adopt.command '{pattern}' takes too long: write a simpler one");
        }
    }

    private async Task<(uint? Uid, string Unknown)> UserAsync(string user)
    {
        if (user.Length == 0)
            return (Libc.geteuid(), "");
        var account = await ask.AskAsync<UserAccount?>($"user {user}", () => UserAccount.Find(user), null);
        return account is null ? (null, $"no such user '{user}' on this host") : (account.Uid, "");
    }

    private static int PidOf(string file)
    {
        try
        {
            using var reader = new StreamReader(file);
            var text = new char[LongestPidfile];
            var count = reader.Read(text);
            var line = new string(text, 0, count).TrimStart().Split('\n', ' ', '\r')[0];
            return int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }

    // As /proc/PID/exe names it.
    private static string RealPath(string path)
    {
        try
        {
            return new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
