using System.Globalization;
using HaGrpc.Agent.Checks;
using HaGrpc.Core.Model;
using HaGrpc.Core.Supervision;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;
using ConfiguredProgram = HaGrpc.Core.Model.Program;

namespace HaGrpc.Agent.Programs;

/// <summary>Turns a configured program into what a shim needs: words, numbers and absolute paths.</summary>
internal static class SpecBuilder
{
    /// <summary>The spec of a new instance; null, and what is wrong, when there cannot be one.</summary>
    /// <param name="configured">The program.</param>
    /// <param name="instance">A name that no other instance on this machine has; marks its processes.</param>
    /// <param name="options">This host.</param>
    /// <param name="cgroup">Its cgroup, if there are any.</param>
    /// <param name="error">What is wrong.</param>
    public static ShimSpec? Build(
        ConfiguredProgram configured,
        string instance,
        ProgramHostOptions options,
        Cgroup? cgroup,
        out string error)
    {
        if (HostExpansion.Of(configured, options.HostName, out error) is not { } program)
            return null;
        if (!CommandLine.TrySplit(program.Command, out var words, out var syntax))
            return Fail($"can't parse command '{program.Command}': {syntax}", out error);
        var path = program.Environment.GetValueOrDefault("PATH");
        if (FindCommand(words[0], path) is not { } command)
        {
            var where = path is null ? "the agent's PATH" : $"its environment's PATH '{path}'";
            return Fail($"can't find command '{words[0]}' in any folder of {where}: No such file or directory (errno 2)", out error);
        }
        if (SignalNumber.Of(program.StopSignal) is not { } stopSignal)
            return Fail($"'{program.StopSignal}' is no signal; right would be TERM", out error);
        if (!TryOctal(program.Umask, out var umask))
            return Fail($"'{program.Umask}' is no octal umask; right would be 022", out error);
        var user = program.User.Length == 0 ? null : UserAccount.Find(program.User);
        if (user is null && program.User.Length > 0)
            return Fail($"no such user '{program.User}' on this host", out error);
        error = "";
        var spec = new ShimSpec()
            .Add("program", program.Name.ToString())
            .Add("boot", options.BootId.ToString())
            .Add("instance", instance)
            .Add("generation", program.RestartGeneration)
            .Add("priority", program.Priority)
            .Add("identity", InstanceIdentity.Of(configured))
            .Add("stopsignal", stopSignal)
            .Add("stoptimeout", program.StopTimeout.Ticks * 100)
            .Add("oneshot", program.Oneshot ? "1" : null)
            .Add("stopasgroup", program.StopAsGroup ? "1" : null)
            // Also without a lease (rule L6): the file says "no end" then, and the group may get a lease while it runs.
            .Add("deadline", program.RunOn == RunOn.Owner ? options.DeadlinePath(program.Name.Group) : null)
            .Add("everywhere", program.RunOn == RunOn.All ? "1" : null)
            .Add("cgroup", cgroup?.Path)
            .Add("join", cgroup?.Processes)
            .Add("kill", cgroup?.KillFile)
            .Add("events", cgroup?.Events)
            .Add("directory", program.Directory.Length > 0 ? program.Directory : "/")
            .Add("redirect", program.RedirectStderr ? "1" : null)
            .Add("umask", umask);
        ProgramLogs.Add(spec, program);
        LimitSettings.Describe(program.Limits, cgroup, spec);
        RunAs(spec, user);
        spec.Add("exec", command);
        foreach (var word in words)
            spec.Add("arg", word);
        foreach (var (key, value) in EnvironmentOf(program, instance, options))
            spec.Add("env", $"{key}={value}");
        return spec;
    }

    /// <summary>The environment entry that every process of an instance has unless it scrubs its environment.</summary>
    public static string MarkOf(string instance) => $"HA_INSTANCE={instance}";

    /// <summary>Whom it runs as, with all groups of that user; null for the agent's own. Becoming the user that one is already needs no
    /// privilege, and asking would.</summary>
    public static void RunAs(ShimSpec spec, UserAccount? user)
    {
        if (user is null || (user.Uid == Libc.geteuid() && user.Uid != 0))
            return;
        spec.Add("uid", user.Uid).Add("gid", user.Gid);
        foreach (var group in user.Groups)
            spec.Add("group", group);
    }

    /// <summary>What programs inherit. The agent's own settings are nobody else's business, and may hold paths of keys; so is what a service
    /// manager told the agent of itself.</summary>
    public static SortedDictionary<string, string> InheritedEnvironment()
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (System.Collections.DictionaryEntry entry in Environment.GetEnvironmentVariables())
        {
            var key = (string)entry.Key;
            if (!key.StartsWith("HA_AGENT_", StringComparison.Ordinal) && !SystemdService.IsAboutItsService(key))
                all[key] = (string?)entry.Value ?? "";
        }
        return all;
    }

    private static SortedDictionary<string, string> EnvironmentOf(
        ConfiguredProgram program, string instance, ProgramHostOptions options)
    {
        var all = InheritedEnvironment();
        all["SUPERVISOR_ENABLED"] = "1";
        // An agent that is itself a program of a supervisord inherits that one's.
        _ = all.Remove("SUPERVISOR_SERVER_URL");
        if (options.SupervisorUrl.Length > 0)
            all["SUPERVISOR_SERVER_URL"] = options.SupervisorUrl;
        all["SUPERVISOR_PROCESS_NAME"] = program.Name.Name;
        all["SUPERVISOR_GROUP_NAME"] = program.Name.Group;
        foreach (var (key, value) in program.Environment)
            all[key] = value;
        // Of somebody else.
        _ = all.Remove("NOTIFY_SOCKET");
        if (program.Readiness?.Kind == CheckKind.Notify)
            all["NOTIFY_SOCKET"] = NotifySocket.AddressOf(instance);
        all["HA_INSTANCE"] = instance;
        return all;
    }

    // A path is left to exec, which says best what is wrong with it.
    private static string? FindCommand(string word, string? path)
    {
        if (word.Contains('/', StringComparison.Ordinal))
            return word;
        return CommandSearch.For(word, "", path) is { Kind: Found.Executable } found ? found.Path : null;
    }

    private static bool TryOctal(string text, out string? number)
    {
        number = null;
        if (text.Length == 0)
            return true;
        if (text.Length > 5 || text.Any(digit => digit is < '0' or > '7'))
            return false;
        number = Convert.ToInt32(text, 8).ToString(CultureInfo.InvariantCulture);
        return true;
    }

    private static ShimSpec? Fail(string reason, out string error)
    {
        error = reason;
        return null;
    }
}
