using Google.Protobuf.WellKnownTypes;
using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

public sealed class OperatorCommandTests
{
    [Fact]
    public async Task A_token_stands_alone_on_standard_output()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync("operator", "add", "ci", "--role", "operator", "--groups", "web*, db", "--token", "--ttl", "90d");
        (run.Code, run.Out).ShouldBe((0, "hagrpc1op.1.secret\n"));
        run.Error.ShouldBe("ci: operator of web*, db, recognised by this token, which is not shown again\n");
        plane.Access.Asked.ShouldHaveSingleItem().ShouldBe(new AddOperatorRequest
        {
            Name = "ci",
            Role = OperatorRole.Operator,
            Groups = { "web*", "db" },
            ByToken = true,
            Ttl = Duration.FromTimeSpan(TimeSpan.FromDays(90)),
            Reason = "hactl operator add by wu",
        });
        var json = await plane.RunAsync("operator", "add", "eve", "--role", "admin", "-o", "json");
        json.Out.ShouldContain("\"token\": null");
        (await plane.RunAsync("operator", "add", "eve", "--role", "admin")).Out.ShouldBe("eve: admin of all groups, recognised by client certificate\n");
    }

    [Theory]
    [InlineData("operator add x", "Option '--role' is required.")]
    [InlineData("operator add x --role king", "Argument 'king' not recognized. Must be one of: 'viewer' 'operator' 'admin'")]
    [InlineData("operator add x --role admin --ttl 5", "--ttl 5: must be a time from 1m to 3660d, such as 90d or 12h")]
    [InlineData("operator add x --role admin --ttl 30s", "--ttl 30s: must be a time from 1m to 3660d")]
    [InlineData("operator remove", "Required argument 'NAME' missing for command: 'remove'.")]
    public async Task What_is_wrong_is_told_and_nothing_is_asked(string line, string error)
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var run = await plane.RunAsync(line.Split(' '));
        run.Error.ShouldContain(error);
        (run.Code, plane.Access.Asked.Count).ShouldBe((2, 0));
    }

    [Fact]
    public async Task Operators_are_listed_switched_and_removed()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var at = Timestamp.FromDateTimeOffset(FakeControlPlane.Time.GetUtcNow());
        plane.Access.Accounts.Add(new() { Name = "eve", Role = OperatorRole.Admin, CreatedAt = at, CreatedBy = "1:1" });
        plane.Access.Accounts.Add(new() { Name = "ci", Role = OperatorRole.Viewer, Groups = { "web*" }, ByToken = true, CreatedAt = at, CreatedBy = "eve", ExpiresAt = at });
        plane.Access.Accounts.Add(new() { Name = "old", Role = OperatorRole.Operator, Disabled = true, CreatedAt = at, CreatedBy = "eve" });
        (await plane.RunAsync("operator", "list")).Out.ShouldBe("""
            NAME  ROLE      GROUPS  BY           UNTIL                ADDED                ADDED BY
            eve   admin     all     certificate  -                    2026-11-23 09:30:00  1:1
            ci    viewer    web*    token        2026-11-23 09:30:00  2026-11-23 09:30:00  eve
            old   operator  all     certificate  disabled             2026-11-23 09:30:00  eve

            """);
        (await plane.RunAsync("operator", "disable", "eve")).Out.ShouldBe("eve: disabled\n");
        (await plane.RunAsync("operator", "enable", "old", "--reason", "is back")).Out.ShouldBe("old: enabled\n");
        (await plane.RunAsync("operator", "remove", "old")).Out.ShouldBe("old: removed\n");
        plane.Access.Asked.ShouldBe(
        [
            new SetOperatorDisabledRequest { Name = "eve", Disabled = true, Reason = "hactl operator disable by wu" },
            new SetOperatorDisabledRequest { Name = "old", Disabled = false, Reason = "is back" },
            new RemoveOperatorRequest { Name = "old", Reason = "hactl operator remove by wu" },
        ]);
        var unknown = await plane.RunAsync("operator", "disable", "nope");
        (unknown.Code, unknown.Error).ShouldBe((1, "hactl: refused: operator: there is no operator nope\n"));
    }

    [Fact]
    public async Task Whoami_says_what_one_may_do()
    {
        await using var plane = await FakeControlPlane.StartAsync();
        var open = await plane.RunAsync("whoami");
        (open.Code, open.Out).ShouldBe((0, "127.0.0.1:5, known by address, from 127.0.0.1:5\nNo operator is registered: everybody may do everything.\n"));
        plane.Access.Caller = new() { Name = "CN=bob", Kind = "certificate", Address = "10.0.0.7:5", Account = new() { Name = "bob", Role = OperatorRole.Operator, Groups = { "web*" } } };
        (await plane.RunAsync("whoami")).Out.ShouldBe("CN=bob, known by certificate, from 10.0.0.7:5\nbob: operator of web*\n");
        plane.Access.Caller = new() { Name = "CN=x", Kind = "certificate", Address = "10.0.0.7:5", Detail = "no account has this name" };
        var stranger = await plane.RunAsync("whoami");
        (stranger.Code, stranger.Out).ShouldBe((1, "CN=x, known by certificate, from 10.0.0.7:5\nNot recognised: no account has this name\n"));
    }
}
