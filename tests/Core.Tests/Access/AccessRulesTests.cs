using HaGrpc.Core.Access;

namespace HaGrpc.Core.Tests.Access;

/// <summary>Who may do what, and who may be let in or sent away.</summary>
public sealed class AccessRulesTests
{
    private static readonly TouchedGroups Web = new(false, ["web"]), All = new(true, []);

    private static OperatorAccount Account(string name, OperatorRole role, params string[] groups) =>
        new(name, AccountKind.Certificate, role, [.. groups], null, false);

    [Theory]
    [InlineData(OperatorRole.Viewer, OperatorRole.Viewer, true)]
    [InlineData(OperatorRole.Viewer, OperatorRole.Operator, false)]
    [InlineData(OperatorRole.Viewer, OperatorRole.Admin, false)]
    [InlineData(OperatorRole.Operator, OperatorRole.Viewer, true)]
    [InlineData(OperatorRole.Operator, OperatorRole.Operator, true)]
    [InlineData(OperatorRole.Operator, OperatorRole.Admin, false)]
    [InlineData(OperatorRole.Admin, OperatorRole.Admin, true)]
    public void A_role_may_all_that_the_lesser_ones_may(OperatorRole has, OperatorRole needed, bool may)
    {
        AccessRules.Denial(Account("eve", has), needed, Web).ShouldBe(
            may ? null : $"you are eve ({OperatorAccount.NameOf(has)} of all groups): the role {OperatorAccount.NameOf(needed)} is missing for group web");
    }

    [Fact]
    public void A_role_for_some_groups_is_none_for_others()
    {
        var eve = Account("eve", OperatorRole.Operator, "web*", "db");
        AccessRules.Denial(eve, OperatorRole.Operator, Web).ShouldBeNull();
        AccessRules.Denial(eve, OperatorRole.Operator, new(false, ["web-2", "db", "web"])).ShouldBeNull();
        AccessRules.Denial(eve, OperatorRole.Operator, new(false, ["web", "mail"]))
            .ShouldBe("you are eve (operator of web*, db): the role operator is missing for group mail");
        AccessRules.Denial(eve, OperatorRole.Operator, new(false, ["h", "g", "f", "e", "d", "c", "web"]))
            .ShouldBe("you are eve (operator of web*, db): the role operator is missing for groups c, d, e, f, g and 1 more");
        AccessRules.Denial(eve, OperatorRole.Admin, new(false, []), "host a")
            .ShouldBe("you are eve (operator of web*, db): the role admin is missing for host a");
        AccessRules.Denial(eve, OperatorRole.Viewer, All)
            .ShouldBe("you are eve (operator of web*, db): the role viewer is missing for all groups, which this is about");
        AccessRules.Denial(Account("eve", OperatorRole.Operator, "*"), OperatorRole.Operator, All)
            .ShouldNotBeNull("a pattern is about groups that there are");
        AccessRules.Denial(Account("eve", OperatorRole.Viewer), OperatorRole.Admin, All)
            .ShouldBe("you are eve (viewer of all groups): the role admin is missing for all groups");
    }

    [Theory]
    [InlineData("web", "web", true)]
    [InlineData("web", "web2", false)]
    [InlineData("web*", "web", true)]
    [InlineData("web*", "my-web", false)]
    [InlineData("*-db", "shop-db", true)]
    [InlineData("*-db", "shop-db2", false)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b*c", "a-c-b", false)]
    [InlineData("w?b", "web", true)]
    [InlineData("w?b", "wb", false)]
    [InlineData("*", "", true)]
    [InlineData("", "x", false)]
    [InlineData("**", "x", true)]
    [InlineData("WEB", "web", false)]
    public void Patterns_are_of_whole_names(string pattern, string name, bool matches) =>
        NamePattern.Matches(pattern, name).ShouldBe(matches);

    [Fact]
    public void The_first_operator_must_be_able_to_add_others_and_to_come_in()
    {
        var admin = Account("eve", OperatorRole.Admin);
        AccessRules.AdditionProblem([], admin, "eve").ShouldBeNull();
        AccessRules.AdditionProblem([], admin with { Kind = AccountKind.Token }, null).ShouldBeNull();
        AccessRules.AdditionProblem([], admin, "bob").ShouldNotBeNull().ShouldStartWith("name: the first operator must be you, bob, or have a token");
        AccessRules.AdditionProblem([], admin, null).ShouldNotBeNull().ShouldStartWith("name: the first operator must be you, and you have no client certificate");
        foreach (var other in new[]
        {
            Account("eve", OperatorRole.Operator), Account("eve", OperatorRole.Admin, "*"),
            admin with { ExpiresAt = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) },
        })
        {
            AccessRules.AdditionProblem([], other, "eve").ShouldBe("role: the first operator must be an admin of all groups, without an end: else nobody could add others");
            AccessRules.AdditionProblem([Account("bob", OperatorRole.Admin)], other, null).ShouldBeNull("there is one who can");
        }
    }

    [Fact]
    public void What_cannot_be_a_name_or_is_known_is_refused()
    {
        OperatorAccount[] known = [Account("bob", OperatorRole.Admin)];
        AccessRules.AdditionProblem(known, Account("bob", OperatorRole.Viewer), null).ShouldBe("name: there is an operator bob already: remove it first");
        AccessRules.AdditionProblem(known, Account("", OperatorRole.Viewer), null).ShouldBe("name: an operator needs a name");
        AccessRules.AdditionProblem(known, Account("a/b", OperatorRole.Viewer), null).ShouldBe("name: the name of an operator must not contain '/'");
        AccessRules.AdditionProblem(known, Account("eve", OperatorRole.Viewer, "web:*"), null)
            .ShouldBe("groups: 'web:*': the name of a group must not contain ':'");
    }

    [Fact]
    public void The_last_admin_stays()
    {
        var (eve, bob) = (Account("eve", OperatorRole.Admin), Account("bob", OperatorRole.Admin));
        AccessRules.RemovalProblem([eve, bob], "eve").ShouldBeNull();
        const string Last = "eve is the last admin of all groups without an end: add another one first";
        AccessRules.RemovalProblem([eve], "eve").ShouldBe(Last);
        AccessRules.RemovalProblem([eve, bob with { IsDisabled = true }], "eve").ShouldBe(Last);
        AccessRules.RemovalProblem([eve, Account("bob", OperatorRole.Admin, "web")], "eve").ShouldBe(Last);
        AccessRules.RemovalProblem([eve, bob with { ExpiresAt = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero) }], "eve").ShouldBe(Last);
        AccessRules.RemovalProblem([eve, bob with { IsDisabled = true }], "bob").ShouldBeNull();
    }

    [Fact]
    public void A_disabled_account_and_one_whose_time_is_over_are_good_for_nothing()
    {
        var end = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var eve = Account("eve", OperatorRole.Admin) with { ExpiresAt = end };
        eve.Obstacle(end.AddTicks(-1)).ShouldBeNull();
        eve.Obstacle(end).ShouldBe("its time is over");
        (eve with { IsDisabled = true }).Obstacle(end.AddDays(-1)).ShouldBe("it is disabled");
    }
}
