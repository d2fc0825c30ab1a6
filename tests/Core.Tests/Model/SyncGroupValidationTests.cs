using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

/// <summary>What groups of one sync group must have in common.</summary>
public sealed class SyncGroupValidationTests
{
    private static readonly Group Web = Sample.Group with { SyncGroup = "shop" };
    private static readonly Group Db = Web with { Name = "db", Vips = [], Routes = [] };

    [Fact]
    public void Equal_groups_may_move_together() => Errors([Web, Db with { Members = [.. Web.Members.Reverse()] }]).ShouldBeEmpty();

    [Fact]
    public void All_that_differs_is_named_at_once() =>
        Errors(
            [
                Web,
                Db with
                {
                    Members = [new("a", 110), new("b", 80)],
                    Failback = new(FailbackMode.Automatic, TimeSpan.FromMinutes(5)),
                    Timing = GroupTiming.Fast,
                },
            ]).ShouldBe(
            [
                "groups[1].members: a (110), b (80): the same for all groups of sync group shop: group web has a (120), b (80)",
                "groups[1].failback: automatic after 5m: the same for all groups of sync group shop: group web has manual",
                "groups[1].timing: ttl 400ms, heartbeat 80ms, takeover_margin 100ms, solo_ttl 10m: the same for all groups of sync group shop: "
                + "group web has ttl 1.5s, heartbeat 300ms, takeover_margin 200ms, solo_ttl 10m",
            ]);

    [Fact]
    public void A_group_is_held_against_those_that_are_stored() =>
        Errors([Web with { Timing = GroupTiming.Calm }], stored: [Web, Db]).ShouldHaveSingleItem().ShouldStartWith("groups[0].timing: ttl 5s");

    [Fact]
    public void A_whole_sync_group_is_changed_in_one_request() =>
        Errors([Web with { Timing = GroupTiming.Calm }, Db with { Timing = GroupTiming.Calm }], stored: [Web, Db]).ShouldBeEmpty();

    [Fact]
    public void One_that_leaves_it_may_differ() =>
        Errors([Web with { Timing = GroupTiming.Calm, SyncGroup = "" }], stored: [Web, Db]).ShouldBeEmpty();

    [Fact]
    public void Its_name_is_a_name_like_others() =>
        Errors([Web with { SyncGroup = "my shop" }]).ShouldBe(["groups[0].sync_group: my shop: the name of a sync group must not contain white space"]);

    private static ImmutableArray<string> Errors(Group[] groups, Group[]? stored = null) =>
        Sample.Errors(new ModelSet([new("a"), new("b")], [.. groups], []), new ModelSet([new("a"), new("b")], [.. stored ?? []], []));
}
