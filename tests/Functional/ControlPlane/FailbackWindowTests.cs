using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>A failback that is confined to a window, by the real clock: hours lie between what is open and what is shut.</summary>
public sealed class FailbackWindowTests
{
    private const int Day = 24 * 60;

    [Fact]
    public async Task A_failback_waits_for_its_window_and_operators_see_when_it_opens()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        (await plane.ApplyAsync(Request(openIn: 360))).Errors.ShouldBeEmpty();
        await using var b = await AgentDouble.AttachAsync(plane.GrpcUrl, "b");
        b.ReleasesWhenAsked = true;
        await b.OwnAsync("web");
        await using var a = await AgentDouble.AttachAsync(plane.GrpcUrl, "a");
        a.KeepBeating();

        await Until.HoldsAsync(
            async () => (await WebAsync(plane)).Detail.StartsWith("the failback to a waits: its window opens at 2", StringComparison.Ordinal),
            "it says when the window opens");
        (await WebAsync(plane)).Owner.ShouldBe("b");

        (await plane.ApplyAsync(Request(openIn: -60))).Errors.ShouldBeEmpty();
        await Until.HoldsAsync(async () => (await WebAsync(plane)) is { Owner: "a", Phase: "Owned" }, "a owns the group");
    }

    /// <summary>A window of two hours that opens in so many minutes.</summary>
    private static ApplyRequest Request(int openIn)
    {
        var from = (int)TimeProvider.System.GetUtcNow().TimeOfDay.TotalMinutes + openIn + Day;
        var web = Models.Group("web", new Member { Host = "a", Priority = 120 }, new Member { Host = "b", Priority = 110 });
        web.Failback = new()
        {
            Mode = FailbackMode.Automatic,
            Window = new() { FromMinute = from % Day, ToMinute = (from + 120) % Day },
        };
        return new() { Hosts = { new Host { Name = "a" }, new Host { Name = "b" } }, Groups = { web } };
    }

    private static async Task<GroupStatus> WebAsync(InProcessPlane plane) => (await plane.Admin.ListGroupsAsync(new())).Groups.Single();
}
