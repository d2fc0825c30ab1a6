using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Ownership;

/// <summary>What somebody else took away comes back while the lease holds (rules W3, W5), and the history says so.</summary>
/// <param name="network">The kernel's side.</param>
/// <param name="writer">Writes leases.</param>
/// <param name="presence">Announces and routes.</param>
/// <param name="groups">The groups of this host, by name.</param>
/// <param name="epochOf">The epoch that this host acts for at this instant; null when it does not.</param>
/// <param name="isUnfinished">True while a group waits for its next renewal to be opened.</param>
/// <param name="guarded">The VIPs that the gate keeps silent unless they are owned.</param>
/// <param name="reports">What is said of it.</param>
internal sealed class Restoration(
    HostNetwork network,
    LeaseWriter writer,
    Presence presence,
    IReadOnlyDictionary<string, Group> groups,
    Func<Group, long?> epochOf,
    Func<string, bool> isUnfinished,
    Func<IReadOnlyCollection<Vip>> guarded,
    ActReports reports)
{
    private static readonly TimeSpan Slow = TimeSpan.FromMilliseconds(20);

    /// <summary>Answers one disturbance.</summary>
    public void OnDisturbed(Disturbance disturbance)
    {
        switch (disturbance.Kind)
        {
            case DisturbanceKind.GateChanged:
                RestoreGate();
                reports.Record("GateRestored", "", 0, disturbance.Detail);
                break;
            case DisturbanceKind.AddressRemoved or DisturbanceKind.AddressChanged:
                RestoreAddress(disturbance);
                break;
            default:
                var group = OwnerOf(disturbance.Vip) ?? GroupOf(disturbance.Vip);
                reports.Record(KindOf(disturbance.Kind), group?.Name ?? "", 0, disturbance.Detail);
                break;
        }
    }

    // The history's words, which stay when the source's change.
    private static string KindOf(DisturbanceKind kind) => kind switch
    {
        DisturbanceKind.ForeignAddress => "ForeignAddress",
        DisturbanceKind.DuplicateAddress => "DuplicateAddress",
        DisturbanceKind.LinkDown => "LinkDown",
        DisturbanceKind.LinkUp => "LinkUp",
        _ => throw new InvalidOperationException($"{kind} has no word in the history"),
    };

    /// <summary>
    /// Tables first, all shut; then each group under its own look at its lease and its own margin, since the tables may have
    /// taken long: one timeout computed for all before would open late (W4).
    /// </summary>
    public void RestoreGate()
    {
        var from = OwnershipLoop.Now;
        reports.Say("gate", network.Prepare(guarded()));
        foreach (var group in groups.Values)
        {
            if (!isUnfinished(group.Name) && epochOf(group) is { } epoch)
                _ = writer.OpenGate(group, epoch);
        }
        var took = OwnershipLoop.Now - from;
        if (took > Slow)
            OwnershipLog.SlowRestore(reports.Logger, took.TotalMilliseconds);
    }

    private void RestoreAddress(Disturbance disturbance)
    {
        if (OwnerOf(disturbance.Vip) is not { } group || epochOf(group) is not { } epoch || isUnfinished(group.Name))
            return;
        if (!writer.Open(group, epoch))
            return;
        presence.Speak(group, epoch);
        reports.Record("VipRestored", group.Name, epoch, disturbance.Detail);
    }

    private Group? GroupOf(Vip? vip) => vip is null
        ? null
        : groups.Values.FirstOrDefault(g => g.Vips.Any(v => v.Address == vip.Address));

    private Group? OwnerOf(Vip? vip) => vip is null
        ? null
        : groups.Values.FirstOrDefault(g => g.Vips.Any(v => v.Address == vip.Address) && epochOf(g) is not null);
}
