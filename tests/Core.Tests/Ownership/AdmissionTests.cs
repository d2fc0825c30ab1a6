using HaGrpc.Core.Identity;
using HaGrpc.Core.Ownership;

namespace HaGrpc.Core.Tests.Ownership;

public sealed class AdmissionTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly Guid Boot = Guid.Parse("11111111-1111-1111-1111-111111111111");
    private static readonly Guid OtherBoot = Guid.Parse("22222222-2222-2222-2222-222222222222");
    private static readonly Guid Instance = Guid.Parse("33333333-3333-3333-3333-333333333333");
    private static readonly Guid OtherInstance = Guid.Parse("44444444-4444-4444-4444-444444444444");
    private static readonly Applicant Agent = new("alpha", Instance, Boot, "10.0.0.1:5000", Noon, null);
    private static readonly AdmissionFacts Facts = new(["alpha", "beta"], null, false, Noon, TimeSpan.FromSeconds(60));

    [Fact]
    public void A_registered_host_is_welcome() => Admission.Judge(Agent, Facts).ShouldBe(AdmissionVerdict.Welcome);

    [Fact]
    public void An_unknown_host_is_told_how_to_register()
    {
        var verdict = Admission.Judge(Agent with { Host = "alpah" }, Facts);

        (verdict.Admitted, verdict.Objection).ShouldBe((false, AdmissionObjection.UnknownHost));
        verdict.Message.ShouldBe(
            "host 'alpah' is not registered: hactl apply a manifest that names it; did you mean 'alpha'?");
    }

    [Fact]
    public void Another_machine_of_the_same_name_is_refused_while_the_first_may_act()
    {
        var verdict = Admission.Judge(Agent, Facts with { Incumbent = Other(silence: 1.7, lease: 1.7) });

        (verdict.Admitted, verdict.Objection).ShouldBe((false, AdmissionObjection.NameClash));
        verdict.Message.ShouldContain("10.0.0.9:4000");
        verdict.Message.ShouldContain(OtherBoot.ToString());
        verdict.Message.ShouldContain("heard 1.7 s ago");
    }

    [Fact]
    public void A_machine_that_booted_again_gets_its_name_back_when_the_old_stream_is_silent() =>
        Admission.Judge(Agent, Facts with { Incumbent = Other(silence: 1.8, lease: 1.7) }).Admitted.ShouldBeTrue();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_restarted_agent_and_one_that_dials_again_replace_the_older_stream(bool sameInstance)
    {
        var incumbent = new Incumbent(
            sameInstance ? Instance : OtherInstance, sameInstance ? OtherBoot : Boot, "10.0.0.1:4000", TimeSpan.Zero, TimeSpan.FromSeconds(2));

        Admission.Judge(Agent, Facts with { Incumbent = incumbent }).Admitted.ShouldBeTrue();
    }

    [Fact]
    public void A_certificate_for_another_host_is_refused()
    {
        var verdict = Admission.Judge(Agent with { Certificate = CertificateClaim.Of(["beta"], ["beta.example"], []) }, Facts);

        (verdict.Admitted, verdict.Objection).ShouldBe((false, AdmissionObjection.CertificateClash));
        verdict.Message.ShouldContain("beta, beta.example");
    }

    [Fact]
    public void A_certificate_of_the_host_is_accepted() =>
        Admission.Judge(Agent with { Certificate = CertificateClaim.Of(["x"], ["ALPHA"], []) }, Facts).Admitted.ShouldBeTrue();

    [Fact]
    public void A_revoked_certificate_or_host_is_refused_and_told_why()
    {
        var verdict = Admission.Judge(Agent, Facts with { Revocation = "host 'alpha' is revoked by eve" });

        (verdict.Admitted, verdict.Objection, verdict.Message).ShouldBe((false, AdmissionObjection.Revoked, "host 'alpha' is revoked by eve"));
    }

    [Fact]
    public void A_wall_clock_that_is_off_is_refused_with_both_times()
    {
        var verdict = Admission.Judge(Agent with { WallClock = Noon.AddSeconds(61) }, Facts);

        (verdict.Admitted, verdict.Objection).ShouldBe((false, AdmissionObjection.ClockClash));
        verdict.Message.ShouldBe(
            "the clock of host 'alpha' is 61 s ahead: it says 2026-03-01 12:01:01Z, the control plane says "
                + "2026-03-01 12:00:00Z; at most 60 s are allowed. Set the clock (NTP)");
    }

    [Fact]
    public void A_wall_clock_never_stops_a_service_an_owner_is_only_warned_of()
    {
        var verdict = Admission.Judge(Agent with { WallClock = Noon.AddDays(-400) }, Facts with { OwnsGroups = true });

        (verdict.Admitted, verdict.Objection).ShouldBe((true, AdmissionObjection.ClockClash));
        verdict.Message.ShouldContain("behind");
    }

    private static Incumbent Other(double silence, double lease) =>
        new(OtherInstance, OtherBoot, "10.0.0.9:4000", TimeSpan.FromSeconds(silence), TimeSpan.FromSeconds(lease));
}
