using System.Globalization;
using HaGrpc.Core.Model;
using HaGrpc.Linux.Processes;
using HaGrpc.Linux.Shims;

namespace HaGrpc.Agent.Programs;

/// <summary>
/// A program's limits as settings with a name and a text each, so that two sets can be compared one by one: an edit touches what it
/// changes and leaves alone what a program has changed of itself. Names are the manifest's.
/// </summary>
internal static class LimitSettings
{
    private const string RlimitPrefix = "rlimits.";

    /// <summary>The settings of a cgroup, which hold for all processes together; the others hold for each.</summary>
    public static IReadOnlyList<string> OfCgroup { get; } = ["cpu", "memory", "memory_swap", "pids"];

    /// <summary>False for a name of another version.</summary>
    public static bool IsKnown(string name) => name is "nice" or "oom_score_adj" || OfCgroup.Contains(name)
        || (name.StartsWith(RlimitPrefix, StringComparison.Ordinal) && ResourceNames.Units.ContainsKey(name[RlimitPrefix.Length..]));

    /// <summary>The settings; none for null.</summary>
    public static SortedDictionary<string, string> Of(Limits? limits)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (limits is null)
            return all;
        foreach (var (name, limit) in limits.Rlimits)
            all[RlimitPrefix + name] = $"{Text(Raw(limit.Soft))}:{Text(Raw(limit.Hard))}";
        Add("nice", limits.Nice);
        Add("oom_score_adj", limits.OomScoreAdj);
        Add("memory", limits.Memory);
        Add("memory_swap", limits.MemorySwap);
        Add("cpu", limits.CpuMillis);
        Add("pids", limits.Pids);
        return all;

        void Add(string name, long? value)
        {
            if (value is { } number)
                all[name] = number.ToString(CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Tells the shim what its child is to set on itself, and what the shim has to look at when it ends.</summary>
    public static void Describe(Limits? limits, Cgroup? cgroup, ShimSpec spec)
    {
        spec.Add("memoryevents", cgroup?.MemoryEvents).Add("pidsevents", cgroup?.PidsEvents);
        if (limits is null)
            return;
        foreach (var (name, limit) in limits.Rlimits)
        {
            spec.Add("rlimit", string.Create(
                CultureInfo.InvariantCulture, $"{ProcessLimits.NumberOf(name)} {Raw(limit.Soft)} {Raw(limit.Hard)} {name}={limit}"));
            if (name == "cpu" && limit.Hard is { } seconds)
                spec.Add("cpuseconds", seconds);
        }
        spec.Add("nice", limits.Nice?.ToString(CultureInfo.InvariantCulture));
        spec.Add("oom", limits.OomScoreAdj?.ToString(CultureInfo.InvariantCulture));
    }

    /// <summary>Sets one on a cgroup.</summary>
    /// <param name="root">Where programs have their cgroups; null for nowhere.</param>
    /// <param name="cgroup">The program's; null for none.</param>
    /// <param name="name">One of <see cref="OfCgroup"/>.</param>
    /// <param name="value">The value; null for no limit.</param>
    /// <returns>Empty, or why it is not enforced.</returns>
    public static string SetOnCgroup(CgroupRoot? root, Cgroup? cgroup, string name, string? value)
    {
        if (root is null || cgroup is null)
            return "this host has no cgroup v2 that the agent can use (its log says why)";
        var controller = name == "memory_swap" ? "memory" : name;
        if (root.Enable(controller) is { Length: > 0 } reason)
            return reason;
        switch (name)
        {
            case "cpu":
                // Microseconds in each tenth of a second.
                var quota = value is null ? "max" : Text(ulong.Parse(value, CultureInfo.InvariantCulture) * 100);
                return cgroup.Set("cpu.max", $"{quota} 100000");
            case "memory":
                // One of several processes killed is worse than all of them, which is an end with a reason. Linux before 4.19 has it not.
                _ = cgroup.Set("memory.oom.group", "1");
                return cgroup.Set("memory.max", value ?? "max");
            case "memory_swap":
                return cgroup.Set("memory.swap.max", value ?? "max");
            default:
                return cgroup.Set("pids.max", value ?? "max");
        }
    }

    /// <summary>Sets one that is not of the cgroup on a running process.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="name">Its name.</param>
    /// <param name="value">The value; null for the agent's own.</param>
    /// <exception cref="System.ComponentModel.Win32Exception">The kernel refused it.</exception>
    /// <exception cref="IOException">The process has ended.</exception>
    /// <exception cref="UnauthorizedAccessException">The kernel refused it.</exception>
    public static void SetOnProcess(int pid, string name, string? value)
    {
        switch (name)
        {
            case "nice":
                ProcessLimits.SetNice(pid, value is null ? ProcessLimits.Nice : int.Parse(value, CultureInfo.InvariantCulture));
                break;
            case "oom_score_adj":
                ProcessLimits.SetOomScoreAdj(pid, value is null ? ProcessLimits.OomScoreAdj : int.Parse(value, CultureInfo.InvariantCulture));
                break;
            default:
                var resource = name[RlimitPrefix.Length..];
                var (soft, hard) = value is null ? ProcessLimits.Rlimit(0, resource) : Parse(value);
                ProcessLimits.SetRlimit(pid, resource, soft, hard);
                break;
        }
    }

    /// <summary>A kernel's number as people read it.</summary>
    public static string Text(ulong number) =>
        number == ProcessLimits.Unlimited ? ResourceLimit.Unlimited : number.ToString(CultureInfo.InvariantCulture);

    private static ulong Raw(long? number) => number is { } value ? (ulong)value : ProcessLimits.Unlimited;

    private static (ulong Soft, ulong Hard) Parse(string pair)
    {
        var sides = pair.Split(':');
        return (Side(sides[0]), Side(sides[1]));

        static ulong Side(string text) =>
            text == ResourceLimit.Unlimited ? ProcessLimits.Unlimited : ulong.Parse(text, CultureInfo.InvariantCulture);
    }
}
