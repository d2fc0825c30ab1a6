using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>The history by kinds: those of the catalogue, and those that only another version knows.</summary>
public sealed class EventKindTests
{
    [Fact]
    public async Task A_filter_by_a_kind_that_is_none_is_refused_with_the_nearest_and_what_another_version_wrote_is_kept()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await using var agent = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await agent.SendAsync(new() { Event = new AgentEvent { Id = "a/1", Kind = "MoonRisen", Group = "web", Message = "over the rack" } });

        await Until.HoldsAsync(
            async () => (await Operator.RunAsync(plane.GrpcUrl, "events", "-n", "100")).Out.Contains("MoonRisen", StringComparison.Ordinal), "it is stored and shown");
        (await plane.Admin.ListEventsAsync(new() { Filter = new() { Kinds = { "MoonRisen" }, AllowUnknownKinds = true } })).Events.ShouldHaveSingleItem().Message.ShouldBe("over the rack");

        const string Problems = "filter.kinds: GroupRegistred: there is no such kind of events; did you mean GroupRegistered?; "
            + "filter.kinds: MoonRisen: there is no such kind of events: docs/reference/events.md has them all";
        var refused = await Should.ThrowAsync<RpcException>(
            async () => await plane.Admin.ListEventsAsync(new() { Filter = new() { Kinds = { "GroupRegistred", "GroupRegistered", "MoonRisen" } } }));
        (refused.StatusCode, refused.Status.Detail).ShouldBe((StatusCode.InvalidArgument, Problems));
        foreach (var follow in new[] { "--kind=GroupRegistred", "--follow" })
        {
            var run = await Operator.RunAsync(plane.GrpcUrl, "events", follow, "--kind", "GroupRegistred", "--kind", "MoonRisen");
            (run.Code, run.Out).ShouldBe((2, ""));
            run.Error.ShouldContain(Problems);
        }
        (await Operator.RunAsync(plane.GrpcUrl, "events", "--kind", "GroupRegistered")).Out.ShouldContain("group/web registered");
    }
}
