using System.ComponentModel;
using HaGrpc.Agent.Programs;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;

namespace HaGrpc.Agent.Ownership;

/// <summary>
/// Writes leases where they end without the agent: guard, gate and addresses (rules W3 to W5). Nothing is opened without a
/// guard, and the lease is looked at anew for each write (rule L7). Only on the ownership loop's thread.
/// </summary>
/// <param name="network">The kernel's side.</param>
/// <param name="guards">Keeps a guard per owned group.</param>
/// <param name="deadlines">Until when the leases run.</param>
/// <param name="mayAct">L7: whether this host holds the lease of a group's epoch at this instant.</param>
/// <param name="now">CLOCK_BOOTTIME.</param>
/// <param name="reports">What is said of it.</param>
internal sealed class LeaseWriter(
    HostNetwork network,
    GuardShim guards,
    DeadlineFiles deadlines,
    Func<string, long, bool> mayAct,
    Func<BootInstant> now,
    ActReports reports)
{
    private const int Attempts = 2;

    // Groups whose VIPs may have been silent while owned: when they open again, neighbours have to be told and routes are gone.
    private readonly HashSet<string> _silenced = new(StringComparer.Ordinal);

    /// <summary>True when the group's VIPs may have been silent since they were last announced.</summary>
    public bool IsSilenced(string group) => _silenced.Contains(group);

    /// <summary>The neighbours are told, or need not be.</summary>
    public void ForgetSilence(string group) => _ = _silenced.Remove(group);

    /// <summary>Opens or renews guard, gate and addresses.</summary>
    /// <param name="group">The group.</param>
    /// <param name="epoch">The epoch that this host acts for.</param>
    /// <param name="timeline">Receives the steps; null when nobody asks.</param>
    /// <returns>False when the lease does not hold, no guard stands, or a write was late or refused: to be tried again with the
    /// next renewal.</returns>
    public bool Open(Group group, long epoch, Timeline? timeline = null)
    {
        if (group.Vips.Length == 0)
            return mayAct(group.Name, epoch);
        return Guard(group, epoch, timeline)
            && WriteGate(group, epoch, timeline)
            && Write(group, epoch, "address", timeline, left => left() is { } remaining
                ? network.RenewAddresses(group.Vips, remaining)
                : NetworkOutcome.Done);
    }

    /// <summary>Opens or renews guard and gate alone: after the gate's tables were restored.</summary>
    /// <returns>As <see cref="Open"/>.</returns>
    public bool OpenGate(Group group, long epoch) =>
        group.Vips.Length == 0 || (Guard(group, epoch, null) && WriteGate(group, epoch, null));

    /// <summary>Tells the guard of a deadline that moved back.</summary>
    public void DeadlineMovedBack(Group group)
    {
        if (group.Vips.Length > 0 && deadlines.UntilOf(group.Name) != BootInstant.Never)
            _ = TryGuard(group, () => guards.Start(group.Name, group.Vips));
    }

    /// <summary>Shuts the gate and removes the addresses.</summary>
    /// <returns>False when something may still be open.</returns>
    public bool Shut(Group group)
    {
        _silenced.Add(group.Name);
        var outcome = network.Shut(group.Vips);
        reports.Say(group.Name + " shut", outcome);
        return outcome.Succeeded;
    }

    /// <summary>
    /// W4: without a guard a late write would stay open, so the group is not opened or renewed; what is open ends with the
    /// lease that it was written under. A lease without end has nothing to guard (rule L6).
    /// </summary>
    private bool Guard(Group group, long epoch, Timeline? timeline)
    {
        if (deadlines.UntilOf(group.Name) == BootInstant.Never)
            return true;
        var from = now();
        var restarted = false;
        var failure = TryGuard(group, () => restarted = guards.Keep(group.Name, group.Vips));
        timeline?.Add("guard", from, failure);
        if (reports.IsNew(group.Name + " guard event", failure) && failure.Length > 0)
            reports.Record("GuardMissing", group.Name, epoch, $"the guard cannot be started, so the VIPs are not opened or renewed: {failure}");
        if (restarted)
            reports.Record("GuardRestarted", group.Name, epoch, "the guard had ended and was started again");
        if (failure.Length > 0)
            _silenced.Add(group.Name);
        return failure.Length == 0;
    }

    /// <summary>Empty, or why not.</summary>
    private string TryGuard(Group group, Action act)
    {
        var failure = "";
        try
        {
            act();
        }
        catch (Exception e) when (e is Win32Exception or IOException or UnauthorizedAccessException)
        {
            failure = e.Message;
        }
        if (reports.IsNew(group.Name + " guard", failure) && failure.Length > 0)
            OwnershipLog.NoGuard(reports.Logger, group.Name, failure);
        return failure;
    }

    private bool WriteGate(Group group, long epoch, Timeline? timeline) =>
        Write(group, epoch, "gate", timeline, left => network.RenewGate(group.Vips, left));

    /// <summary>
    /// A timeout in the kernel is relative: it ends as much after the lease as the write was late (W4). Writing again with what
    /// is left now replaces it; when that is late too, the group is shut. A gate write that was refused has opened nothing, so
    /// nothing is undone, and addresses without it are not renewed either.
    /// </summary>
    private bool Write(
        Group group, long epoch, string what, Timeline? timeline, Func<Func<TimeSpan?>, NetworkOutcome> write)
    {
        var took = TimeSpan.Zero;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var from = now();
            var composed = from;
            var holds = false;
            var outcome = write(() =>
            {
                composed = now();
                holds = mayAct(group.Name, epoch);
                return holds ? deadlines.UntilOf(group.Name) - composed : null;
            });
            reports.Say($"{group.Name} {what}", outcome);
            if (holds)
                timeline?.Add(what, from, outcome.ToString());
            if (outcome.GateRefused)
            {
                _silenced.Add(group.Name);
                return false;
            }
            if (!holds)
                break;
            took = now() - composed;
            if (took <= group.Timing.TakeoverMargin / 4 && mayAct(group.Name, epoch))
                return true;
        }
        // Never opened and over already: there is nothing to undo, and EndEpoch is on its way.
        if (took > TimeSpan.Zero)
        {
            _ = Shut(group);
            reports.Record(
                "LateWriteUndone", group.Name, epoch, $"writing the {what} took {took.TotalMilliseconds:F0} ms; the next renewal tries again");
        }
        return false;
    }
}
