using HaGrpc.Core.Hooks;
using HaGrpc.Core.Model;

namespace HaGrpc.Core.Tests.Hooks;

public sealed class HookPlanTests
{
    private static readonly Hook[] All =
    [
        SomeHooks.Hook("up", HookEvent.Promote, HookPhase.Before),
        SomeHooks.Hook("every", HookEvent.Promote, HookPhase.After, HookStyle.Keepalived, HookEvent.Demote, HookEvent.Fault, HookEvent.Stop),
        SomeHooks.Hook("master", HookEvent.Promote, HookPhase.After, HookStyle.KeepalivedState),
        SomeHooks.Hook("backup", HookEvent.Demote, HookPhase.After, HookStyle.KeepalivedState),
        SomeHooks.Hook("leaving", HookEvent.Demote, HookPhase.Before),
        SomeHooks.Hook("down", HookEvent.Demote),
        SomeHooks.Hook("stop", HookEvent.Stop),
    ];

    [Theory]
    [InlineData(HookOccasion.Taking, "up:promote:owner")]
    [InlineData(HookOccasion.Taken, "every:promote:owner master:promote:owner")]
    [InlineData(HookOccasion.Giving, "leaving:demote:owner")]
    [InlineData(HookOccasion.Given, "every:demote:standby backup:demote:standby down:demote:standby")]
    // keepalived: a stop is no BACKUP. Others are demoted by it.
    [InlineData(HookOccasion.Stopped, "every:stop:standby down:demote:standby stop:stop:standby")]
    [InlineData(HookOccasion.Failed, "every:fault:fault")]
    [InlineData(HookOccasion.Unfit, "every:fault:fault")]
    // keepalived tells BACKUP when it starts.
    [InlineData(HookOccasion.StandingBy, "every:demote:standby backup:demote:standby")]
    public void Each_occasion_calls_its_hooks_in_their_order(HookOccasion occasion, string calls) =>
        string.Join(' ', HookPlan.Of([.. All], occasion).Select(c => $"{c.Hook.Name}:{c.EventWord}:{c.Role}")).ShouldBe(calls);

    [Fact]
    public void What_runs_as_owner_needs_the_lease_and_nothing_else_does()
    {
        foreach (var occasion in Enum.GetValues<HookOccasion>())
        {
            foreach (var call in HookPlan.Of([.. All], occasion))
                call.NeedsLease.ShouldBe(call.Role == "owner", $"{occasion} {call.Hook.Name}");
        }
    }

    [Theory]
    [InlineData(HookOccasion.Taken, "MASTER")]
    [InlineData(HookOccasion.Given, "BACKUP")]
    [InlineData(HookOccasion.StandingBy, "BACKUP")]
    [InlineData(HookOccasion.Failed, "FAULT")]
    [InlineData(HookOccasion.Stopped, "STOP")]
    public void Keepaliveds_arguments_stand_behind_the_command(HookOccasion occasion, string state) =>
        HookPlan.Of([All[1]], occasion).Single().Words("web", 120).ShouldBe(["/sbin/every", "x", "INSTANCE", "web", state, "120"]);

    [Fact]
    public void The_other_styles_execute_what_is_written() =>
        HookPlan.Of([All[2]], HookOccasion.Taken).Single().Words("web", 120).ShouldBe(["/sbin/master", "x"]);

    [Fact]
    public void A_hook_is_told_the_same_in_its_environment_and_as_json()
    {
        var call = HookPlan.Of([All[0]], HookOccasion.Taking).Single();
        var facts = SomeHooks.Facts("a \"loss\"\0 of b");
        facts.Environment(call).Select(v => $"{v.Key}={v.Value}").ShouldBe(
        [
            "HAGRPC_HOOK=up", "HAGRPC_EVENT=promote", "HAGRPC_PHASE=before", "HAGRPC_GROUP=web", "HAGRPC_ROLE=owner", "HAGRPC_HOST=a",
            "HAGRPC_REASON=a \"loss\"  of b", "HAGRPC_EPOCH=7", "HAGRPC_PRIORITY=120",
        ]);
        var json = System.Text.Json.Nodes.JsonNode.Parse(facts.Json(call))!.AsObject();
        json.Select(f => $"HAGRPC_{f.Key.ToUpperInvariant()}={f.Value}").ShouldBe(facts.Environment(call).Select(v => $"{v.Key}={v.Value}"));
    }
}
