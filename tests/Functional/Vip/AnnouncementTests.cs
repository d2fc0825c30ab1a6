using HaGrpc.Agent.Vips;
using HaGrpc.Functional.Tests.Network;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>What the neighbour really gets when VIPs are announced (rule C7): five frames now and five after five seconds.</summary>
public sealed class AnnouncementTests : IDisposable
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(20), Pause = TimeSpan.FromSeconds(5);
    private readonly FakeTimeProvider _time = new();
    private readonly HostOnWire _wire = new();
    private readonly Neighbour _neighbour;
    private readonly HostNetwork _network;
    private bool _mayAct = true;

    public AnnouncementTests()
    {
        _neighbour = new(_wire);
        _network = _wire.OpenNetwork(_time);
        On(n => n.Prepare(HostOnWire.Vips));
        On(n => n.RenewGate(HostOnWire.Vips, () => TimeSpan.FromMinutes(5)));
        On(n => n.RenewAddresses(HostOnWire.Vips, TimeSpan.FromMinutes(5)));
        _ = _neighbour.ArpUntilNow();
        _ = _neighbour.AdvertisementsUntilNow();
    }

    public void Dispose()
    {
        _neighbour.Dispose();
        _wire.Dispose();
    }

    [Fact]
    public void Gratuitous_arp_is_seen_five_times_and_five_times_more()
    {
        On(n => n.Announce([HostOnWire.Vip4], () => _mayAct));
        var frames = new List<ArpFrame> { NextGratuitous() };
        Pass(Spacing, 4, () => frames.Add(NextGratuitous()));
        _time.Advance(Pause - Spacing);
        Gratuitous().ShouldBeEmpty("the second round begins after five seconds");
        Pass(Spacing, 5, () => frames.Add(NextGratuitous()));
        Pass(Pause, 4, () => { });
        Gratuitous().ShouldBeEmpty("ten are enough");

        frames.ShouldAllBe(f => f.IsBroadcast && f.SenderMac == HostOnWire.HostMac && f.Target.Equals(HostOnWire.Address4));
        frames.Select(f => f.IsReply).ShouldBe(Enumerable.Range(0, 10).Select(i => i % 2 == 1), "some learn from one form only");
    }

    [Fact]
    public void Unsolicited_advertisements_are_seen_five_times_and_five_times_more()
    {
        On(n => n.Announce([HostOnWire.Vip6], () => _mayAct));
        var frames = new List<AdvertisementFrame> { NextUnsolicited() };
        Pass(Spacing, 4, () => frames.Add(NextUnsolicited()));
        _time.Advance(Pause - Spacing);
        Unsolicited().ShouldBeEmpty("the second round begins after five seconds");
        Pass(Spacing, 5, () => frames.Add(NextUnsolicited()));
        Pass(Pause, 4, () => { });
        Unsolicited().ShouldBeEmpty("ten are enough");

        frames.ShouldAllBe(f => f.Overrides && !f.IsSolicited && f.HopLimit == 255 && f.TargetMac == HostOnWire.HostMac
            && f.Destination.ToString() == "ff02::1");
    }

    [Fact]
    public void With_an_interval_one_more_follows_after_each_until_the_lease_is_over()
    {
        var interval = TimeSpan.FromMinutes(1);
        On(n => n.Announce([HostOnWire.Vip4], () => _mayAct, interval));
        _ = NextGratuitous();
        Pass(Spacing, 4, () => NextGratuitous());
        _time.Advance(Pause);
        _ = NextGratuitous();
        Pass(Spacing, 4, () => NextGratuitous());
        _time.Advance(interval - Spacing);
        Gratuitous().ShouldBeEmpty("the interval is not over");
        Pass(Spacing, 1, () => NextGratuitous());
        Pass(interval, 3, () => NextGratuitous());
        _mayAct = false;
        Pass(interval, 3, () => { });
        Gratuitous().ShouldBeEmpty();
    }

    /// <summary>Rule L7: the lease is asked before every packet.</summary>
    [Fact]
    public void Nothing_is_announced_any_more_when_the_lease_is_over()
    {
        On(n => n.Announce([HostOnWire.Vip4], () => _mayAct));
        _ = NextGratuitous();
        _mayAct = false;
        Pass(Spacing, 5, () => { });
        Gratuitous().ShouldBeEmpty();
        _mayAct = true;
        Pass(Pause, 2, () => { });
        Gratuitous().ShouldBeEmpty("an announcement that has ended does not begin again");
    }

    [Fact]
    public void Shutting_ends_the_announcement()
    {
        On(n => n.Announce([HostOnWire.Vip4], () => _mayAct));
        _ = NextGratuitous();
        On(n => n.Shut(HostOnWire.Vips));
        Pass(Spacing, 5, () => { });
        Pass(Pause, 2, () => { });
        Gratuitous().ShouldBeEmpty();
    }

    private void On(Func<HostNetwork, NetworkOutcome> act) => _wire.Host.Do(() => act(_network)).ToString().ShouldBe("");

    private void Pass(TimeSpan step, int times, Action after)
    {
        for (var i = 0; i < times; i++)
        {
            _time.Advance(step);
            after();
        }
    }

    private static bool IsGratuitous(ArpFrame frame) => frame.Sender.Equals(HostOnWire.Address4);

    private static bool IsUnsolicited(AdvertisementFrame frame) => frame.Target.Equals(HostOnWire.Address6);

    private ArpFrame NextGratuitous() => _neighbour.NextArp(IsGratuitous);

    private AdvertisementFrame NextUnsolicited() => _neighbour.NextAdvertisement(IsUnsolicited);

    private ArpFrame[] Gratuitous() => [.. _neighbour.ArpUntilNow().Where(IsGratuitous)];

    private AdvertisementFrame[] Unsolicited() => [.. _neighbour.AdvertisementsUntilNow().Where(IsUnsolicited)];
}
