using System.Collections.Concurrent;
using System.Net;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Lab.World;
using Microsoft.Extensions.Time.Testing;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>Another machine on the wire has, wants or takes a VIP of this host (RFC 5227).</summary>
public sealed class DuplicateTests : IDisposable
{
    private const string StrangerMac = "02:00:00:00:00:09";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10), Lease = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Probing = Group.DefaultDuplicateProbeInterval;
    private readonly FakeTimeProvider _time = new();
    private readonly HostOnWire _wire = new();
    private readonly Neighbour _neighbour;
    private readonly HostNetwork _network;
    private readonly ConcurrentQueue<Disturbance> _told = new();

    public DuplicateTests()
    {
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
    public async Task A_stranger_s_claim_is_told_with_its_mac_and_answered_once()
    {
        Own();
        _ = _neighbour.ArpUntilNow();
        Claim(StrangerMac);
        _neighbour.NextArp(IsOurs).IsBroadcast.ShouldBeTrue();
        await Eventually.Until("the claim is told", Patience, () => !_told.IsEmpty);
        var told = _told.Single();
        told.Vip.ShouldBe(HostOnWire.Vip4);
        told.Detail.ShouldContain(StrangerMac);

        // No war: the clock of the agent stands still, so whatever follows is within the ten seconds. Another one's claim of the same
        // address is told when all before it was handled.
        Claim(StrangerMac);
        Claim("02:00:00:00:00:0a");
        await Eventually.Until("the second one is told", Patience, () => _told.Count == 2);
        _neighbour.ArpUntilNow().ShouldNotContain(f => IsOurs(f));

        _time.Advance(Conflicts.DefendInterval - TimeSpan.FromSeconds(6));
        _ = _neighbour.ArpUntilNow();
        _time.Advance(TimeSpan.FromSeconds(6));
        Claim(StrangerMac);
        _ = _neighbour.NextArp(IsOurs);
    }

    /// <summary>A machine that has the address and says nothing is asked.</summary>
    [Fact]
    public async Task A_silent_duplicate_is_found_by_the_question_before_the_claim()
    {
        _wire.Peer.Ip($"addr add {HostOnWire.Address4}/32 dev eth0");
        Own();
        await Eventually.Until("the duplicate is told", Patience, () => !_told.IsEmpty);
        _told.First().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    /// <summary>It came after the takeover, and its owner has told nobody: neither ARP nor the kernel's tables of this host know of it.</summary>
    [Fact]
    public async Task A_silent_duplicate_that_comes_later_is_told_after_the_next_question()
    {
        Own(Probing);
        _wire.Peer.Ip($"addr add {HostOnWire.Address4}/32 dev eth0");
        _neighbour.ArpUntilNow().ShouldNotContain(f => f.SenderMac == HostOnWire.PeerMac && f.Sender.Equals(HostOnWire.Address4), "it is silent");
        _told.ShouldBeEmpty();

        _time.Advance(Probing);
        await Eventually.Until("the duplicate is told", Patience, () => !_told.IsEmpty);
        _told.Single().Detail.ShouldContain(HostOnWire.PeerMac);
    }

    [Fact]
    public void The_owner_asks_once_in_each_interval_until_the_lease_is_over()
    {
        var mayAct = true;
        Own(Probing, () => mayAct);
        _ = _neighbour.ArpUntilNow();
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(Probing - TimeSpan.FromMilliseconds(1));
            Questions().ShouldBeEmpty();
            _time.Advance(TimeSpan.FromMilliseconds(1));
            Questions().ShouldHaveSingleItem().SenderMac.ShouldBe(HostOnWire.HostMac);
        }

        // What is claimed again in between does not put it off.
        _time.Advance(Probing / 2);
        Own(Probing, () => mayAct);
        _ = _neighbour.ArpUntilNow();
        _time.Advance(Probing / 2);
        _ = Questions().ShouldHaveSingleItem();

        mayAct = false;
        for (var i = 0; i < 3; i++)
            _time.Advance(Probing);
        Questions().ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_is_asked_by_the_clock_without_an_interval()
    {
        Own();
        _ = _neighbour.ArpUntilNow();
        for (var i = 0; i < 3; i++)
            _time.Advance(Probing);
        Questions().ShouldBeEmpty();
    }

    /// <summary>Frames are handled in their order: what is told for the second one stands alone.</summary>
    [Fact]
    public async Task A_frame_of_its_own_is_no_conflict()
    {
        Own();
        Claim(HostOnWire.HostMac);
        Claim("02:00:00:00:00:0a");
        await Eventually.Until("the last one is told", Patience, () => !_told.IsEmpty);
        _told.Single().Detail.ShouldContain("02:00:00:00:00:0a");
    }

    /// <summary>Who asks for the address has lost it, or wants it: clients near him are told at once.</summary>
    [Fact]
    public void The_owner_announces_itself_when_somebody_asks_in_nobody_s_name()
    {
        Own();
        _ = _neighbour.ArpUntilNow();
        _neighbour.Say(Frames.ArpRequest(StrangerMac, IPAddress.Any, HostOnWire.Address4));
        _ = _neighbour.NextArp(f => IsOurs(f) && f.IsBroadcast);
        _told.ShouldBeEmpty();
    }

    [Fact]
    public async Task Who_lost_the_address_asks_for_it_until_the_new_owner_is_heard()
    {
        Own();
        On(n => n.Shut(HostOnWire.Vips));
        _ = _neighbour.ArpUntilNow();
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(OwnerSearch.Interval);
            _neighbour.NextArp(IsQuestion).SenderMac.ShouldBe(HostOnWire.HostMac);
        }

        // The answer is handled on a thread of its own: asked until there is no question any more.
        Claim(StrangerMac);
        await Eventually.Until("nothing is asked any more", Patience, () =>
        {
            _time.Advance(OwnerSearch.Interval);
            return !_neighbour.ArpUntilNow().Any(IsQuestion);
        });
        _time.Advance(OwnerSearch.SlowInterval);
        _neighbour.ArpUntilNow().ShouldNotContain(f => IsQuestion(f));
        _told.ShouldBeEmpty();
    }

    [Fact]
    public void Who_gets_the_address_back_asks_no_more()
    {
        Own();
        On(n => n.Shut(HostOnWire.Vips));
        Own();
        _ = _neighbour.ArpUntilNow();
        _time.Advance(OwnerSearch.Interval);
        _neighbour.ArpUntilNow().ShouldNotContain(f => IsQuestion(f));
    }

    private void Own(TimeSpan probing = default, Func<bool>? mayAct = null)
    {
        On(n => n.RenewGate(HostOnWire.Vips, () => Lease));
        On(n => n.RenewAddresses(HostOnWire.Vips, Lease));
        On(n => n.Announce(HostOnWire.Vips, mayAct ?? (() => true), probeInterval: probing));
    }

    private ArpFrame[] Questions() => [.. _neighbour.ArpUntilNow().Where(IsQuestion)];

    /// <summary>A gratuitous ARP for the VIP.</summary>
    private void Claim(string mac) => _neighbour.Say(Frames.ArpRequest(mac, HostOnWire.Address4, HostOnWire.Address4));

    private static bool IsOurs(ArpFrame frame) => frame.Sender.Equals(HostOnWire.Address4) && frame.SenderMac == HostOnWire.HostMac;

    private static bool IsQuestion(ArpFrame frame) => frame.Sender.Equals(IPAddress.Any) && frame.Target.Equals(HostOnWire.Address4);

    private void On(Func<HostNetwork, NetworkOutcome> act) => _wire.Host.Do(() => act(_network)).ToString().ShouldBe("");
}
