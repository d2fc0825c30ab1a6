using HaGrpc.Agent.Vips;
using HaGrpc.Functional.Tests.Network;
using HaGrpc.Linux.Addresses;
using HaGrpc.Linux.Gate;
using HaGrpc.Linux.Netlink;

namespace HaGrpc.Functional.Tests.Gate;

/// <summary>Rule W4: a renewal that was composed before the guard shut is refused by the kernel.</summary>
public sealed class RulesetGenerationTests : IDisposable
{
    private readonly HostOnWire _wire = new();
    private readonly HostNetwork _network;
    private readonly GateElements _elements;
    private readonly GuardShut _guard;

    public RulesetGenerationTests()
    {
        _network = _wire.OpenNetwork();
        _wire.Host.Do(() => _network.Prepare(HostOnWire.Vips)).ToString().ShouldBe("");
        (_elements, _guard) = _wire.Host.Do(() => (
            new GateElements(), new GuardShut([.. HostOnWire.Vips.Select(v => InterfaceAddress.Parse(v.Address, v.Interface))])));
    }

    public void Dispose()
    {
        _elements.Dispose();
        _guard.Dispose();
        _wire.Dispose();
    }

    /// <summary>Rule W4: the guard cannot know whether a renewal is under way.</summary>
    [Fact]
    public void The_guard_s_shut_begins_a_generation_also_when_nothing_is_leased()
    {
        _wire.Leased().ShouldBeEmpty();
        var before = Generation();
        _guard.Shut().ShouldBe(0);
        var after = Generation();
        after.ShouldNotBe(before);
        _guard.Shut().ShouldBe(0);
        Generation().ShouldNotBe(after);
    }

    /// <summary>Reading it changes nothing.</summary>
    [Fact]
    public void A_generation_lasts_until_somebody_changes_something()
    {
        Generation().ShouldBe(Generation());
        var before = Generation();
        _wire.Host.Nft("add table inet stranger");
        Generation().ShouldNotBe(before);
    }

    /// <summary>Rule W4: nothing of a batch of an older generation is done.</summary>
    [Fact]
    public void The_kernel_refuses_a_lease_of_an_older_generation()
    {
        var generation = Generation();
        _guard.Shut().ShouldBe(0);
        var result = Lease(generation);
        result.IsOvertaken.ShouldBeTrue(result.ToString());
        _wire.Leased().ShouldBeEmpty();
        Lease(Generation()).ToString().ShouldBe("done");
        _wire.Leased().Count.ShouldBe(3);
    }

    /// <summary>Generation 0 would not be checked at all.</summary>
    [Fact]
    public void A_lease_of_no_generation_is_a_mistake() =>
        Should.Throw<ArgumentOutOfRangeException>(() => Lease(0));

    /// <summary>Rule W4: the agent is stopped between looking at its lease and writing; the guard acts meanwhile.</summary>
    [Fact]
    public void A_renewal_that_the_guard_overtook_is_not_written_when_the_lease_is_over()
    {
        var looks = 0;
        var outcome = Renew(() =>
        {
            if (++looks > 1)
                return null;
            _guard.Shut().ShouldBe(0);
            return TimeSpan.FromMinutes(5);
        });
        outcome.Succeeded.ShouldBeTrue(outcome.ToString());
        looks.ShouldBe(2, "the lease is looked at again before anything is sent again");
        _wire.Leased().ShouldBeEmpty();
    }

    /// <summary>Rule W4: the lease is over when it is looked at for the first time.</summary>
    [Fact]
    public void Nothing_is_written_for_a_lease_that_is_over()
    {
        var before = Generation();
        Renew(() => null).Succeeded.ShouldBeTrue();
        Generation().ShouldBe(before);
        _wire.Leased().ShouldBeEmpty();
    }

    /// <summary>Rule W4: a stranger's change refuses the renewal too; it is composed again, with what is left then.</summary>
    [Fact]
    public void A_renewal_that_a_stranger_overtook_is_composed_again()
    {
        var looks = 0;
        Renew(() =>
        {
            if (++looks == 1)
                _wire.Host.Nft("add table inet stranger");
            return looks == 1 ? TimeSpan.FromHours(2) : TimeSpan.FromMinutes(5);
        }).ToString().ShouldBe("");
        looks.ShouldBe(2);
        _wire.Leased().Count.ShouldBe(3);
        _wire.Host.Command("nft", "list", "ruleset").ShouldContain("timeout 5m");
    }

    /// <summary>Rule W4: against somebody who never rests it gives up, and what stood goes on to its own end.</summary>
    [Fact]
    public void A_renewal_that_is_always_overtaken_is_given_up()
    {
        Renew(() => TimeSpan.FromMinutes(5)).GateRefused.ShouldBeFalse();
        var looks = 0;
        var outcome = Renew(() =>
        {
            looks++;
            Lease(Generation()).Succeeded.ShouldBeTrue();
            return TimeSpan.FromHours(2);
        });
        outcome.GateRefused.ShouldBeTrue();
        outcome.Succeeded.ShouldBeFalse();
        looks.ShouldBe(8);
        _wire.Leased().Count.ShouldBe(3);
        _wire.Host.Command("nft", "list", "ruleset").ShouldNotContain("timeout 2h");
    }

    /// <summary>Rule W4: the tables were flushed while the agent was stopped, and the guard found nothing to shut.</summary>
    [Fact]
    public void Tables_that_are_made_anew_open_only_under_a_lease_looked_at_after_that()
    {
        var looks = 0;
        Renew(() =>
        {
            if (++looks > 1)
                return null;
            _wire.Host.Nft("flush ruleset");
            _guard.Shut().ShouldBe(0);
            return TimeSpan.FromMinutes(5);
        }).Succeeded.ShouldBeTrue();
        looks.ShouldBe(2);
        _wire.Leased().ShouldBeEmpty();
    }

    private uint Generation()
    {
        _elements.ReadGeneration(out var generation).ToString().ShouldBe("done");
        generation.ShouldNotBe(0u);
        return generation;
    }

    private NetlinkResult Lease(uint generation) =>
        _elements.Lease([HostOnWire.Address4, HostOnWire.Address6], TimeSpan.FromMinutes(5), generation);

    private NetworkOutcome Renew(Func<TimeSpan?> left) => _wire.Host.Do(() => _network.RenewGate(HostOnWire.Vips, left));
}
