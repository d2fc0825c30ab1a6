using System.Net;
using HaGrpc.Agent.Vips;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>Another machine on the wire has, wants or takes a VIP of this host (RFC 5227).</summary>
public sealed class DuplicateTests : IDisposable
{
    private readonly ContestedHost _host = new([.. HostOnWire.Vips]);

    public void Dispose() => _host.Dispose();

    [Fact]
    public async Task A_stranger_s_claim_is_told_with_its_mac_and_answered_once()
    {
        _host.Own();
        _ = _host.Neighbour.ArpUntilNow();
        Claim(ContestedHost.StrangerMac);
        _host.Neighbour.NextArp(IsOurs).IsBroadcast.ShouldBeTrue();
        await Eventually.Until("the claim is told", ContestedHost.Patience, () => !_host.Told.IsEmpty);
        var told = _host.Told.Single();
        told.Vip.ShouldBe(HostOnWire.Vip4);
        told.Detail.ShouldContain(ContestedHost.StrangerMac);

        // No war: the clock of the agent stands still, so whatever follows is within the ten seconds. Another one's claim of the same
        // address is told when all before it was handled.
        Claim(ContestedHost.StrangerMac);
        Claim(ContestedHost.OtherMac);
        await Eventually.Until("the second one is told", ContestedHost.Patience, () => _host.Told.Count == 2);
        _host.Neighbour.ArpUntilNow().ShouldNotContain(f => IsOurs(f));

        _host.Time.Advance(Conflicts.DefendInterval - TimeSpan.FromSeconds(6));
        _ = _host.Neighbour.ArpUntilNow();
        _host.Time.Advance(TimeSpan.FromSeconds(6));
        Claim(ContestedHost.StrangerMac);
        _ = _host.Neighbour.NextArp(IsOurs);
    }

    /// <summary>A machine that has the address and says nothing is asked.</summary>
    [Fact]
    public async Task A_silent_duplicate_is_found_by_the_question_before_the_claim()
    {
        _host.Wire.Peer.Ip($"addr add {HostOnWire.Address4}/32 dev eth0");
        _host.Own();
        await Eventually.Until("the duplicate is told", ContestedHost.Patience, () => !_host.Told.IsEmpty);
        _host.Told.First().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    /// <summary>It came after the takeover, and its owner has told nobody: neither ARP nor the kernel's tables of this host know of it.</summary>
    [Fact]
    public async Task A_silent_duplicate_that_comes_later_is_told_after_the_next_question()
    {
        _host.Own(ContestedHost.Probing);
        _host.Wire.Peer.Ip($"addr add {HostOnWire.Address4}/32 dev eth0");
        _host.Neighbour.ArpUntilNow().ShouldNotContain(
            f => f.SenderMac == HostOnWire.PeerMac && f.Sender.Equals(HostOnWire.Address4), "it is silent");
        _host.Told.ShouldBeEmpty();

        _host.Time.Advance(ContestedHost.Probing);
        await Eventually.Until("the duplicate is told", ContestedHost.Patience, () => !_host.Told.IsEmpty);
        _host.Told.Single().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    [Fact]
    public void The_owner_asks_once_in_each_interval_until_the_lease_is_over()
    {
        var mayAct = true;
        _host.Own(ContestedHost.Probing, () => mayAct);
        _ = _host.Neighbour.ArpUntilNow();
        for (var i = 0; i < 3; i++)
        {
            _host.Time.Advance(ContestedHost.Probing - TimeSpan.FromMilliseconds(1));
            Questions().ShouldBeEmpty();
            _host.Time.Advance(TimeSpan.FromMilliseconds(1));
            Questions().ShouldHaveSingleItem().SenderMac.ShouldBe(HostOnWire.HostMac);
        }

        // What is claimed again in between does not put it off.
        _host.Time.Advance(ContestedHost.Probing / 2);
        _host.Own(ContestedHost.Probing, () => mayAct);
        _ = _host.Neighbour.ArpUntilNow();
        _host.Time.Advance(ContestedHost.Probing / 2);
        _ = Questions().ShouldHaveSingleItem();

        mayAct = false;
        for (var i = 0; i < 3; i++)
            _host.Time.Advance(ContestedHost.Probing);
        Questions().ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_asked_by_the_clock_without_an_interval()
    {
        _host.Own();
        _ = _host.Neighbour.ArpUntilNow();
        for (var i = 0; i < 3; i++)
            _host.Time.Advance(ContestedHost.Probing);
        Questions().ShouldBeEmpty();
    }

    /// <summary>Frames are handled in their order: what is told for the second one stands alone.</summary>
    [Fact]
    public async Task A_frame_of_its_own_is_no_conflict()
    {
        _host.Own();
        Claim(HostOnWire.HostMac);
        Claim(ContestedHost.OtherMac);
        await Eventually.Until("the last one is told", ContestedHost.Patience, () => !_host.Told.IsEmpty);
        _host.Told.Single().Detail.ShouldContain(ContestedHost.OtherMac);
    }

    /// <summary>Who asks for the address has lost it, or wants it: clients near him are told at once.</summary>
    [Fact]
    public void The_owner_announces_itself_when_somebody_asks_in_nobody_s_name()
    {
        _host.Own();
        _ = _host.Neighbour.ArpUntilNow();
        _host.Neighbour.Say(Frames.ArpRequest(ContestedHost.StrangerMac, IPAddress.Any, HostOnWire.Address4));
        _ = _host.Neighbour.NextArp(f => IsOurs(f) && f.IsBroadcast);
        _host.Told.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_lost_the_address_asks_for_it_until_the_new_owner_is_heard()
    {
        _host.Own();
        _host.On(n => n.Shut(HostOnWire.Vips));
        _ = _host.Neighbour.ArpUntilNow();
        for (var i = 0; i < 3; i++)
        {
            _host.Time.Advance(OwnerSearch.Interval);
            _host.Neighbour.NextArp(IsQuestion).SenderMac.ShouldBe(HostOnWire.HostMac);
        }

        // The answer is handled on a thread of its own: asked until there is no question any more.
        Claim(ContestedHost.StrangerMac);
        await Eventually.Until("nothing is asked any more", ContestedHost.Patience, () =>
        {
            _host.Time.Advance(OwnerSearch.Interval);
            return !_host.Neighbour.ArpUntilNow().Any(IsQuestion);
        });
        _host.Time.Advance(OwnerSearch.SlowInterval);
        _host.Neighbour.ArpUntilNow().ShouldNotContain(f => IsQuestion(f));
        _host.Told.ShouldBeEmpty();
    }

    [Fact]
    public void Who_gets_the_address_back_asks_no_more()
    {
        _host.Own();
        _host.On(n => n.Shut(HostOnWire.Vips));
        _host.Own();
        _ = _host.Neighbour.ArpUntilNow();
        _host.Time.Advance(OwnerSearch.Interval);
        _host.Neighbour.ArpUntilNow().ShouldNotContain(f => IsQuestion(f));
    }

    private ArpFrame[] Questions() => [.. _host.Neighbour.ArpUntilNow().Where(IsQuestion)];

    /// <summary>A gratuitous ARP for the VIP.</summary>
    private void Claim(string mac) => _host.Neighbour.Say(Frames.ArpRequest(mac, HostOnWire.Address4, HostOnWire.Address4));

    private static bool IsOurs(ArpFrame frame) => frame.Sender.Equals(HostOnWire.Address4) && frame.SenderMac == HostOnWire.HostMac;

    private static bool IsQuestion(ArpFrame frame) => frame.Sender.Equals(IPAddress.Any) && frame.Target.Equals(HostOnWire.Address4);
}
