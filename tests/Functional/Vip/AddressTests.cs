using System.Collections.Concurrent;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Vips;

/// <summary>Rule W5: addresses that the kernel takes away by itself, and tells from everybody else's.</summary>
public sealed class AddressTests : IDisposable
{
    private const byte OurTag = 0x48;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly HostOnWire _wire = new();
    private readonly HostNetwork _network;

    public AddressTests() => _network = _wire.OpenNetwork();

    public void Dispose() => _wire.Dispose();

    /// <summary>Rule W5: lifetime a little longer than the lease, our tag, the label, no duplicate address detection.</summary>
    [Fact]
    public void An_address_has_a_lifetime_a_tag_a_label_and_no_duplicate_detection()
    {
        var watch = new BootWatch();
        Renew(TimeSpan.FromSeconds(30.5));
        var found = KernelAddresses.Of(_wire.Host);
        var least = 31u - (uint)watch.Elapsed.TotalSeconds;

        var four = found.Single(a => a.Address.Equals(HostOnWire.Address4));
        four.Prefix.ShouldBe(32);
        four.Label.ShouldBe("eth0:vip");
        four.ValidSeconds.ShouldBeInRange(least, 32u);

        var six = found.Single(a => a.Address.Equals(HostOnWire.Address6));
        six.Prefix.ShouldBe(128);
        six.ValidSeconds.ShouldBeInRange(least, 32u);
        six.PreferredSeconds.ShouldBe(0u, "a /128 is not chosen as the source of what the host itself starts");
        six.SkipsDuplicateDetection.ShouldBeTrue();
        six.IsTentative.ShouldBeFalse();

        var others = found.Where(a => a != four && a != six).ToArray();
        others.ShouldContain(a => a.Address.Equals(HostOnWire.Host4));
        others.ShouldNotContain(a => a.Tag == OurTag);
        // Linux 5.18 and later.
        new[] { four.Tag, six.Tag }.ShouldAllBe(t => t == (KernelAddresses.KernelTags ? OurTag : (byte)0));
    }

    /// <summary>Rule W5: a renewal renews, and removes nothing meanwhile.</summary>
    [Fact]
    public void A_renewal_extends_the_lifetime_of_the_address_that_is_there()
    {
        Renew(TimeSpan.FromSeconds(30));
        Renew(TimeSpan.FromSeconds(300));
        KernelAddresses.Of(_wire.Host).Where(a => a.Tag == OurTag || a.Label == "eth0:vip").ShouldAllBe(a => a.ValidSeconds > 290);
        Renew(TimeSpan.MaxValue);
        KernelAddresses.Of(_wire.Host).Single(a => a.Address.Equals(HostOnWire.Address4)).ValidSeconds.ShouldBe(uint.MaxValue);
    }

    /// <summary>Rule W5: with nobody awake the kernel takes the address away.</summary>
    [Fact]
    public async Task The_kernel_takes_an_address_away_that_nobody_renews()
    {
        Renew(TimeSpan.FromSeconds(3));
        _wire.Addresses().ShouldContain("192.0.2.50/32");
        await Eventually.Until("both VIPs are gone", Patience, () => !_wire.Addresses().Any(a => a.StartsWith("192.0.2.50", StringComparison.Ordinal) || a.StartsWith("2001:db8::50", StringComparison.Ordinal)));
        _wire.Addresses().ShouldContain("192.0.2.1/24");
    }

    /// <summary>Rule W5: somebody removes an address: it is told, and opening again brings it back. Our own removal is not told.</summary>
    [Fact]
    public async Task An_address_removed_by_hand_is_told_and_comes_back()
    {
        var told = new ConcurrentQueue<Disturbance>();
        _network.Disturbed += told.Enqueue;
        Renew(TimeSpan.FromMinutes(5));
        _wire.Host.Ip("addr del 192.0.2.50/32 dev eth0");
        await Eventually.Until("the removal is told", Patience, () => !told.IsEmpty);
        told.TryDequeue(out var disturbance).ShouldBeTrue();
        (disturbance!.Kind, disturbance.Vip).ShouldBe((DisturbanceKind.AddressRemoved, HostOnWire.Vip4));
        Renew(TimeSpan.FromMinutes(5));
        _wire.Addresses().ShouldContain("192.0.2.50/32");

        _wire.Host.Do(() => _network.Shut(HostOnWire.Vips)).ToString().ShouldBe("");
        Renew(TimeSpan.FromMinutes(5));
        _wire.Host.Ip("addr del 2001:db8::50/128 dev eth0");
        await Eventually.Until("the removal is told", Patience, () => !told.IsEmpty);
        told.Single().Vip.ShouldBe(HostOnWire.Vip6, "nothing but the second removal by hand is told");
    }

