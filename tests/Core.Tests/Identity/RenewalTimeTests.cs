using HaGrpc.Core.Identity;

namespace HaGrpc.Core.Tests.Identity;

/// <summary>When certificates are renewed, and what is revoked.</summary>
public sealed class RenewalTimeTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_is_at_two_thirds_of_the_life() => RenewalTime.DueAt(Noon, Noon.AddDays(90)).ShouldBe(Noon.AddDays(60));

    [Theory]
    [InlineData(30 * 86400, 3600)]
    [InlineData(3600, 180)]
    [InlineData(10, 1)]
    [InlineData(0, 3600)]
    [InlineData(-86400, 3600)]
    public void After_a_failure_it_is_tried_the_sooner_the_less_is_left(int left, int pause) =>
        RenewalTime.PauseAfterFailure(TimeSpan.FromSeconds(left)).ShouldBe(TimeSpan.FromSeconds(pause));

    [Fact]
    public void A_host_is_revoked_with_whatever_it_comes_and_a_certificate_wherever_it_comes_from()
    {
        var revoked = Revocations.None with
        {
            Certificates = Revocations.None.Certificates.Add("f1", "b"),
            Hosts = Revocations.None.Hosts.Add("a", new("CN=eve", new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), "stolen")),
        };

        revoked.Objection("f2", "b").ShouldBeNull();
        revoked.Objection(null, null).ShouldBeNull();
        revoked.Objection(null, "a").ShouldBe(
            "host 'a' is revoked by eve since 2026-03-01 12:00:00 UTC (stolen): hactl host allow a lets it back, with a new certificate (hactl token create --host a)");
        revoked.Objection("f1", "c").ShouldNotBeNull().ShouldStartWith("this certificate of host 'b' is revoked: ");
        Revocations.None.Objection("f1", "a").ShouldBeNull();
    }

    [Fact]
    public void Only_the_agent_of_a_deleted_host_takes_leave_with_what_is_void()
    {
        var deleted = Revocations.None with { Certificates = Revocations.None.Certificates.Add("f1", "a").Add("f2", "a"), OfDeletedHosts = ["f1"] };

        (deleted.MayTakeLeave("f1", "a"), deleted.Objection("f1", "a") is null).ShouldBe((true, false));
        (deleted.MayTakeLeave("f2", "a"), deleted.MayTakeLeave("f1", "b"), deleted.MayTakeLeave("f1", null), deleted.MayTakeLeave(null, "a"))
            .ShouldBe((false, false, false, false));
        (deleted with { Hosts = deleted.Hosts.Add("a", new("eve", default, "")) }).MayTakeLeave("f1", "a").ShouldBeFalse("it was revoked as well");
    }
}
