using System.Globalization;
using System.Security.Cryptography;
using HaGrpc.Lab.Cluster;
using HaGrpc.Lab.World;
using HaGrpc.Linux;

namespace HaGrpc.Lab.Scenarios;

/// <summary>
/// A third machine has the VIP as well, and says nothing of it until it is asked. The owner notices, names its MAC in the history and tells the network
/// whose the address is; nothing moves.
/// </summary>
internal abstract class SilentDuplicate(string vip) : Scenario
{
    private const string Interface = "dup0";

    /// <summary>Within which it has to be noticed: two probes, and much more for a busy machine. It is one as a rule, which is measured; without probes
    /// it is a minute (announce_interval).</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>An owner defends its address no more often (RFC 5227, 2.4).</summary>
    private static readonly long Truce = 10_000_000_000;

    private long _over = long.MinValue;

    public override string Summary => $"a third host has {vip} as well and keeps silent";

    protected override async Task Act(LabCluster cluster, ScenarioRun run)
    {
        await Eventually.Until("the owner may defend its address again", Patience, () => BootClock.Nanoseconds > _over);
        var last = await cluster.Operator.LastEvent();
        // Another one each time: one that the owner has met is not told again for a while.
        var mac = string.Join(':', RandomNumberGenerator.GetBytes(5).Select(b => b.ToString("x2", CultureInfo.InvariantCulture)).Prepend("02"));
        var third = cluster.Topology.Plane;
        await third.Ip($"link add link eth0 name {Interface} address {mac} type macvlan mode bridge\nlink set {Interface} up\n");
        var wall = TimeProvider.System.GetUtcNow();
        run.StruckAt = BootClock.Nanoseconds;
        await third.Ip($"addr add {vip}/{Length} dev {Interface}{(IsIpv6 ? " nodad" : "")}\n");
        TimeSpan noticed = default;
        await Eventually.Until($"the history has DuplicateAddress with {mac}", Patience, async () =>
        {
            if ((await cluster.Operator.Events(last)).FirstOrDefault(e => e.Kind == "DuplicateAddress" && e.Message.Contains(mac, StringComparison.Ordinal))
                is not { } told)
            {
                return false;
            }
            noticed = told.At.ToDateTimeOffset() - wall;
            return true;
        });
        _over = BootClock.Nanoseconds + Truce;
        run.Measure("noticed", noticed);
        if (noticed > Limit)
            run.Break(FormattableString.Invariant($"noticed after {noticed.TotalMilliseconds:0} ms, later than {Limit.TotalMilliseconds} ms"));
        await cluster.Prober.Answered(BootClock.Nanoseconds, run.Owner.Host.Name, cluster.Profile.Takeover);
        if (!IsIpv6)
        {
            var announced = cluster.Observers.Announcements.Seen.Where(a => a.Host == run.Owner.Host.Name && a.At > run.StruckAt).Select(a => a.At).ToList();
            if (announced.Count > 0)
                run.Measure("owner's announcement at the client", TimeSpan.FromTicks((announced.Min() - run.StruckAt) / 100));
            else
                run.Break("the client has heard no announcement of the owner");
        }
        run.MeasureOutage();
        await run.RequireNothingMoved();
    }

    protected override Task Heal(LabCluster cluster, ScenarioRun run) => cluster.Topology.Plane.Ip($"link del {Interface}\n");

    private bool IsIpv6 => vip.Contains(':', StringComparison.Ordinal);

    private int Length => IsIpv6 ? 128 : 32;
}

/// <summary>Of the IPv4 VIP.</summary>
internal sealed class SilentDuplicate4() : SilentDuplicate(Topology.Vip4)
{
    public override string Name => "duplicate";
}

/// <summary>Of the IPv6 VIP.</summary>
internal sealed class SilentDuplicate6() : SilentDuplicate(Topology.Vip6)
{
    public override string Name => "duplicate6";
}
