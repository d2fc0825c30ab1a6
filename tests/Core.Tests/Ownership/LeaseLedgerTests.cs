using HaGrpc.Core.Model;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

/// <summary>What the control plane must fear (rules L5, V1): the owner acts under the one-second view 1, and then under the shorter view 2.</summary>
public sealed class LeaseLedgerTests
{
    private readonly LeaseLedger _ledger = new(
        new StoredGroup(TestGroup.Pair("web"), new("web", "a", 1), 1, [View(1, 1000)]), At(0), Rule.None);

    /// <summary>A slow database stores the confirmation when the same member has the group again, under the next epoch.</summary>
    [Fact]
    public void A_confirmation_that_is_stored_late_shortens_no_lease_of_the_next_epoch()
    {
        ActsUnderTheShorterView(At(10_000));
        _ledger.Restart(At(11_000), TimeSpan.FromMilliseconds(400));
        _ledger.Grant(At(12_000));

        _ledger.Confirm(2);

        _ledger.Expiry.ShouldBe(At(12_400));
    }

    [Fact]
    public void A_confirmation_that_is_stored_late_does_not_shorten_what_a_new_epoch_counts_as()
    {
        ActsUnderTheShorterView(At(10_000));
        _ledger.Restart(At(11_000), TimeSpan.FromMilliseconds(400));

        _ledger.Confirm(2);

        _ledger.Expiry.ShouldBe(At(11_400));
    }

    /// <summary>The owner says what it holds before it hears of the last renewal: that one is not taken back by its next word.</summary>
    [Fact]
    public void A_confirmation_forgets_no_renewal_that_is_on_its_way()
    {
        ActsUnderTheShorterView(At(10_000));
        _ = _ledger.Report(Holding(2, left: 100), renewed: true, At(10_200));
        _ = _ledger.Report(Holding(2, left: 50), renewed: false, At(10_250));

        _ledger.Confirm(2);

        _ledger.Expiry.ShouldBe(At(10_600));
    }

    [Fact]
    public void A_confirmation_forgets_what_was_granted_under_the_view_before()
    {
        ActsUnderTheShorterView(At(10_000));
        _ledger.Expiry.ShouldBe(At(10_900), "view 1 may still be acted under");

        _ledger.Confirm(2);

        _ledger.Expiry.ShouldBe(At(10_400));
    }

    private void ActsUnderTheShorterView(BootInstant at)
    {
        _ = _ledger.Report(Holding(1, left: 900), renewed: false, at);
        _ledger.Store(View(2, 400));
        _ledger.Report(Holding(2, left: 300), renewed: true, at).ShouldBeTrue("view 2 is to be confirmed");
    }

    private static View View(long version, int milliseconds) => new(version, ["a", "b"], TimeSpan.FromMilliseconds(milliseconds));

    private static Holding Holding(long view, int left) => new("web", 1, view, TimeSpan.FromMilliseconds(left));

    private static BootInstant At(long ms) => new(1_000_000_000_000 + (ms * 1_000_000));
}
