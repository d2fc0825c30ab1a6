using System.Net;
using HaGrpc.Agent.Vips;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>Another machine on the wire has, wants or takes an IPv6 VIP of this host (RFC 4861, RFC 4862).</summary>
public sealed class NeighbourDuplicateTests : IDisposable
{
    private readonly ContestedHost _host = new(HostOnWire.Vip6);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_stranger_s_advertisement_is_told_with_its_mac_and_answered_once()
    {
        _host.Own();
        _ = _host.Neighbour.AdvertisementsUntilNow();
        Claim(ContestedHost.StrangerMac);
        _host.Neighbour.NextAdvertisement(IsOurs).TargetMac.ShouldBe(HostOnWire.HostMac);
        await Eventually.Until("the claim is told", ContestedHost.Patience, () => !_host.Told.IsEmpty);
        _host.Told.Single().Vip.ShouldBe(HostOnWire.Vip6);
        _host.Told.Single().Detail.ShouldContain($"is claimed by {ContestedHost.StrangerMac} too (neighbour discovery)");

        // The agent's clock stands still; what is told of the second one comes after all before it.
        Claim(ContestedHost.StrangerMac);
        Claim(HostOnWire.HostMac);
        Claim(ContestedHost.OtherMac);
        await Eventually.Until("the other one is told", ContestedHost.Patience, () => _host.Told.Count == 2);
        _host.Told.Last().Detail.ShouldContain(ContestedHost.OtherMac);
        _host.Neighbour.AdvertisementsUntilNow().ShouldNotContain(f => IsOurs(f));
    }

    [Fact]
    public async Task A_silent_duplicate_is_found_at_the_takeover()
    {
        _host.Wire.DuplicateAddress6();
        _host.Own();
        await Eventually.Until("the duplicate is told", ContestedHost.Patience, () => !_host.Told.IsEmpty);
        _host.Told.First().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    [Fact]
    public async Task A_silent_duplicate_that_comes_later_is_told_after_the_next_question()
    {
        _host.Own(ContestedHost.Probing);
        _ = _host.Neighbour.SolicitationsUntilNow();
        _host.Wire.DuplicateAddress6();
        _host.Told.ShouldBeEmpty();
        _host.Time.Advance(ContestedHost.Probing);
        await Eventually.Until("the duplicate is told", ContestedHost.Patience, () => !_host.Told.IsEmpty);
        _host.Told.Single().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    /// <summary>Asked in nobody's name, a silent duplicate would tell all nodes that it has the address, and clients would go there.</summary>
    [Fact]
    public void The_owner_asks_in_its_own_name()
    {
        var mayAct = true;
        _host.Own(ContestedHost.Probing, () => mayAct);
        var question = Questions().ShouldHaveSingleItem();
        question.Sender.ShouldBe(IPAddress.Parse("fe80::1"));
        question.ShouldBe(question with { HopLimit = 255, Mac = HostOnWire.HostMac, LinkAddress = HostOnWire.HostMac, IsWhole = true });
        _host.Time.Advance(ContestedHost.Probing);
        _ = Questions().ShouldHaveSingleItem();
        mayAct = false;
        _host.Time.Advance(ContestedHost.Probing);
        Questions().ShouldBeEmpty();
    }

    /// <summary>With an option that does not belong there (RFC 4861 section 7.1.1), so that the kernel does not answer, only the agent.</summary>
    [Fact]
    public void The_owner_announces_itself_when_somebody_asks_in_nobody_s_name()
    {
        _host.Own();
        _ = _host.Neighbour.AdvertisementsUntilNow();
        _host.Neighbour.Say(Frames.NeighbourSolicitation(ContestedHost.StrangerMac, IPAddress.IPv6Any, HostOnWire.Address6));
        _ = _host.Neighbour.NextAdvertisement(f => IsOurs(f) && f.Overrides);
        _host.Told.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_lost_the_address_asks_for_it_in_nobody_s_name_until_the_new_owner_answers()
    {
        _host.Own();
        _host.On(n => n.Shut(HostOnWire.Vips));
        _ = _host.Neighbour.SolicitationsUntilNow();
        for (var i = 0; i < 3; i++)
        {
            _host.Time.Advance(OwnerSearch.Interval);
            var question = Questions().ShouldHaveSingleItem();
            question.Sender.ShouldBe(IPAddress.IPv6Any);
            question.ShouldBe(question with { HopLimit = 255, Mac = HostOnWire.HostMac, LinkAddress = "", IsWhole = true });
        }

        // Its kernel answers; that is handled on a thread of its own: asked until there is no question any more.
        _host.Wire.DuplicateAddress6();
        await Eventually.Until("nothing is asked any more", ContestedHost.Patience, () =>
        {
            _host.Time.Advance(OwnerSearch.Interval);
            return Questions().Length == 0;
        });
        _host.Time.Advance(OwnerSearch.SlowInterval);
        Questions().ShouldBeEmpty();
        _host.Told.ShouldBeEmpty();
    }

    private SolicitationFrame[] Questions() => [.. _host.Neighbour.SolicitationsUntilNow().Where(f => f.Target.Equals(HostOnWire.Address6))];

    /// <summary>An unsolicited advertisement of the VIP.</summary>
    private void Claim(string mac) => _host.Neighbour.Say(Frames.NeighbourAdvertisement(mac, HostOnWire.Address6));

    private static bool IsOurs(AdvertisementFrame frame) => frame.Target.Equals(HostOnWire.Address6) && frame.TargetMac == HostOnWire.HostMac;
}
