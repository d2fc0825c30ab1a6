using System.Collections.Immutable;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Model;

public sealed class HookValidationTests
{
    private static readonly Hook Good = new(
        "tell", [HookEvent.Promote], HookPhase.After, ["/usr/local/sbin/tell", "--loud"], TimeSpan.FromSeconds(10), "apps", HookStyle.Plain);

    [Fact]
    public void A_correct_one_is_taken_at_its_bounds_too()
    {
        Errors(Good).ShouldBeEmpty();
        Errors(Good with { Timeout = TimeSpan.FromMilliseconds(100), User = "" }).ShouldBeEmpty();
        Errors(Good with { Timeout = TimeSpan.FromHours(1), Events = [HookEvent.Promote, HookEvent.Demote, HookEvent.Fault, HookEvent.Stop] }).ShouldBeEmpty();
        Errors(Good with { Phase = HookPhase.Before, Timeout = TimeSpan.FromMinutes(1) }).ShouldBeEmpty();
        Errors(Good with { Phase = HookPhase.Before, Timeout = TimeSpan.FromHours(1), Events = [HookEvent.Demote] }).ShouldBeEmpty();
        Errors(Good with { Style = HookStyle.Keepalived }).ShouldBeEmpty();
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once() =>
        Errors(
            new Hook("", [], HookPhase.After, [], TimeSpan.Zero, "a b", HookStyle.Plain),
            Good with { Command = ["tell"], Events = [HookEvent.Promote, HookEvent.Promote] },
            Good with { Timeout = TimeSpan.FromHours(2) },
            Good with { Name = "b", Phase = HookPhase.Before, Timeout = TimeSpan.FromMinutes(2) },
            Good with { Name = "c", Phase = HookPhase.Before, Events = [HookEvent.Fault, HookEvent.Stop], Style = HookStyle.Keepalived, Command = ["/x", "a\0b"] })
            .ShouldBe(
            [
                "groups[0].hooks[0].name: a hook needs a name",
                "groups[0].hooks[0].events: a hook needs an event: promote, demote, fault or stop, or a list of them",
                "groups[0].hooks[0].command: the command is missing, for example [/usr/local/sbin/tell, --loud]",
                "groups[0].hooks[0].timeout: 0s: must be 100ms to 1h",
                "groups[0].hooks[0].user: a b: not a user's name: no colon, slash or white space (the user's groups are set by themselves)",
                "groups[0].hooks[1].events: promote: this event is named twice",
                "groups[0].hooks[1].command: tell: must begin with an absolute path: nothing is searched for, and no shell reads it",
                "groups[0].hooks[2].timeout: 2h: must be 100ms to 1h",
                "groups[0].hooks[2].name: tell: duplicate name: hooks[1] of this group is called so too",
                "groups[0].hooks[3].timeout: 2m: must be 100ms to 1m; the programs wait for a hook before a promotion",
                "groups[0].hooks[4].phase: before: keepalived's styles have no before: a state is told when it is reached",
                "groups[0].hooks[4].phase: before: there is no before for fault: it runs when that has happened",
                "groups[0].hooks[4].phase: before: there is no before for stop: it runs when that has happened",
                "groups[0].hooks[4].command: a\0b: must not contain control characters: take out the zero byte at position 2",
            ]);

    [Fact]
    public void A_group_has_not_more_than_32() =>
        Errors([.. Enumerable.Range(0, 33).Select(i => Good with { Name = $"h{i}" })])
            .ShouldBe(["groups[0].hooks: 33: a group has at most 32 hooks"]);

    private static ImmutableArray<string> Errors(params Hook[] hooks) => Sample.Errors(Sample.Group with { Hooks = [.. hooks] });
}
