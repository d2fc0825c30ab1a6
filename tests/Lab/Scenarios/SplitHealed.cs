using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>
/// The network is split, and the client is on the side of the owner, which loses its lease there. When the split is healed the
/// client still has that one's MAC: it must learn of the new owner at once.
/// </summary>
internal sealed class SplitHealed : Scenario
{
    // How long it takes is measured; that the owner announces because of the healing is what is required: its next announcement without a reason
    // is a minute away (announce_interval).
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10), Patience = TimeSpan.FromSeconds(30);

    public override string Name => "split-healed";

    public override string Summary => "owner and client are cut off together, and the split is healed";

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        var (owner, client) = (run.Owner.Host, cluster.Topology.Client);
        run.StruckAt = BootClock.Nanoseconds;
        await SecondSwitch.Split(owner, client);
        var next = cluster.Observers.Of(run.Other.Host.Name);
        await Eventually.Until("the other host serves on its side", Patience, () =>
            next.Programs.Lives.Any(l => l.Role == "http" && l.StartedAt > run.StruckAt && l.ReadyAt > 0));
        await Eventually.Until("the old owner's programs are dead", Patience, () => cluster.Observers.Of(owner.Name).Programs.Alive.Count == 0);
        var healed = BootClock.Nanoseconds;
        await SecondSwitch.Join();
        await cluster.Prober.Answered(healed, run.Other.Host.Name, cluster.Profile.Takeover);
        // The client may be served a moment before the observer beside it has looked.
        List<long> announced = [];
        await Eventually.Until("the client has heard an announcement", Patience, () =>
            (announced = [.. cluster.Observers.Announcements.Seen.Where(a => a.Host == run.Other.Host.Name && a.At > healed).Select(a => a.At)]).Count > 0);
        var after = TimeSpan.FromTicks((announced.Min() - healed) / 100);
        run.Measure("new owner's announcement at the client, after the healing", after);
        run.Measure("client served by it, after the healing", TimeSpan.FromTicks(
            (cluster.Prober.Probes.Where(p => p.Ok && p.Start >= healed).Min(p => p.End) - healed) / 100));
        if (after > Limit)
            run.Break(FormattableString.Invariant($"the client was with the wrong host for {after.TotalMilliseconds:0.0} ms after the healing"));
        await run.RequireMoved();
    }

    protected override async Task Heal(LabCluster cluster, ScenarioRun run)
    {
        await cluster.Settled();
        await SecondSwitch.Remove(run.Owner.Host, cluster.Topology.Client);
    }

    protected override void CheckHealed(LabCluster cluster, ScenarioRun run) => run.RequireStartedOnce();
}
