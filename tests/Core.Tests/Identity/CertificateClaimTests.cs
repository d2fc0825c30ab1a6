using HaGrpc.Core.Identity;

namespace HaGrpc.Core.Tests.Identity;

/// <summary>For whom a certificate speaks.</summary>
public sealed class CertificateClaimTests
{
    [Fact]
    public void A_hosts_certificate_speaks_for_its_host_alone_and_for_no_operator()
    {
        var claim = CertificateClaim.Of(["b"], ["c"], ["hagrpc://host/a"]);

        (claim.Kind, claim.Host, claim.Operator).ShouldBe((ClaimKind.Host, "a", null));
        (claim.SpeaksFor("a"), claim.SpeaksFor("A"), claim.SpeaksFor("b"), claim.SpeaksFor("c")).ShouldBe((true, false, false, false));
        claim.ToString().ShouldBe("host 'a'");
    }

    [Fact]
    public void An_operators_certificate_speaks_for_no_host()
    {
        var claim = CertificateClaim.Of(["a"], ["a"], ["https://example.org/", "hagrpc://operator/eve"]);

        (claim.Kind, claim.Host, claim.Operator, claim.SpeaksFor("a"), claim.SpeaksFor("eve")).ShouldBe((ClaimKind.Operator, null, "eve", false, false));
        claim.ToString().ShouldBe("the operator eve");
    }

    [Fact]
    public void A_certificate_without_a_mark_is_for_its_names_as_those_of_others_are()
    {
        var claim = CertificateClaim.Of(["eve", "second"], ["a.example.org", "eve"], []);

        (claim.Kind, claim.Host, claim.Operator).ShouldBe((ClaimKind.Unmarked, null, "eve"));
        (claim.SpeaksFor("EVE"), claim.SpeaksFor("A.example.org"), claim.SpeaksFor("b")).ShouldBe((true, true, false));
        claim.ToString().ShouldBe("eve, second, a.example.org");
        CertificateClaim.None.ToString().ShouldBe("no name at all");
        (CertificateClaim.None.Operator, CertificateClaim.None.SpeaksFor("")).ShouldBe((null, false));
    }

    [Theory]
    [InlineData("hagrpc://host/a", "hagrpc://operator/a")]
    [InlineData("hagrpc://host/a", "hagrpc://host/b")]
    public void A_certificate_that_says_several_things_speaks_for_nobody(string one, string other)
    {
        var claim = CertificateClaim.Of(["a"], ["a"], [one, other]);

        (claim.Kind, claim.Host, claim.Operator, claim.SpeaksFor("a"), claim.SpeaksFor("b")).ShouldBe((ClaimKind.Contradictory, null, null, false, false));
    }

    [Theory]
    [InlineData("a")]
    [InlineData("web-1.example_x")]
    [InlineData("主机一")]
    [InlineData("a%2fb?c#d")]
    public void Names_come_back_from_their_uris_as_they_were(string name)
    {
        CertificateClaim.Of([], [], [CertificateClaim.HostUri(name).AbsoluteUri]).Host.ShouldBe(name);
        CertificateClaim.Of([], [], [CertificateClaim.OperatorUri(name).AbsoluteUri]).Operator.ShouldBe(name);
    }

    [Theory]
    [InlineData("hagrpc://host/")]
    [InlineData("hagrpc://hosts/a")]
    [InlineData("https://host/a")]
    public void Other_uris_are_no_marks(string uri) => CertificateClaim.Of([], [], [uri]).Kind.ShouldBe(ClaimKind.Unmarked);
}
