using Grpc.Core;
using HaGrpc.Functional.Tests.ControlPlane.Parts;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>A host that an operator wants empty.</summary>
public sealed class DrainTests
{
    [Fact]
    public async Task What_nobody_else_can_run_stays_and_goes_when_somebody_can()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        await a.OwnAsync("web");

        var first = await Operator.RunAsync(plane.GrpcUrl, "drain", "a", "--reason", "new kernel");
        first.Out.ShouldStartWith("web: stays on a for now: no other member could do better; a is drained by ");
        first.Out.ShouldEndWith(": new kernel\n");
        first.Code.ShouldBe(1);
        var host = (await plane.Admin.ListHostsAsync(new())).Hosts.Single(h => h.Host.Name == "a");
        (host.DrainedReason, host.DrainedSince is null).ShouldBe(("new kernel", false));

        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        b.KeepBeating();
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Phase == "Releasing", "a is asked to release");
        await a.ReleaseAsync("web");
        await Until.HoldsAsync(async () => (await plane.Admin.ListGroupsAsync(new())).Groups.Single() is { Owner: "b", Phase: "Owned" }, "b owns the group");
        var group = (await plane.Admin.ListGroupsAsync(new())).Groups.Single();
        group.LastReason.ShouldStartWith("a is drained by ");
        group.Backups.Single().Obstacle.ShouldStartWith("drained by ");
        (await Should.ThrowAsync<RpcException>(async () => await plane.Admin.SwitchoverAsync(new() { Group = "web", TargetHost = "a" })))
            .Status.Detail.ShouldStartWith("a cannot take over now: drained by ");
        (await plane.ApplyAsync(Models.Web())).Errors.ShouldBeEmpty();
        (await plane.Admin.ListHostsAsync(new())).Hosts.Count(h => h.DrainedBy.Length > 0).ShouldBe(1, "no manifest takes it back");

        (await Operator.RunAsync(plane.GrpcUrl, "undrain", "a")).Out.ShouldBe("a: may own groups again\n");
        (await plane.Admin.ListGroupsAsync(new())).Groups.Single().Backups.Single().Obstacle.ShouldBe("");
        (await plane.Admin.ListEventsAsync(new() { Filter = new() { Kinds = { "HostDrained", "HostUndrained" } } })).Events
            .Select(e => (e.Kind, e.Host)).ShouldBe([("HostDrained", "a"), ("HostUndrained", "a")]);
    }

    [Fact]
    public async Task An_unknown_host_is_refused()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await Operator.RunAsync(plane.GrpcUrl, "drain", "nope")).ShouldBe(new(1, "", "hactl: refused: host: no host is called 'nope'\n"));
    }
}
