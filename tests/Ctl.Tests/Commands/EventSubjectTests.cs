using HaGrpc.V1;

namespace HaGrpc.Ctl.Tests.Commands;

/// <summary>The history of a group or host that nobody knows: silence would look like peace.</summary>
public sealed class EventSubjectTests
{
    [Fact]
    public async Task A_group_and_a_host_that_never_were_are_named_with_the_nearest_both_at_once()
    {
        await using var plane = await StartAsync();
        var run = await plane.RunAsync("events", "--group", "wob", "--host", "host-aa");
        run.ShouldBe(new(2, "",
            "hactl: --group wob: there is no such group, and the history knows none; did you mean web?\n"
            + "hactl: --host host-aa: there is no such host, and the history knows none; did you mean host-a?\n"));
        (await plane.RunAsync("events", "--group", "quite-another")).ShouldBe(new(2, "",
            "hactl: --group quite-another: there is no such group, and the history knows none; known are mail, web\n"));
        (await plane.RunAsync("--lang", "zh", "events", "--group", "wob")).Error.ShouldBe("hactl: --group wob：没有这个组，历史中也没有；是否要用 web？\n");
    }

    [Fact]
    public async Task What_is_registered_and_what_the_history_knows_of_a_deleted_one_is_no_mistake()
    {
        await using var plane = await StartAsync();
        (await plane.RunAsync("events", "--group", "web", "--host", "host-a")).ShouldBe(new(0, "", ""));
        plane.Admin.OnEvents = request => request.Filter is { Group: "gone", Kinds.Count: 0 } or { Host: "gone", Kinds.Count: 0 } ? new() { Events = { new Event { Id = 3 } } } : new();
        (await plane.RunAsync("events", "--group", "gone", "--kind", "GroupLocked")).ShouldBe(new(0, "", ""));
        (await plane.RunAsync("events", "--host", "gone", "--kind", "GroupLocked")).ShouldBe(new(0, "", ""));
        // Nothing was asked for.
        (await plane.RunAsync("events", "--group", "wob", "-n", "0")).ShouldBe(new(0, "", ""));
    }

    [Fact]
    public async Task Whoever_follows_what_may_come_yet_is_told_and_waits()
    {
        await using var plane = await StartAsync();
        var streams = 0;
        plane.Admin.OnWatch = _ => ++streams == 1 ? [new Event { Id = 11, Kind = "GroupRegistered", Group = "wob" }] : throw new Grpc.Core.RpcException(new(Grpc.Core.StatusCode.PermissionDenied, "enough"));
        var run = await plane.RunAsync("events", "-f", "--group", "wob");
        run.Out.ShouldContain("GroupRegistered");
        run.Error.ShouldStartWith("hactl: --group wob: there is no such group, and the history knows none; did you mean web?\n");
        streams.ShouldBe(2);
    }

    private static async Task<FakeControlPlane> StartAsync()
    {
        var plane = await FakeControlPlane.StartAsync();
        plane.Admin.OnGroups = () => new() { Groups = { new GroupStatus { Group = new() { Name = "web" } }, new GroupStatus { Group = new() { Name = "mail" } } } };
        plane.Admin.OnHosts = () => new() { Hosts = { new HostStatus { Host = new() { Name = "host-a" } } } };
        return plane;
    }
}
