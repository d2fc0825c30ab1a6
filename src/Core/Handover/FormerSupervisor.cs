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
    public static string AdviceOf(string parent, int pid) => string.Create(
        CultureInfo.InvariantCulture,
        $"adopt it with --force, then end {parent} without its children: keep it from being started again (systemctl mask), and kill -9 {pid}; asked politely, and by systemctl stop or supervisorctl update, it would stop the program");

    /// <summary>True for what claims addresses by VRRP.</summary>
    public static bool ClaimsAddresses(ProcessFact process)
    {
        ArgumentNullException.ThrowIfNull(process);
        return process.Name is "keepalived" or "vrrpd" or "ucarp";
    }

    /// <summary>What it would do, and what to do about it.</summary>
    /// <param name="process">The process.</param>
    /// <param name="hasAddress">True when an address of the group is on this host.</param>
    public static string AdviceOf(ProcessFact process, bool hasAddress)
    {
        ArgumentNullException.ThrowIfNull(process);
        return hasAddress
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"it takes the address away when it is stopped: first stop it on the other members, adopt, and then keep it from being started again (systemctl mask) and kill -9 {process.Pid}")
            : "it claims the address when its master is gone: stop it here before you adopt (systemctl disable --now)";
    }
}
