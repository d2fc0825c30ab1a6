using HaGrpc.Core.Access;
using HaGrpc.Core.Guard;

namespace HaGrpc.Core.Tests.Guard;

/// <summary>Who may approve what another operator has asked for.</summary>
public sealed class ApprovalTests
{
    private static readonly DateTimeOffset Now = new(2031, 2, 3, 4, 5, 6, TimeSpan.Zero);

    private static readonly Approval Asked = new()
    {
        Id = 7,
        Act = GuardedAct.StopGroup,
        Digest = "d",
        Fingerprint = "f",
        Name = "web",
        Summary = "",
        Touched = new(false, ["web"]),
        Role = OperatorRole.Operator,
        RequestedBy = "eve",
        RequestedAt = Now,
        Reason = "",
    };

    [Fact]
    public void Another_operator_with_the_role_for_these_groups_may()
    {
        Problem(Asked, "bob", OperatorRole.Operator).ShouldBeNull();
        Problem(Asked, "bob", OperatorRole.Operator, "web*").ShouldBeNull();
        Problem(Asked, "eve", OperatorRole.Admin).ShouldBe("you have asked for approval 7 yourself: another operator has to decide");
        Problem(Asked, "bob", OperatorRole.Viewer).ShouldNotBeNull().ShouldContain("the role operator is missing");
        Problem(Asked, "bob", OperatorRole.Admin, "mail").ShouldNotBeNull().ShouldContain("is missing for group web");
    }

    [Fact]
    public void What_is_decided_or_too_old_is_not_decided_again()
    {
        Problem(Asked with { State = ApprovalState.Denied, DecidedBy = "zoe" }, "bob", OperatorRole.Admin).ShouldBe("approval 7 is denied already, by zoe");
        var late = Now + Approval.Lifetime;
        Asked.DecisionProblem(Account("bob", OperatorRole.Admin), late).ShouldBe("approval 7 has expired: eve has to ask again");
        Asked.DecisionProblem(Account("bob", OperatorRole.Admin), late - TimeSpan.FromTicks(1)).ShouldBeNull();
        (Asked with { State = ApprovalState.Approved }).IsExpired(late).ShouldBeTrue("it was not used in time");
        (Asked with { State = ApprovalState.Used }).IsExpired(late).ShouldBeFalse();
    }

    private static string? Problem(Approval asked, string name, OperatorRole role, params string[] groups) =>
        asked.DecisionProblem(Account(name, role, groups), Now);

    private static OperatorAccount Account(string name, OperatorRole role, params string[] groups) =>
        new(name, AccountKind.Certificate, role, [.. groups], null, false);
}
