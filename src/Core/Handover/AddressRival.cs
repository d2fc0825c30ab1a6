using System.Collections.Immutable;

namespace HaGrpc.Core.Handover;

/// <summary>A program that claims addresses by itself, such as keepalived, which is a parent and the children that speak.</summary>
/// <param name="Head">The eldest of its processes.</param>
/// <param name="Pids">All of them, the eldest first: who ends one of them only tells the others.</param>
public sealed record AddressRival(ProcessFact Head, ImmutableArray<int> Pids)
{
    /// <summary>What it is configured for; null when nobody looked, or when it is seen to hold an address that is not its own any more.</summary>
    public RivalConfiguration? Configuration { get; init; }

    /// <summary>All of a host, by pid.</summary>
    /// <param name="processes">All processes of the host.</param>
    public static ImmutableArray<AddressRival> In(IReadOnlyDictionary<int, ProcessFact> processes)
    {
        ArgumentNullException.ThrowIfNull(processes);
        return
        [
            .. processes.Values.Where(FormerSupervisor.ClaimsAddresses).GroupBy(p => HeadOf(p, processes)).OrderBy(family => family.Key.Pid)
                .Select(family => new AddressRival(family.Key, [family.Key.Pid, .. family.Select(p => p.Pid).Where(pid => pid != family.Key.Pid).Order()])),
        ];
    }

    // Processes come and go while they are read, so a chain of parents may be a circle: each is asked once at most.
    private static ProcessFact HeadOf(ProcessFact process, IReadOnlyDictionary<int, ProcessFact> processes)
    {
        var seen = new HashSet<int> { process.Pid };
        while (processes.TryGetValue(process.ParentPid, out var parent) && FormerSupervisor.ClaimsAddresses(parent) && seen.Add(parent.Pid))
            process = parent;
        return process;
    }
}
