using System.Collections.Concurrent;
using System.Net;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Lab.World;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>Another machine on the wire has, wants or takes an IPv6 VIP of this host (RFC 4861, RFC 4862).</summary>
public sealed class NeighbourDuplicateTests : IDisposable
{
    private const string StrangerMac = "02:00:00:00:00:09", OtherMac = "02:00:00:00:00:0a";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Lease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Probing = Group.DefaultDuplicateProbeInterval;
    private readonly FakeTimeProvider _time = new();
    private readonly HostOnWire _wire = new();
    private readonly Neighbour _neighbour;
    private readonly HostNetwork _network;
    private readonly ConcurrentQueue<Disturbance> _told = new();

    public NeighbourDuplicateTests()
    {
        // The kernel's own one may not be used yet.
        _wire.Host.Ip("addr add fe80::1/64 dev eth0 nodad");
        _neighbour = new(_wire);
        _network = _wire.OpenNetwork(_time);
        _network.Disturbed += disturbance =>
        {
            if (disturbance.Kind == DisturbanceKind.DuplicateAddress)
                _told.Enqueue(disturbance);
        };
        On(n => n.Prepare(HostOnWire.Vips));
    }

    public void Dispose()
    {
        _neighbour.Dispose();
        _wire.Dispose();
    }

    [Fact]
    public async Task A_stranger_s_advertisement_is_told_with_its_mac_and_answered_once()
    {
        Own();
        _ = _neighbour.AdvertisementsUntilNow();
        Claim(StrangerMac);
        _neighbour.NextAdvertisement(IsOurs).TargetMac.ShouldBe(HostOnWire.HostMac);
        await Eventually.Until("the claim is told", Patience, () => !_told.IsEmpty);
        _told.Single().Vip.ShouldBe(HostOnWire.Vip6);
        _told.Single().Detail.ShouldContain($"is claimed by {StrangerMac} too (neighbour discovery)");

        // The agent's clock stands still; what is told of the second one comes after all before it.
        Claim(StrangerMac);
        Claim(HostOnWire.HostMac);
        Claim(OtherMac);
        await Eventually.Until("the other one is told", Patience, () => _told.Count == 2);
        _told.Last().Detail.ShouldContain(OtherMac);
        _neighbour.AdvertisementsUntilNow().ShouldNotContain(f => IsOurs(f));
    }

    [Fact]
    public async Task A_silent_duplicate_is_found_at_the_takeover()
    {
        _wire.Peer.Ip($"addr add {HostOnWire.Address6}/128 dev eth0 nodad");
        Own();
        await Eventually.Until("the duplicate is told", Patience, () => !_told.IsEmpty);
        _told.First().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    [Fact]
    public async Task A_silent_duplicate_that_comes_later_is_told_after_the_next_question()
    {
        Own(Probing);
        _ = _neighbour.SolicitationsUntilNow();
        _wire.Peer.Ip($"addr add {HostOnWire.Address6}/128 dev eth0 nodad");
        _told.ShouldBeEmpty();
        _time.Advance(Probing);
        await Eventually.Until("the duplicate is told", Patience, () => !_told.IsEmpty);
        _told.Single().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    /// <summary>Asked in nobody's name, a silent duplicate would tell all nodes that it has the address, and clients would go there.</summary>
    [Fact]
    public void The_owner_asks_in_its_own_name()
    {
        var mayAct = true;
        Own(Probing, () => mayAct);
        var question = Questions().ShouldHaveSingleItem();
        question.Sender.ShouldBe(IPAddress.Parse("fe80::1"));
        question.ShouldBe(question with { HopLimit = 255, Mac = HostOnWire.HostMac, LinkAddress = HostOnWire.HostMac, IsWhole = true });
        _time.Advance(Probing);
        _ = Questions().ShouldHaveSingleItem();
        mayAct = false;
        _time.Advance(Probing);
        Questions().ShouldBeEmpty();
    }

    /// <summary>With an option that does not belong there (RFC 4861 section 7.1.1), so that the kernel does not answer, only the agent.</summary>
    [Fact]
    public void The_owner_announces_itself_when_somebody_asks_in_nobody_s_name()
    {
        Own();
        _ = _neighbour.AdvertisementsUntilNow();
        _neighbour.Say(Frames.NeighbourSolicitation(StrangerMac, IPAddress.IPv6Any, HostOnWire.Address6));
        _ = _neighbour.NextAdvertisement(f => IsOurs(f) && f.Overrides);
        _told.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_lost_the_address_asks_for_it_in_nobody_s_name_until_the_new_owner_answers()
    {
        Own();
        On(n => n.Shut(HostOnWire.Vips));
        _ = _neighbour.SolicitationsUntilNow();
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(OwnerSearch.Interval);
            var question = Questions().ShouldHaveSingleItem();
            question.Sender.ShouldBe(IPAddress.IPv6Any);
            question.ShouldBe(question with { HopLimit = 255, Mac = HostOnWire.HostMac, LinkAddress = "", IsWhole = true });
        }

        // Its kernel answers; that is handled on a thread of its own: asked until there is no question any more.
        _wire.Peer.Ip($"addr add {HostOnWire.Address6}/128 dev eth0 nodad");
        await Eventually.Until("nothing is asked any more", Patience, () =>
        {
            _time.Advance(OwnerSearch.Interval);
            return Questions().Length == 0;
        });
        _time.Advance(OwnerSearch.SlowInterval);
        Questions().ShouldBeEmpty();
        _told.ShouldBeEmpty();
    }

    private void Own(TimeSpan probing = default, Func<bool>? mayAct = null)
    {
        On(n => n.RenewGate(HostOnWire.Vips, () => Lease));
        On(n => n.RenewAddresses(HostOnWire.Vips, Lease));
        On(n => n.Announce([HostOnWire.Vip6], mayAct ?? (() => true), probeInterval: probing));
    }

    private SolicitationFrame[] Questions() => [.. _neighbour.SolicitationsUntilNow().Where(f => f.Target.Equals(HostOnWire.Address6))];

    /// <summary>An unsolicited advertisement of the VIP.</summary>
    private void Claim(string mac) => _neighbour.Say(Frames.NeighbourAdvertisement(mac, HostOnWire.Address6));

    private static bool IsOurs(AdvertisementFrame frame) => frame.Target.Equals(HostOnWire.Address6) && frame.TargetMac == HostOnWire.HostMac;

    private void On(Func<HostNetwork, NetworkOutcome> act) => _wire.Host.Do(() => act(_network)).ToString().ShouldBe("");
}
