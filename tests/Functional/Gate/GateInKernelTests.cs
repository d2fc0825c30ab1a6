using HaGrpc.Agent.Vips;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Lab.Kernel;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Gate;

/// <summary>Rule W3 at the wire: what the gate lets through.</summary>
public sealed class GateInKernelTests : IAsyncLifetime, IDisposable
{
    private static readonly string[] Everything = ["ARP", "IPv4 in", "IPv4 out", "IPv6 in", "IPv6 out", "ND"];
    private readonly HostOnWire _wire = new();
    private readonly Neighbour _neighbour;
    private readonly HostNetwork _network;

    public GateInKernelTests()
    {
        _neighbour = new(_wire);
        _network = _wire.OpenNetwork();
    }

    public async ValueTask InitializeAsync() => await AddAddresses();

    public ValueTask DisposeAsync()
    {
        Dispose();
        return ValueTask.CompletedTask;
    }

    public void Dispose()
    {
        _neighbour.Dispose();
        _wire.Dispose();
    }

    [Fact]
    public void Without_a_gate_everything_passes() => _neighbour.Passing().ShouldBe(Everything);

    /// <summary>Rule W3: shut, open, shut, in both directions.</summary>
    [Fact]
    public async Task Nothing_passes_a_shut_gate_and_everything_an_open_one()
    {
        On(n => n.Prepare(HostOnWire.Vips)).ToString().ShouldBe("");
        _network.GateAvailable.ShouldBeTrue(_network.GateReason);
        _neighbour.Passing().ShouldBeEmpty();

        Open(TimeSpan.FromMinutes(5));
        _neighbour.Passing().ShouldBe(Everything);

        On(n => n.Prepare(HostOnWire.Vips)).ToString().ShouldBe("");
        _neighbour.Passing().ShouldBe(Everything, "installing again drops nothing");

        On(n => n.Shut(HostOnWire.Vips)).ToString().ShouldBe("");
        await AddAddresses();
        _neighbour.Passing().ShouldBeEmpty();
    }

    /// <summary>Rule W3: at the lease's end the kernel shuts by itself; nobody is asked, nothing of ours runs.</summary>
    [Fact]
    public void The_kernel_shuts_at_the_end_of_the_lease()
    {
        On(n => n.Prepare(HostOnWire.Vips));
        var latest = 0L;

        // On a machine that is so busy that it is over before it was seen, there is more of it.
        for (var left = TimeSpan.FromSeconds(2); ; left *= 4)
        {
            var begin = Libc.TickClock;
            On(n => n.RenewGate(HostOnWire.Vips, () => left)).ToString().ShouldBe("");

            // The kernel looks at its tick clock, when it takes the message and when a packet comes. How far that is behind the real time
            // is the machine's affair and part of the takeover margin.
            latest = Libc.TickClock + (left.Ticks * 100) + Libc.Tick;
            var leased = _wire.Leased().Count;
            if (Libc.TickClock >= begin + (left.Ticks * 100) && left < TimeSpan.FromMinutes(1))
                continue;
            leased.ShouldBe(3);
            break;
        }
        Libc.WaitForTick(latest);
        _neighbour.Passing().ShouldBeEmpty();
    }

    /// <summary>Rule L6: a lease without end is an element without a timeout.</summary>
    [Fact]
    public void A_lease_without_end_has_no_timeout()
    {
        On(n => n.Prepare(HostOnWire.Vips));
        Open(TimeSpan.MaxValue);
        _wire.Leased().Count.ShouldBe(3);
        _wire.Host.Command("nft", "list", "ruleset").ShouldNotContain("expires");
    }

    /// <summary>Below a kernel tick a timeout would be no timeout at all.</summary>
    [Fact]
    public void Too_little_lease_shuts_instead_of_opening_for_good()
    {
        On(n => n.Prepare(HostOnWire.Vips));
        Open(TimeSpan.FromMinutes(5));
        On(n => n.RenewGate(HostOnWire.Vips, () => TimeSpan.FromMilliseconds(3))).ToString().ShouldContain("too short");
        _wire.Leased().ShouldBeEmpty();
    }

    /// <summary>Rule W3: a renewal that finds no tables makes them anew and opens.</summary>
    [Fact]
    public void A_renewal_after_a_flush_installs_the_gate_again()
    {
        On(n => n.Prepare(HostOnWire.Vips));
        Open(TimeSpan.FromMinutes(5));
        _wire.Host.Nft("flush ruleset");
        var outcome = On(n => n.RenewGate(HostOnWire.Vips, () => TimeSpan.FromMinutes(5)));
        outcome.ToString().ShouldBe("");
        outcome.Warnings.ShouldContain(w => w.Contains("installed anew", StringComparison.Ordinal));
        _neighbour.Passing().ShouldBe(Everything);
        On(n => n.Shut(HostOnWire.Vips));
        _wire.Leased().ShouldBeEmpty();
    }

    /// <summary>Rule W3: one family's table is gone; what stands of the others is shut all the same.</summary>
    [Fact]
    public void A_missing_table_does_not_hold_the_others_open()
    {
        On(n => n.Prepare(HostOnWire.Vips));
        Open(TimeSpan.FromMinutes(5));
        _wire.Host.Nft("delete table arp hagrpc");
        _wire.Leased().Count.ShouldBe(2);
        On(n => n.Shut(HostOnWire.Vips)).ToString().ShouldBe("");
        _wire.Leased().ShouldBeEmpty();
    }

    /// <summary>Rule W3: whatever somebody changes of the gate is told; our own renewals are not.</summary>
    [Theory]
    [InlineData("flush ruleset", "are gone")]
    [InlineData("flush chain ip hagrpc output", "rules of nftables")]
    [InlineData("delete element ip6 hagrpc leased { 2001:db8::50 }", "removed from nftables set")]
    [InlineData("delete element ip hagrpc guarded { 192.0.2.50 }", "guarded' was changed")]
    public async Task A_stranger_s_change_is_told(string change, string told)
    {
        var disturbances = new System.Collections.Concurrent.ConcurrentQueue<Disturbance>();
        _network.Disturbed += disturbances.Enqueue;
        On(n => n.Prepare(HostOnWire.Vips));
        Open(TimeSpan.FromMinutes(5));
        disturbances.ShouldBeEmpty();
        _wire.Host.Nft(change);
        await Eventually.Until("the change is told", TimeSpan.FromSeconds(60), () => !disturbances.IsEmpty);
        disturbances.ShouldAllBe(d => d.Kind == DisturbanceKind.GateChanged && d.Detail.Contains(told) && d.Detail.Contains("last changed by nft (process "));
    }

    /// <summary>The kernel makes an IPv6 address usable some moments after it has accepted it.</summary>
    private async Task AddAddresses()
    {
        On(n => n.RenewAddresses(HostOnWire.Vips, TimeSpan.FromMinutes(5))).Succeeded.ShouldBeTrue();
        await Eventually.Until("the IPv6 address is usable", TimeSpan.FromSeconds(60), () =>
            _wire.Host.Command("ip", "-6", "route", "show", "table", "local").Contains("local 2001:db8::50 ", StringComparison.Ordinal));
    }

    /// <summary>libnftables works in the namespace of the thread that calls it.</summary>
    private NetworkOutcome On(Func<HostNetwork, NetworkOutcome> act) => _wire.Host.Do(() => act(_network));

    private void Open(TimeSpan left) => On(n => n.RenewGate(HostOnWire.Vips, () => left)).ToString().ShouldBe("");
}
