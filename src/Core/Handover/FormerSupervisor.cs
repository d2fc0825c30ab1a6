using System.Globalization;

namespace HaGrpc.Core.Handover;

/// <summary>Programs that would work against us: they start again what has ended, or claim addresses.</summary>
public static class FormerSupervisor
{
    private static readonly string[] Restarting =
        ["supervisord", "runsv", "supervise", "s6-supervise", "monit", "circusd", "god", "pm2", "PM2", "perpd", "nosh"];

    /// <summary>True for a process that starts its children again when they end. Process 1 is none: what was orphaned is its child too.</summary>
    public static bool Restarts(ProcessFact parent)
    {
        ArgumentNullException.ThrowIfNull(parent);
        return parent.Pid > 1 && (Array.Exists(Restarting, name => parent.Name == name || parent.Name.StartsWith($"{name} ", StringComparison.Ordinal))
            // A script of Python, say, whose interpreter is what the kernel names.
            || parent.Arguments.Take(2).Any(word => Restarting.Contains(word[(word.LastIndexOf('/') + 1)..])));
    }

    /// <summary>What to do about the parent of a process that is to be taken over.</summary>
    /// <param name="parent">Its name.</param>
    /// <param name="pid">Its process id.</param>
    public static string AdviceOf(string parent, int pid) => $"adopt it with --force, then {EndOf(parent, pid)}";

    /// <summary>How a supervisor is ended so that its programs live on.</summary>
    /// <param name="parent">Its name.</param>
    /// <param name="pid">Its process id.</param>
    public static string EndOf(string parent, int pid) => string.Create(
        CultureInfo.InvariantCulture,
        $"end {parent} without its children: set KillMode=process and Restart=no for its unit, and kill -9 {pid}. Asked politely, or by supervisorctl update, it would stop the program; once its unit is masked or stopped, systemd would");

    /// <summary>True for what claims addresses by VRRP.</summary>
    public static bool ClaimsAddresses(ProcessFact process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.Name is "keepalived" or "vrrpd" or "ucarp";
    }

    /// <summary>What it would do, and what to do about it.</summary>
    /// <param name="rival">What claims addresses.</param>
    /// <param name="hasAddress">True when an address of the group is on this host.</param>
    public static string AdviceOf(AddressRival rival, bool hasAddress)
    {
        ArgumentNullException.ThrowIfNull(rival);
        if (!hasAddress)
            return "it claims the address when its master is gone: stop it here before you adopt (systemctl disable --now)";
        var pids = string.Join(' ', rival.Pids.Select(pid => pid.ToString(CultureInfo.InvariantCulture)));
        return "when it ends it takes the address away and runs its notify scripts, which stop programs; its children do so too when only their parent is killed. "
            + $"Stop it on the other members, adopt, end the former supervisor, and then this: Restart=no for its unit, kill -STOP {pids}; kill -KILL {pids}";
    }
}
