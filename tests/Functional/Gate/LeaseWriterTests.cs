using HaGrpc.Agent.Ownership;
using HaGrpc.Agent.Vips;
using HaGrpc.Core.Model;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Functional.Tests.Processes;
using HaGrpc.Lab.World;

namespace HaGrpc.Functional.Tests.Gate;

/// <summary>Rules W3 to W5 and L7 where an owner writes its lease.</summary>
public sealed class LeaseWriterTests : IDisposable
{
    private static readonly TimeSpan Late = Owner.Timing.TakeoverMargin / 2;
    private readonly Owner _owner = new();

    public void Dispose() => _owner.Dispose();

    [Fact]
    public async Task A_lease_opens_gate_and_addresses_behind_a_guard()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Open().ShouldBeTrue();
        _owner.Wire.Leased().Count.ShouldBe(3);
        _owner.Wire.Addresses().ShouldContain("192.0.2.50/32");
        await Eventually.Until("the guard listens", TimeSpan.FromSeconds(60), () => _owner.Guards.IsRunning("web"));
        _owner.Events().ShouldBeEmpty();
    }

    /// <summary>Rule L7: nothing is written for a lease that is over.</summary>
    [Fact]
    public void Without_a_lease_nothing_is_opened()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Holds = _ => false;
        _owner.Open().ShouldBeFalse();
        _owner.Wire.Leased().ShouldBeEmpty();
        _owner.Wire.Addresses().ShouldNotContain("192.0.2.50/32");
    }

    /// <summary>Rule W4: the clock is read after the write; what came late is undone.</summary>
    [Fact]
    public void A_late_write_is_undone()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Holds = _ =>
        {
            _owner.Ahead += Late;
            return true;
        };
        _owner.Open().ShouldBeFalse();
        _owner.Wire.Leased().ShouldBeEmpty();
        _owner.Wire.Addresses().ShouldNotContain("192.0.2.50/32");
        _owner.Events().ShouldBe(["LateWriteUndone"]);
        _owner.Writer.IsSilenced("web").ShouldBeTrue("neighbours have to be told when it opens again");
    }

    /// <summary>Rule W4: one late write is replaced at once by one with what is left then.</summary>
    [Fact]
    public void One_late_write_is_written_again()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        var looks = 0;
        _owner.Holds = _ =>
        {
            if (++looks == 1)
                _owner.Ahead += Late;
            return true;
        };
        _owner.Open().ShouldBeTrue();
        _owner.Wire.Leased().Count.ShouldBe(3);
        _owner.Events().ShouldBeEmpty();
    }

    /// <summary>Rule W4: the agent was stopped until the lease was over, and the guard had shut: nothing to undo.</summary>
    [Fact]
    public void A_lease_that_ended_between_look_and_write_is_not_written()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Open().ShouldBeTrue();
        var looks = 0;
        _owner.Holds = _ =>
        {
            if (++looks > 1)
                return false;
            _owner.Wire.Host.Nft("delete element ip hagrpc leased { 192.0.2.50 }; delete element ip6 hagrpc leased { 2001:db8::50 }; delete element arp hagrpc leased { 192.0.2.50 }");
            return true;
        };
        _owner.Open().ShouldBeFalse();
        looks.ShouldBe(2);
        _owner.Wire.Leased().ShouldBeEmpty();
        _owner.Events().ShouldBeEmpty();
    }

    /// <summary>Rule W4: without a guard nothing is opened; when there is one, the next try opens.</summary>
    [Fact]
    public void Without_a_guard_nothing_is_opened()
    {
        var missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
        using var owner = new Owner(missing);
        owner.Grant(TimeSpan.FromMinutes(5));
        owner.Open().ShouldBeFalse();
        owner.Open().ShouldBeFalse();
        owner.Wire.Leased().ShouldBeEmpty();
        owner.Wire.Addresses().ShouldNotContain("192.0.2.50/32");
        owner.Events().ShouldBe(["GuardMissing"], "it is said once");
        File.CreateSymbolicLink(missing, Owner.Shim);
        try
        {
            owner.Open().ShouldBeTrue();
            owner.Wire.Leased().Count.ShouldBe(3);
            owner.Writer.IsSilenced("web").ShouldBeTrue("neighbours have to be told");
        }
        finally
        {
            File.Delete(missing);
        }
    }

    /// <summary>Rule W4: a guard that always ends at once is none; the lease that was opened before that was known is the last.</summary>
    [Fact]
    public async Task A_guard_that_ends_at_once_is_no_guard()
    {
        using var owner = new Owner("/bin/false");
        owner.Grant(TimeSpan.FromMinutes(5));
        owner.Open().ShouldBeTrue();
        await Eventually.Until("its end is noticed", TimeSpan.FromSeconds(60), () => !owner.Open());
        owner.Events().ShouldBe(["GuardMissing"]);
        owner.Writer.IsSilenced("web").ShouldBeTrue();
    }

    /// <summary>Rule W3: tables that cannot be installed again are no reason to renew addresses without a gate.</summary>
    [Fact]
    public void Without_the_gate_s_tables_no_address_is_renewed()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Open().ShouldBeTrue();
        _owner.Wire.Host.Nft("flush ruleset; add table ip hagrpc; add set ip hagrpc guarded { type inet_service; }");
        _owner.Wire.Host.Ip("addr del 192.0.2.50/32 dev eth0");
        _owner.Open().ShouldBeFalse();
        _owner.Open().ShouldBeFalse();
        _owner.Wire.Addresses().ShouldNotContain("192.0.2.50/32");
        _owner.Wire.Host.Do(() => _owner.Network.Prepare(HostOnWire.Vips)).ToString().ShouldContain("cannot be installed");
        _owner.Network.GateAvailable.ShouldBeTrue("this host can have a gate");

        _owner.Wire.Host.Nft("flush ruleset");
        _owner.Open().ShouldBeTrue();
        _owner.Wire.Leased().Count.ShouldBe(3);
        _owner.Wire.Addresses().ShouldContain("192.0.2.50/32");
    }

    /// <summary>Rule L6: what never ends needs nobody who ends it.</summary>
    [Fact]
    public void A_lease_without_end_needs_no_guard()
    {
        using var owner = new Owner("/nowhere/ha-shim");
        owner.Grant(null);
        owner.Open().ShouldBeTrue();
        owner.Wire.Leased().Count.ShouldBe(3);
    }

    /// <summary>Rule W4: a guard that has died is started again by the next renewal, and the history says so.</summary>
    [Fact]
    public async Task A_guard_that_died_is_started_again()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Open().ShouldBeTrue();
        await Eventually.Until("the guard listens", TimeSpan.FromSeconds(60), () => _owner.Guards.IsRunning("web"));
        _owner.Open().ShouldBeTrue();
        _owner.KillGuard();
        var events = new List<string>();
        await Eventually.Until("a renewal has found it dead", TimeSpan.FromSeconds(60), () =>
        {
            _owner.Open().ShouldBeTrue();
            events.AddRange(_owner.Events());
            return events.Count > 0;
        });
        events.ShouldBe(["GuardRestarted"]);
        await Eventually.Until("the new guard listens", TimeSpan.FromSeconds(60), () => _owner.Guards.IsRunning("web"));
        _owner.Open().ShouldBeTrue();
        _owner.Events().ShouldBeEmpty();
    }

    /// <summary>Whoever wants no guard any more meets one that was only just started: it would be beside the next one, or there for ever.</summary>
    [Fact]
    public async Task A_guard_that_is_ended_before_it_listens_does_not_come()
    {
        var shim = Executable.Write(Path.GetTempFileName(), "#!/bin/sh\nwhile :; do sleep 0.1; done\n");
        try
        {
            using var owner = new Owner(shim);
            owner.Grant(TimeSpan.FromMinutes(5));
            owner.Open().ShouldBeTrue();
            int[] first = [];
            await Eventually.Until("the first one is there", Until.Bound, () => (first = owner.Guarding()).Length > 0);

            // A deadline that has moved back is told to a guard that listens, or to a new one in its place.
            owner.Wire.Host.Do(() => owner.Writer.DeadlineMovedBack(owner.Group));
            await Eventually.Until("the second one has taken the place of the first", Until.Bound, () =>
                owner.Guarding() is { Length: > 0 } now && !now.Intersect(first).Any());

            owner.Wire.Host.Do(() => owner.Guards.Stop("web"));
            await Eventually.Until("none is left", Until.Bound, () => owner.Guarding().Length == 0);
        }
        finally
        {
            File.Delete(shim);
        }
    }

    /// <summary>Rule W4: the guard shuts at the deadline, though the gate's own timeout would be later and nobody calls it.</summary>
    [Fact]
    public async Task The_guard_shuts_gate_and_addresses_at_the_deadline()
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Open().ShouldBeTrue();
        await Eventually.Until("the guard listens", TimeSpan.FromSeconds(60), () => _owner.Guards.IsRunning("web"));
        _owner.Wire.Leased().Count.ShouldBe(3);
        _owner.Grant(TimeSpan.FromMilliseconds(300));
        _owner.Wire.Host.Do(() => _owner.Writer.DeadlineMovedBack(_owner.Group));
        await Eventually.Until("the gate is shut", TimeSpan.FromSeconds(60), () => _owner.Wire.Leased().Count == 0);
        await Eventually.Until("the addresses are gone", TimeSpan.FromSeconds(60), () =>
            !_owner.Wire.Addresses().Any(a => a is "192.0.2.50/32" or "2001:db8::50/128"));
        _owner.MayAct("web", Owner.Epoch).ShouldBeFalse("not before the deadline");
    }

    /// <summary>Rules W3 and W4: after a flush every group comes back under its own lease, or not at all.</summary>
    [Fact]
    public async Task A_restored_gate_opens_each_group_under_its_own_lease()
    {
        Group[] groups = [_owner.Group, Owner.New("over", new Vip("192.0.2.60/32", "eth0")), Owner.New("late", new Vip("192.0.2.61/32", "eth0"))];
        var disturbed = new TaskCompletionSource<Disturbance>(TaskCreationOptions.RunContinuationsAsynchronously);
        _owner.Wire.Host.Do(() => _owner.Network.Prepare([.. groups.SelectMany(g => g.Vips)])).ToString().ShouldBe("");
        foreach (var group in groups)
        {
            _owner.Grant(TimeSpan.FromMinutes(5), group.Name);
            _owner.Wire.Host.Do(() => _owner.Writer.Open(group, Owner.Epoch)).ShouldBeTrue();
        }
        _owner.Wire.Leased().Count.ShouldBe(7);
        _owner.Network.Disturbed += d => disturbed.TrySetResult(d);

        _owner.Wire.Host.Nft("flush ruleset");
        var told = await disturbed.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);
        told.Kind.ShouldBe(DisturbanceKind.GateChanged);

        _owner.Holds = group =>
        {
            if (group == "late")
                _owner.Ahead += Late;
            return group != "over";
        };
        var presence = new Presence(_owner.Network, _owner.Writer, _owner.Deadlines, _owner.MayAct, _owner.Reports);
        var restoration = new Restoration(
            _owner.Network, _owner.Writer, presence, groups.ToDictionary(g => g.Name), g => g.Name == "over" ? null : Owner.Epoch, _ => false, () => [.. groups.SelectMany(g => g.Vips)], _owner.Reports);
        _owner.Wire.Host.Do(() => restoration.OnDisturbed(told));

        _owner.Wire.Leased().ShouldBe(["arp 192.0.2.50", "ip 192.0.2.50", "ip6 2001:db8::50"], ignoreOrder: true);
        _owner.Events().ShouldBe(["LateWriteUndone", "GateRestored"]);
        foreach (var group in groups)
            _owner.Wire.Host.Do(() => _owner.Guards.Stop(group.Name));
    }

    /// <summary>Rule W5: an address that somebody removed comes back and is announced again, unless the lease is over.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_removed_address_comes_back_while_the_lease_holds(bool holds)
    {
        _owner.Grant(TimeSpan.FromMinutes(5));
        _owner.Open().ShouldBeTrue();
        using var neighbour = new Neighbour(_owner.Wire);
        var disturbed = new TaskCompletionSource<Disturbance>(TaskCreationOptions.RunContinuationsAsynchronously);
        _owner.Network.Disturbed += d => disturbed.TrySetResult(d);
        _owner.Wire.Host.Ip("addr del 192.0.2.50/32 dev eth0");
        var told = await disturbed.Task.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

        _owner.Holds = _ => holds;
        var presence = new Presence(_owner.Network, _owner.Writer, _owner.Deadlines, _owner.MayAct, _owner.Reports);
        var restoration = new Restoration(
            _owner.Network, _owner.Writer, presence, new Dictionary<string, Group> { ["web"] = _owner.Group }, _ => Owner.Epoch, _ => false, () => _owner.Group.Vips, _owner.Reports);
        _owner.Wire.Host.Do(() => restoration.OnDisturbed(told));

        _owner.Wire.Addresses().Contains("192.0.2.50/32").ShouldBe(holds);
        _owner.Events().ShouldBe(holds ? ["VipRestored"] : []);
        if (holds)
            neighbour.NextArp(a => a.Sender.Equals(HostOnWire.Address4)).IsBroadcast.ShouldBeTrue();
    }
}
