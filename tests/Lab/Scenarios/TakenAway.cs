using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.Observation;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>Somebody takes from the owner what its lease stands for; it comes back, nothing moves, and the history says what it was.</summary>
internal abstract class TakenAway : Scenario
{
    /// <summary>Within which it has to be back.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The kind of the event that names it.</summary>
    protected abstract string EventKind { get; }

    /// <summary>What the event has to say.</summary>
    protected abstract string Says { get; }

    protected abstract Task Strike(ScenarioRun run);

    /// <summary>Every time in which it was there.</summary>
    protected abstract IReadOnlyList<Interval> There(HostObservers owner);

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        var last = await cluster.Operator.LastEvent();
        var owner = cluster.Observers.Of(run.Owner.Host.Name);
        run.StruckAt = BootClock.Nanoseconds;
        await Strike(run);
        await Eventually.Until("it was gone and is back", Patience, () => Gap(owner, run.StruckAt) is not null);
        var gap = Gap(owner, run.StruckAt)!.Value;
        run.Measure("gone for", gap);
        if (gap > Limit)
            run.Break(FormattableString.Invariant($"gone for {gap.TotalMilliseconds:0.0} ms, longer than {Limit.TotalMilliseconds} ms"));
        await Eventually.Until($"the history has {EventKind} with '{Says}'", Patience, async () =>
            (await cluster.Operator.Events(last)).Any(e => e.Kind == EventKind && e.Message.Contains(Says, StringComparison.Ordinal)));
        await cluster.Prober.Answered(BootClock.Nanoseconds, run.Owner.Host.Name, cluster.Profile.Takeover);
        run.MeasureOutage();
        await run.RequireNothingMoved();
    }

    private TimeSpan? Gap(HostObservers owner, long struckAt)
    {
        var there = There(owner);
        var ended = there.FirstOrDefault(i => i.To > struckAt && i.To < BootClock.Nanoseconds);
        var back = ended is null ? null : there.FirstOrDefault(i => i.From >= ended.To);
        return back is null ? null : TimeSpan.FromTicks((back.From - ended!.To) / 100);
    }
}

/// <summary>The VIP is deleted from the owner's interface.</summary>
internal sealed class VipRemoved : TakenAway
{
    public override string Name => "vip-removed";

    public override string Summary => "ip addr del of the VIP on the owner";

    protected override string EventKind => "VipRestored";

    protected override string Says => $"{Topology.Vip4}/32 was removed from eth0";

    protected override Task Strike(ScenarioRun run) => run.Owner.Host.Run("ip", "addr", "del", $"{Topology.Vip4}/32", "dev", "eth0");

    protected override IReadOnlyList<Interval> There(HostObservers owner) => owner.Addresses.Intervals(Topology.Vip4);
}

/// <summary>The owner's nftables ruleset is flushed, the gate with it.</summary>
internal sealed class RulesetFlushed : TakenAway
{
    public override string Name => "ruleset-flushed";

    public override string Summary => "nft flush ruleset on the owner";

    protected override string EventKind => "GateRestored";

    protected override string Says => "last changed by nft (process";

    protected override Task Strike(ScenarioRun run) => run.Owner.Host.Run("nft", "flush", "ruleset");

    protected override IReadOnlyList<Interval> There(HostObservers owner) => owner.Gate.Intervals(Topology.Vip4);
}
