using HaGrpc.Core.Access;
using HaGrpc.Core.Guard;
using HaGrpc.Core.Language;

namespace HaGrpc.Core.Tests.Guard;

/// <summary>What an act would hit: what is said of it, and what has to stay the same for a confirmation.</summary>
public sealed class BlastRadiusTests
{
    private static readonly GroupHit Web = new("web", "a", 3, ["10.0.0.1/24"], [new("web:db", "a", true), new("web:http", "a", true), new("web:once", "a", false)]);
    private static readonly BlastRadius Stop = new(GuardedAct.StopGroup, "web", [Web], new TouchedGroups(false, ["web"]), [], []);

    [Fact]
    public void It_is_told_in_one_line()
    {
        Stop.Describe(12, isAll: true).ShouldBe("2 running programs (web:db, web:http); VIP 10.0.0.1/24; host a; 12 clients connected");
        Stop.Describe(null, isAll: false).ShouldEndWith("; clients unknown");
        Stop.Describe(1, isAll: false).ShouldEndWith("; 1 client connected, of some groups unknown");
        (Stop with { Groups = [Web with { Programs = [], Owner = "", Vips = [] }], Notes = [SaidText.Of($"{"b"} is not ready")] }).Describe(0, isAll: true)
            .ShouldBe("no running program; 0 clients connected; b is not ready");
        var many = Web with { Programs = [.. Enumerable.Range(0, 8).Select(i => new HitProgram($"web:{i}", "a", true))] };
        (Stop with { Groups = [many] }).Describe(0, isAll: true).ShouldStartWith("8 running programs (web:0, web:1, web:2, web:3, web:4 and 3 more); ");
    }

    [Fact]
    public void Its_parts_have_their_values_apart_for_other_languages()
    {
        var seven = Web with { Programs = [.. Enumerable.Range(0, 7).Select(i => new HitProgram($"web:{i}", "a", true))], Vips = ["10.0.0.1/24", "10.0.0.2/24"] };
        var parts = (Stop with { Groups = [seven] }).Parts(3, isAll: false).ToArray();
        parts.Select(p => p.Message).ShouldBe(["{0} running programs ({1} and {2} more)", "VIPs {0}", "host {0}", "{0} clients connected, of some groups unknown"]);
        parts[0].Values.ShouldBe(["7", "web:0, web:1, web:2, web:3, web:4", "2"]);
        parts[0].Text.ShouldBe("7 running programs (web:0, web:1, web:2, web:3, web:4 and 2 more)");
    }

    [Fact]
    public void Hosts_are_those_of_owners_and_of_what_runs()
    {
        var hit = Web with { Programs = [new("web:shipper", "b", true), new("web:idle", "c", false)] };
        (Stop with { Groups = [hit], Hosts = ["z"] }).AllHosts.ShouldBe(["a", "b", "z"]);
    }

    [Fact]
    public void Another_owner_epoch_address_program_or_state_needs_another_confirmation()
    {
        BlastRadius[] others =
        [
            Stop with { Act = GuardedAct.Stop },
            Stop with { Hosts = ["b"] },
            Stop with { Touched = new(false, ["web", "x"]) },
            Stop with { Groups = [Web with { Owner = "b" }] },
            Stop with { Groups = [Web with { Epoch = 4 }] },
            Stop with { Groups = [Web with { Vips = ["10.0.0.2/24"] }] },
            Stop with { Groups = [Web with { Programs = Web.Programs.RemoveAt(0) }] },
            Stop with { Groups = [Web with { Programs = Web.Programs.SetItem(2, new("web:once", "a", true)) }] },
            Stop with { Groups = [Web, Web with { Group = "mail" }] },
        ];
        others.Append(Stop).Select(r => r.Fingerprint()).ShouldBeUnique();
    }

    [Fact]
    public void The_order_and_what_is_said_beside_make_no_difference()
    {
        var turned = Stop with { Groups = [Web with { Programs = [.. Web.Programs.Reverse()] }], Notes = [SaidText.Of("something is 3 s old")] };
        turned.Fingerprint().ShouldBe(Stop.Fingerprint());
    }

    [Theory]
    [InlineData("web", "web", true)]
    [InlineData("web", " web ", true)]
    [InlineData("db,web", "web,db", true)]
    [InlineData("db,web", "web", false)]
    [InlineData("web", "yes", false)]
    [InlineData("web", "", false)]
    [InlineData("web", null, false)]
    public void Whoever_confirms_says_the_name_again(string name, string? said, bool matches) => ConfirmedName.Matches(name, said).ShouldBe(matches);

    [Fact]
    public void Of_many_groups_nobody_has_to_type_all_names()
    {
        ConfirmedName.Of(["web", "db"]).ShouldBe("db,web");
        ConfirmedName.Of(["a", "b", "c", "d", "e", "f"]).ShouldBe("6-groups");
    }
}
