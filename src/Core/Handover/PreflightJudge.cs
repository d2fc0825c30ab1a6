using System.Collections.Immutable;
using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Core.Rehearsal;

namespace HaGrpc.Core.Handover;

/// <summary>Judges what a host needs for a hand-over beyond what a takeover needs of it (<see cref="RehearsalJudge"/>).</summary>
public static class PreflightJudge
{
    // With 8 the kernel answers for no local address; 3 leaves out those of scope host, which VIPs are not.
    private const int AnswersNothing = 8;

    /// <summary>The findings.</summary>
    /// <param name="group">The group.</param>
    /// <param name="sight">What the host sees of it.</param>
    /// <param name="rivals">What claims addresses there.</param>
    /// <param name="parents">Former supervisors of what is ours already.</param>
    /// <param name="facts">What the host is like.</param>
    public static ImmutableArray<Finding> Judge(
        Group group, HostSight sight, ImmutableArray<AddressRival> rivals, ImmutableArray<FormerParent> parents, PreflightFacts facts)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(sight);
        ArgumentNullException.ThrowIfNull(facts);
        return
        [
            .. sight.Programs.SelectMany(ProcessesOf),
            .. parents.Select(p => new Finding(
                "process",
                p.Program.ToString(),
                Verdict.Fails,
                string.Create(CultureInfo.InvariantCulture, $"pid {p.Pid} is ours, and its parent {p.Parent} (pid {p.ParentPid}) would start it again as well"),
                FormerSupervisor.EndOf(p.Parent, p.ParentPid))),
            .. rivals.Select(r => RivalOf(group, sight, r)),
            .. facts.Sudo.Select(s => s.Problem.Length == 0
                ? new Finding("sudo", $"{s.Program}", Verdict.Ok, "its command may be run without a password")
                : new Finding("sudo", $"{s.Program}", Verdict.Fails, s.Problem, "a rule in /etc/sudoers.d with NOPASSWD for exactly this command")),
            .. facts.ArpIgnore.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => a.Value < AnswersNothing
                ? new Finding("kernel", group.Name, Verdict.Ok, $"{a.Key} answers ARP for its addresses (arp_ignore {a.Value})")
                : new Finding("kernel", group.Name, Verdict.Fails, $"arp_ignore of {a.Key} is {a.Value}: nobody would find a VIP there", $"sysctl net.ipv4.conf.{a.Key}.arp_ignore=0")),
            facts.HasShim
                ? new("agent", sight.Host, Verdict.Ok, facts.ShimPath)
                : new("agent", sight.Host, Verdict.Fails, $"there is no {facts.ShimPath}", "ha-shim beside ha-agent, or HA_AGENT_SHIM"),
            facts.HasPidFd
                ? new("kernel", sight.Host, Verdict.Ok, "it has process descriptors")
                : new("kernel", sight.Host, Verdict.Fails, "it has no process descriptors (pidfd_open)", "Linux 5.3 or later"),
            facts.Cgroups switch
            {
                CgroupKind.Unified => new("kernel", sight.Host, Verdict.Ok, "it has cgroups of version 2"),
                CgroupKind.Hybrid => new("kernel", sight.Host, Verdict.Warning, "cgroups of version 2 are beside version 1: limits.memory, cpu and pids may not hold", "boot with systemd.unified_cgroup_hierarchy=1"),
                _ => new("kernel", sight.Host, Verdict.Warning, "no cgroups of version 2: what has left the process group of an adopted program is not found at its end", "mount cgroup2, or boot with systemd.unified_cgroup_hierarchy=1"),
            },
            facts.WatchdogDevice is not { } device
                ? new("watchdog", sight.Host, Verdict.Ok, "not used")
                : facts.HasWatchdog
                    ? new("watchdog", sight.Host, Verdict.Ok, device)
                    : new("watchdog", sight.Host, Verdict.Warning, $"there is no {device}", "the driver of this machine's watchdog, or softdog"),
        ];
    }

    /// <summary>What a rehearsal finds in the way is no obstacle where it is what is to be taken over, or what the host owns.</summary>
    /// <param name="group">The group.</param>
    /// <param name="sight">What the host sees of it.</param>
    /// <param name="isOwner">True when it owns the group.</param>
    /// <param name="findings">All findings.</param>
    public static IEnumerable<Finding> Settle(Group group, HostSight sight, bool isOwner, ImmutableArray<Finding> findings)
    {
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(sight);
        if (group.Mode != SupervisionMode.Observe && !isOwner)
            return findings;
        return findings.Where(f => f.What != "address").Concat(sight.Addresses.Select(a => isOwner ? OwnedAddress(group.Name, a) : AddressOf(group.Name, a)));
    }

    // Beside a group that is ours already it is no part of a hand-over any more, and the group must not move while it can answer that. Who keeps it
    // for other addresses is only told so.
    private static Finding RivalOf(Group group, HostSight sight, AddressRival rival)
    {
        var (isInTheWay, why) = RivalConfiguration.Judge(rival, group);
        return new(
            "rival",
            group.Name,
            isInTheWay && group.Mode != SupervisionMode.Observe ? Verdict.Fails : Verdict.Warning,
            string.Create(CultureInfo.InvariantCulture, $"{rival.Head.Name} runs here (pid {rival.Head.Pid}){why}"),
            isInTheWay
                ? FormerSupervisor.AdviceOf(rival, sight.Addresses.Any(a => a.FoundOn.Length > 0))
                : string.Create(CultureInfo.InvariantCulture, $"it may stay; if it was configured otherwise when it started, reload it: kill -HUP {rival.Head.Pid}"));
    }

    private static Finding OwnedAddress(string group, AddressSight address) => address.FoundOn == address.Vip.Interface
        ? new("address", group, Verdict.Ok, $"{address.Vip.Address} is on {address.FoundOn}: this host owns the group")
        : new("address", group, Verdict.Fails, $"{address.Vip.BareAddress} is not on {address.Vip.Interface}, though this host owns the group", "what hactl events says of it");

    private static Finding AddressOf(string group, AddressSight address)
    {
        var vip = address.Vip;
        if (address.FoundOn.Length == 0)
            return new("address", group, Verdict.Ok, $"{vip.BareAddress} is not on this host");
        if (address.FoundOn != vip.Interface)
            return new("address", group, Verdict.Fails, $"{vip.BareAddress} is on {address.FoundOn}", $"on {vip.Interface}, as registered, or registered for {address.FoundOn}");
        return vip.Address.EndsWith(string.Create(CultureInfo.InvariantCulture, $"/{address.PrefixLength}"), StringComparison.Ordinal)
            ? new("address", group, Verdict.Ok, $"{vip.Address} is on {vip.Interface}, to be kept")
            : new("address", group, Verdict.Fails, string.Create(CultureInfo.InvariantCulture, $"{vip.BareAddress} is on {vip.Interface} with /{address.PrefixLength}"), $"registered as {vip.BareAddress}/{address.PrefixLength}");
    }

    private static IEnumerable<Finding> ProcessesOf(ProgramSight program)
    {
        var name = program.Name.ToString();
        if (program.Problem.Length > 0)
        {
            yield return new("process", name, Verdict.Fails, program.Problem, "a program that this host can look for");
            yield break;
        }
        if (program.Processes.Length > 1)
        {
            var pids = string.Join(", ", program.Processes.Select(p => p.Pid.ToString(CultureInfo.InvariantCulture)));
            yield return new("process", name, Verdict.Fails, $"{program.Processes.Length} processes match: pids {pids}", "one: say which with adopt: (pid, pidfile or command)");
        }
        else if (program.Processes is [var one])
        {
            var found = string.Create(CultureInfo.InvariantCulture, $"pid {one.Pid}");
            yield return one.ParentRestarts
                ? new("process", name, Verdict.Warning, string.Create(CultureInfo.InvariantCulture, $"{found}, whose parent {one.Parent} (pid {one.ParentPid}) would start it again"), FormerSupervisor.AdviceOf(one.Parent, one.ParentPid))
                : new("process", name, Verdict.Ok, $"{found}, to be adopted");
        }
        else
        {
            yield return new("process", name, Verdict.Ok, "not found here");
        }
    }
}
