using Grpc.Core;
using HaGrpc.ControlPlane.Storage;
using HaGrpc.Functional.Tests.ControlPlane.Parts;
using HaGrpc.V1;

namespace HaGrpc.Functional.Tests.ControlPlane;

/// <summary>What becomes of requests that want to change the same configuration.</summary>
public sealed class ApplyTests
{
    [Fact]
    public async Task Of_applies_at_the_same_time_none_is_lost_and_none_is_done_twice()
    {
        const int Applies = 12;
        await using var plane = await InProcessPlane.StartLeadingAsync();

        var responses = await Task.WhenAll(Enumerable.Range(0, Applies).Select(i => plane.ApplyAsync(
            new() { Hosts = { new Host { Name = $"h{i:D2}" }, new Host { Name = "same", Description = $"{i}" } } })));

        var snapshot = await plane.Service<Store>().Registry.ReadAsync();
        snapshot.ConfigurationRevision.ShouldBe(Applies);
        snapshot.Hosts.Length.ShouldBe(Applies + 1);
        snapshot.Hosts.Single(h => h.Spec.Name == "same").Revision.ShouldBe(Applies);
        responses.Count(r => r.Changes[1].Kind == V1.ChangeKind.Created).ShouldBe(1);
    }

    [Fact]
    public async Task What_an_apply_restarts_is_said_before_and_with_it()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        await plane.ApplyAsync(Models.Web());
        var edit = Models.Web();
        edit.Programs[0].Command = "/bin/false";
        edit.Programs[0].Environment["A"] = "1";
        edit.Programs[1].StopSignal = "INT";
        edit.DryRun = true;
        var before = await plane.ApplyAsync(edit);
        edit.DryRun = false;
        var after = await plane.ApplyAsync(edit);
        foreach (var answer in new[] { before, after })
        {
            answer.Changes.Single(c => c.Object == "program/web:http").RestartedFor.ShouldBe(["command", "environment"]);
            answer.Changes.Single(c => c.Object == "program/web:db").RestartedFor.ShouldBeEmpty();
        }

        // One that shall be stopped is not restarted, nor is one that is stopped.
        edit.Programs[0].Command = "/bin/true";
        edit.Programs[0].DesiredState = DesiredState.Stopped;
        (await plane.ApplyAsync(edit)).Changes.ShouldAllBe(c => c.RestartedFor.Count == 0);
        edit.Programs[0].Command = "/bin/false";
        edit.Programs[0].DesiredState = DesiredState.Running;
        (await plane.ApplyAsync(edit)).Changes.ShouldAllBe(c => c.RestartedFor.Count == 0);
    }

    [Fact]
    public async Task A_writer_beside_the_control_plane_makes_one_of_two_applies_of_a_revision_lose_as_a_whole()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var registry = plane.Service<Store>().Registry;
        using var enough = new CancellationTokenSource();
        var conflicts = 0;
        var beside = Task.Run(async () =>
        {
            var (applied, lost) = (0, 0);
            while (!enough.IsCancellationRequested)
            {
                var read = await registry.ReadAsync();
                var write = await registry.ApplyAsync(
                    new() { Hosts = [new($"beside{applied:D4}")] }, read.ConfigurationRevision, "beside");
                if (write.Outcome == RegistryOutcome.Applied)
                    applied++;
                else
                    Volatile.Write(ref conflicts, ++lost);
            }
            return applied;
        });
        var (applied, refused) = (0, 0);
        while (applied < 20 || (Volatile.Read(ref conflicts) + refused == 0 && applied < 1000))
        {
            try
            {
                await plane.ApplyAsync(new() { Hosts = { new Host { Name = $"api{applied:D4}" }, new Host { Name = $"api{applied:D4}b" } } });
                applied++;
            }
            catch (RpcException e)
            {
                e.StatusCode.ShouldBe(StatusCode.Aborted);
                e.Status.Detail.ShouldStartWith("somebody else changes the configuration at the same time, nothing was applied: ");
                refused++;
            }
        }
        await enough.CancelAsync();
        var others = await beside;

        var snapshot = await registry.ReadAsync();
        (conflicts + refused).ShouldBeGreaterThan(0, "two of the same revision must have met");
        snapshot.ConfigurationRevision.ShouldBe(applied + others);
        snapshot.Hosts.Count(h => h.Spec.Name.StartsWith("api", StringComparison.Ordinal)).ShouldBe(2 * applied);
        snapshot.Hosts.Count(h => h.Spec.Name.StartsWith("beside", StringComparison.Ordinal)).ShouldBe(others);
    }

    [Fact]
    public async Task A_bad_request_is_refused_with_every_error_and_changes_nothing()
    {
        await using var plane = await InProcessPlane.StartLeadingAsync();
        var response = await plane.Admin.ApplyAsync(new()
        {
            Hosts = { new Host { Name = "a", Description = "zero\0" } },
            Groups = { Models.Group("web", new Member { Host = "nobody", Priority = 1 }) },
        });
        response.Errors.Select(e => $"{e.Path}: {e.Message}").ShouldBe(
        [
            "hosts[0].description: must not contain control characters: take out the zero byte at position 5",
            "groups[0].members[0].host: unknown host; known: a",
        ]);
        (await plane.Service<Store>().Registry.ReadAsync()).ConfigurationRevision.ShouldBe(0);
    }
}