    /// <summary>Rule W5: leftovers are what has our tag and is not to be kept.</summary>
    [Fact]
    public void Own_leftovers_are_removed_and_nobody_else_s()
    {
        Assert.SkipUnless(KernelAddresses.KernelTags, "this kernel keeps no tag (IFA_PROTO, Linux 5.18)");
        var kept = new Vip("192.0.2.60/32", "eth0");
        Renew(TimeSpan.FromMinutes(5));
        _wire.Host.Do(() => _network.RenewAddresses([kept], TimeSpan.FromMinutes(5))).ToString().ShouldBe("");
        _wire.Host.Ip("addr add 192.0.2.70/32 dev eth0");
        _wire.Host.Do(() => _network.AddRoutes([new("198.51.100.0/24", "192.0.2.2", "eth0"), new("203.0.113.0/24", "192.0.2.2", "eth0")])).ToString().ShouldBe("");
        _wire.Host.Ip("route add 203.0.113.128/25 via 192.0.2.2");

        var outcome = _wire.Host.Do(() => _network.RemoveLeftovers([kept], [new("203.0.113.0/24", "192.0.2.2", "eth0")]));

        outcome.ToString().ShouldBe("");
        outcome.Warnings.ShouldContain(w => w.Contains("192.0.2.50", StringComparison.Ordinal));
        string[] remaining = ["192.0.2.1/24", "192.0.2.60/32", "192.0.2.70/32", "2001:db8::1/64"];
        _wire.Addresses().Where(a => !a.StartsWith("fe80", StringComparison.Ordinal)).ShouldBe(remaining, ignoreOrder: true);
        var routes = _wire.Host.Command("ip", "route");
        routes.ShouldNotContain("198.51.100.0/24");
        routes.ShouldContain("203.0.113.0/24");
        routes.ShouldContain("203.0.113.128/25");
    }

    /// <summary>Rule W5: the kernel takes a route along with the address that is its source.</summary>
    [Fact]
    public void A_route_with_the_address_as_its_source_comes_back_after_it()
    {
        var route = new Route("198.51.100.0/24", "192.0.2.2", "eth0", "192.0.2.50");
        Renew(TimeSpan.FromMinutes(5));
        AddRoute(route);
        Routes().ShouldContain("198.51.100.0/24 via 192.0.2.2 dev eth0");
        Routes().ShouldContain("src 192.0.2.50");
        _wire.Host.Ip("addr del 192.0.2.50/32 dev eth0");
        Routes().ShouldNotContain("198.51.100.0/24");
        Renew(TimeSpan.FromMinutes(5));
        AddRoute(route);
        AddRoute(route);
        Routes().ShouldContain("198.51.100.0/24 via 192.0.2.2 dev eth0");
        _wire.Host.Do(() => _network.RemoveRoutes([route])).ToString().ShouldBe("");
        Routes().ShouldNotContain("198.51.100.0/24");
    }

    /// <summary>A VIP that is the first of its subnet does not take the host's own address with it.</summary>
    [Fact]
    public void Other_addresses_of_the_subnet_stay_when_the_vip_goes()
    {
        var subnet = new Vip("198.51.100.10/24", "eth0");
        _wire.Host.Do(() => _network.RenewAddresses([subnet], TimeSpan.FromMinutes(5))).Warnings.ShouldContain(w => w.Contains("promote_secondaries=1", StringComparison.Ordinal));
        _wire.Host.Ip("addr add 198.51.100.20/24 dev eth0");
        _wire.Host.Do(() => _network.Shut([subnet])).ToString().ShouldBe("");
        _wire.Addresses().ShouldContain("198.51.100.20/24");
        _wire.Addresses().ShouldNotContain("198.51.100.10/24");
    }

    [Fact]
    public void A_missing_interface_is_a_failure_of_that_address_alone()
    {
        var outcome = _wire.Host.Do(() => _network.RenewAddresses([new("192.0.2.61/32", "eth9"), HostOnWire.Vip4], TimeSpan.FromMinutes(5)));
        outcome.ToString().ShouldBe("192.0.2.61/32: this host has no interface 'eth9'");
        _wire.Addresses().ShouldContain("192.0.2.50/32");
    }

    private void Renew(TimeSpan left) =>
        _wire.Host.Do(() => _network.RenewAddresses(HostOnWire.Vips, left)).ToString().ShouldBe("");

    private void AddRoute(Route route) => _wire.Host.Do(() => _network.AddRoutes([route])).ToString().ShouldBe("");

    private string Routes() => _wire.Host.Command("ip", "route");
}
