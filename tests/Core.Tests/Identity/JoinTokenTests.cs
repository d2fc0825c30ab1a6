using HaGrpc.Core.Identity;

namespace HaGrpc.Core.Tests.Identity;

/// <summary>What a join token is, and what becomes of it.</summary>
public sealed class JoinTokenTests
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly JoinTokenFacts Facts = new("a", Noon.AddHours(1), null, "", null, "");
    private static readonly JoinToken Token = JoinToken.Of(new byte[JoinToken.IdBytes], new byte[JoinToken.SecretBytes], new string('f', 64));

    [Fact]
    public void It_is_read_as_it_was_written_and_says_no_secret_by_itself()
    {
        JoinToken.Parse(Token.Text).ShouldBe(Token);
        Token.ToString().ShouldBe("hagrpc1join.0000000000000000");
        Token.Fits(Token.SecretHash).ShouldBeTrue();
        (Token with { Secret = "x" }).Fits(Token.SecretHash).ShouldBeFalse();
        Token.Fits("").ShouldBeFalse();
    }

    [Theory]
    [InlineData("")]
    [InlineData("hagrpc1op.a.b")]
    [InlineData("hagrpc1join.a.b")]
    [InlineData("hagrpc1join.a.b.c")]
    [InlineData("hagrpc1join..b.ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff")]
    [InlineData("hagrpc1join.a.b.FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF")]
    [InlineData("hagrpc1join.a.b.ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff.e")]
    public void What_is_none_is_not_read(string text) => JoinToken.Parse(text).ShouldBeNull();

    [Fact]
    public void It_is_good_for_its_host_until_its_end()
    {
        JoinTokenRules.Objection(Facts, "a", Noon).ShouldBeNull();
        JoinTokenRules.Objection(Facts, "a", Noon.AddMinutes(60).AddTicks(-1)).ShouldBeNull();
        JoinTokenRules.Objection(Facts, "a", Noon.AddMinutes(60)).ShouldBe("the token was good until 2026-03-01 13:00:00 UTC; create another one: hactl token create --host a");
        JoinTokenRules.Objection(Facts, "A", Noon).ShouldBe("the token is for host 'a', not for 'A': run the command on that host, or create a token for this one");
    }

    [Fact]
    public void It_is_good_once_and_the_second_user_hears_who_was_the_first()
    {
        var used = Facts with { UsedAt = Noon, UsedFrom = "10.0.0.7" };

        JoinTokenRules.Objection(used, "a", Noon.AddMinutes(1)).ShouldBe(
            "the token was used at 2026-03-01 12:00:00 UTC from 10.0.0.7, and is good for one certificate. If that was not you, revoke the host (hactl host revoke a);"
            + " create another one: hactl token create --host a");
        JoinTokenRules.StateOf(used, Noon.AddDays(9)).ShouldBe(JoinTokenState.Used, "what happened first counts");
    }

    [Fact]
    public void A_revoked_one_is_void()
    {
        var revoked = Facts with { RevokedAt = Noon, RevokedBy = "CN=eve" };

        JoinTokenRules.StateOf(revoked, Noon.AddDays(9)).ShouldBe(JoinTokenState.Revoked);
        JoinTokenRules.Objection(revoked, "a", Noon).ShouldBe("the token was revoked at 2026-03-01 12:00:00 UTC by eve; create another one: hactl token create --host a");
    }
}
