using Grpc.Core;
using HaGrpc.Contracts;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.Storage.Tests.Databases;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>The database fails over to a standby (rule S4): a real PostgreSQL, killed, and a real one promoted.</summary>
[Collection(OnePostgres.Name)]
public sealed class DatabaseFailoverTests
{
    [Fact]
    public async Task A_promoted_standby_is_found_and_costs_no_failover_of_a_group_and_no_event()
    {
        await using var databases = await PostgresPair.StartAsync();
        await using var plane = await InProcessPlane.StartLeadingAsync($"--postgres={databases.ConnectionString}");
        await using var other = await InProcessPlane.StartAsync($"--postgres={databases.ConnectionString}");
        var model = Models.Web();
        model.Groups[0].Timing = Models.Calm();
        model.Groups[0].Timing.Ttl = TimeSpan.FromSeconds(20).ToProto(); // Longer than a promotion on a busy machine.
        await plane.ApplyAsync(model);
        await using var a = new RoamingAgent("a", plane.GrpcUrl, other.GrpcUrl);
        await using var b = new RoamingAgent("b", plane.GrpcUrl, other.GrpcUrl);
        await Until.HoldsAsync(() => Task.FromResult(a.Owns("web")), "a owns web");
        await b.UntilAnsweredAsync(1);
        for (var i = 0; i < 20; i++)
            await plane.ApplyAsync(new() { Hosts = { new Host { Name = $"before{i}" } } });
        var known = (await plane.Admin.ListEventsAsync(new() { Limit = 1000 })).Events;

        var watch = new BootWatch();
        await databases.KillPrimaryAsync();
        await databases.PromoteAsync();
        var promoted = watch.Elapsed;
        var leader = await LeaderOfAsync(2, plane, other);
        var leads = watch.Elapsed;
        await a.UntilAnsweredAsync(2);
        var answered = watch.Elapsed;
        await b.UntilAnsweredAsync(2);
        await leader.ApplyAsync(new() { Hosts = { new Host { Name = "after" } } });
        TestContext.Current.TestOutputHelper?.WriteLine(
            $"promoted after {promoted.TotalMilliseconds:F0} ms, leads again after {leads.TotalMilliseconds:F0} ms, owner answered after "
            + $"{answered.TotalMilliseconds:F0} ms, longest time without an answered heartbeat {a.LongestGap.TotalMilliseconds:F0} ms");

        a.LongestGap.ShouldBeLessThan(model.Groups[0].Timing.Ttl.ToModel(TimeSpan.Zero), "the owner's lease never ran out");
        await Until.HoldsAsync(
            async () => (await leader.Admin.ListGroupsAsync(new())).Groups.Single() is { Owner: "a", Epoch: 1, LeaseLeft: not null }, "a still owns web at epoch 1");
        await Until.HoldsAsync(
            async () => (await leader.Admin.ListEventsAsync(new() { Limit = 1000 })).Events.Any(e => e.Kind == "DatabaseChanged"), "it says that the database is another one");
        var events = (await leader.Admin.ListEventsAsync(new() { Limit = 1000 })).Events;
        events.Take(known.Count).ShouldBe(known, "nothing that was committed is lost");
        events.Count(e => e.Kind == "OwnerPromoted").ShouldBe(1);
        events.ShouldContain(e => e.Host == "after");
        events.First(e => e.Kind == "DatabaseChanged").Message.ShouldMatch("timeline 1 and is system [0-9]+, timeline 2: a standby was promoted");
        foreach (var one in new[] { plane, other })
            await Until.HoldsAsync(async () => (await one.GetAsync("/readyz")).Status == 200, "both have found it");
    }

    /// <summary>PostgreSQL answers a commit that no standby has confirmed with a success and a warning, when its wait is cut short.</summary>
    [Fact]
    public async Task A_standby_that_confirms_nothing_costs_no_leadership_and_is_no_success()
    {
        await using var databases = await PostgresPair.StartAsync();
        await using var plane = await InProcessPlane.StartLeadingAsync($"--postgres={databases.ConnectionString}");
        await plane.ApplyAsync(Models.Web());

        await databases.StandbyAsync(receives: false);
        var refused = await Should.ThrowAsync<RpcException>(async () => await plane.Admin.ApplyAsync(new() { Hosts = { new Host { Name = "alone" } } }));

        refused.StatusCode.ShouldBe(StatusCode.Unavailable);
        refused.Status.Detail.ShouldContain("no synchronous standby has confirmed it in time");
        plane.Service<HaGrpc.ControlPlane.Leader.LeaderSeat>().Current!.Term.Number.ShouldBe(1, "renewals wait for no standby, and this took longer than the row lives");
        await databases.StandbyAsync(receives: true);
        await plane.ApplyAsync(new() { Hosts = { new Host { Name = "together" } } });
    }

    private static async Task<InProcessPlane> LeaderOfAsync(long term, params InProcessPlane[] planes)
    {
        InProcessPlane? leader = null;
        await Until.HoldsAsync(
            () => Task.FromResult((leader = planes.FirstOrDefault(
                p => p.Service<HaGrpc.ControlPlane.Leader.LeaderSeat>().Current?.Term.Number >= term)) is not null),
            "one of them leads again");
        return leader!;
    }
}
