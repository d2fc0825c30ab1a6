using HaGrpc.ControlPlane.Access;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>Tokens of automation: what is told once, and what is kept.</summary>
public sealed class OperatorTokenTests
{
    [Fact]
    public void What_is_kept_fits_the_token_and_no_other()
    {
        var (token, other) = (OperatorToken.Create(), OperatorToken.Create());
        token.Hash.Length.ShouldBe(64);
        token.Hash.ShouldNotContain(token.Secret);
        token.Fits(token.Hash).ShouldBeTrue();
        token.Fits(other.Hash).ShouldBeFalse();
        token.Fits("").ShouldBeFalse();
        (token.Id, token.Secret).ShouldNotBe((other.Id, other.Secret));
        // 256 bits in base64 without padding.
        token.Secret.Length.ShouldBe(43);
    }

    [Fact]
    public void A_token_is_read_back_and_shows_no_secret_by_accident()
    {
        var token = OperatorToken.Create();
        OperatorToken.Parse(token.Text).ShouldBe(token);
        $"{token}".ShouldNotContain(token.Secret);
        foreach (var wrong in new[] { "", "hagrpc1op", "hagrpc1op.id", "hagrpc1op..secret", "hagrpc1op.id.", "hagrpc2op.id.secret", $"{token.Text}.more" })
            OperatorToken.Parse(wrong).ShouldBeNull(wrong);
    }
}
